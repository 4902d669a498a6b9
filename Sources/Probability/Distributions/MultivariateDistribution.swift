import Matrices

/// A distribution of vectors. Counts and indicators are whole numbers held as `Double`, so that every such distribution
/// works on batches `Matrix<Double>` `[rows, dimension]`.
public protocol MultivariateDistribution: Distribution where Value == [Double] {
    var dimension: Int { get }
    var mean: [Double] { get }
    /// The variance of each coordinate.
    var variance: [Double] { get }
    /// Cov(x) `[dimension, dimension]`; NaN or infinite where it does not exist.
    var covariance: Matrix<Double> { get }
    /// The point of highest density or probability; NaN where there is none, or several separate ones.
    var mode: [Double] { get }
    /// Fills `rows` `[rows, dimension]` with independent draws, without a copy where a bulk sampler exists; then another
    /// sequence than single draws.
    func fill(_ rows: inout Matrix<Double>, _ stream: inout RandomStream)
    /// The log density of each row of `[rows, dimension]`.
    func logDensities(_ rows: Matrix<Double>) -> [Double]
}

extension MultivariateDistribution {
    public func fill(_ rows: inout Matrix<Double>, _ stream: inout RandomStream) {
        checkWidth(rows.columns)
        let (target, columns) = (rows.mutablePointer(), rows.columns)
        for row in 0..<rows.rows { (target + row * columns).update(from: sample(&stream), count: columns) }
    }

    /// `rows` independent draws, `[rows, dimension]`, as `fill` makes them.
    public func sampleMatrix(rows: Int, _ stream: inout RandomStream) -> Matrix<Double> {
        var result = Matrix<Double>(uninitialized: rows, dimension)
        fill(&result, &stream)
        return result
    }

    public func sample(_ count: Int, _ stream: inout RandomStream) -> [[Double]] {
        let draws = sampleMatrix(rows: count, &stream)
        return (0..<count).map { draws.row($0) }
    }

    public func logDensities(_ rows: Matrix<Double>) -> [Double] {
        checkWidth(rows.columns)
        return (0..<rows.rows).map { logDensity(rows.row($0)) }
    }

    /// A vector of another length is a programming error.
    func checkWidth(_ count: Int) {
        precondition(count == dimension, "\(count) numbers for a distribution of \(dimension) dimensions")
    }
}

/// A distribution of square matrices `[size, size]`.
public protocol MatrixDistribution: Distribution where Value == Matrix<Double> {
    var size: Int { get }
    var mean: Matrix<Double> { get }
    /// The variance of each element.
    var variance: Matrix<Double> { get }
    /// The matrix of highest density; NaN where there is none.
    var mode: Matrix<Double> { get }
}

extension Matrix where Scalar == Double {
    /// A square matrix of NaN, for moments that do not exist.
    static func undefined(size: Int) -> Matrix { Matrix(rows: size, columns: size, repeating: .nan) }

    /// diag(values).
    static func diagonal(_ values: [Double]) -> Matrix {
        var result = Matrix(rows: values.count, columns: values.count)
        for (index, value) in values.enumerated() { result[index, index] = value }
        return result
    }
}
