import Matrices

/// A parameter of a model: its name, where its values lie, and what is known of it before the data.
///
/// ```swift
/// try ModelParameter("scale", prior: HalfCauchy(scale: 5))
/// try ModelParameter("effect", prior: Normal.standard, count: 8)      // eight independent numbers
/// try ModelParameter("shares", prior: Dirichlet(concentration: [1, 1, 1]))
/// try ModelParameter("cuts", .ordered(dimension: 4))                  // a flat prior
/// try ModelParameter("correlation", prior: LKJCholesky(size: 3, concentration: 2))
/// ```
public struct ModelParameter: Sendable {
    public let name: String
    public let support: Support
    /// Numbers of a value: for intervals the count, for matrices the elements on and below the diagonal, row by row.
    public var valueCount: Int { map.valueCount }
    let map: UnconstrainedMap
    let prior: Prior?

    /// The prior density of the parameter's numbers, with its gradient.
    struct Prior: Sendable {
        var logDensity: @Sendable ([Double]) -> Double
        var score: @Sendable ([Double]) -> [Double]
    }

    /// A parameter with a flat prior over its support, which must not be infinitely wide unless the likelihood bounds it.
    ///
    /// - Parameter count: numbers of an interval that the parameter has; ignored for vectors and matrices.
    /// - Throws: `ParameterSpaceError.noMap` for supports of whole numbers and of full matrices, and for a count below 1.
    public init(_ name: String, _ support: Support, count: Int = 1) throws(ParameterSpaceError) {
        try self.init(name, support, count, nil)
    }

    /// `count` independent numbers of one prior.
    ///
    /// - Throws: `ParameterSpaceError.noMap` for a count below 1.
    public init(
        _ name: String, prior: some ContinuousDistribution & DifferentiableDensity, count: Int = 1
    ) throws(ParameterSpaceError) {
        try self.init(
            name, prior.support, count,
            Prior(
                logDensity: { $0.reduce(0) { $0 + prior.logDensity($1) } }, score: { $0.map { prior.score($0) } }))
    }

    /// A vector with a prior.
    ///
    /// - Throws: `ParameterSpaceError.noMap` for products of different intervals.
    public init(
        _ name: String, prior: some MultivariateDistribution & DifferentiableDensity
    ) throws(ParameterSpaceError) {
        try self.init(
            name, prior.support, prior.dimension,
            Prior(logDensity: { prior.logDensity($0) }, score: { prior.score($0) }))
    }

    /// The Cholesky factor of a correlation matrix.
    ///
    /// - Throws: nothing for any distribution of this module.
    public init(_ name: String, prior: LKJCholesky) throws(ParameterSpaceError) {
        let size = prior.size
        try self.init(
            name, prior.support, 1,
            Prior(
                logDensity: { y in
                    // The density needs the diagonal alone, which the map has made positive.
                    prior.logDensity(diagonal: (0..<size).map { y[$0 * ($0 + 3) / 2] })
                },
                score: { y in
                    var result = [Double](repeating: 0, count: y.count)
                    for i in 1..<size { result[i * (i + 3) / 2] = prior.exponent(i) / y[i * (i + 3) / 2] }
                    return result
                }))
    }

    private init(_ name: String, _ support: Support, _ count: Int, _ prior: Prior?) throws(ParameterSpaceError) {
        guard count >= 1, let map = UnconstrainedMap(support, count: count) else {
            throw .noMap(parameter: name, support: support, count: count)
        }
        (self.name, self.support, self.map, self.prior) = (name, support, map, prior)
    }

    /// A name for each number: `scale`, `effect[0]`, `correlation[1, 0]`.
    var valueNames: [String] {
        switch support {
        case .lowerCholesky(let size), .correlationCholesky(let size):
            (0..<size).flatMap { i in (0...i).map { "\(name)[\(i), \($0)]" } }
        default: valueCount == 1 ? [name] : (0..<valueCount).map { "\(name)[\($0)]" }
        }
    }

    /// Whether a value of so many numbers lies in the support.
    func contains(_ y: [Double]) -> Bool {
        if case .interval = support { return y.allSatisfy { support.contains($0) } }
        return support.contains(y)
    }
}

/// What a description of parameters, or a value for them, refuses.
public enum ParameterSpaceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No smooth map reaches the support from unconstrained numbers.
    case noMap(parameter: String, support: Support, count: Int)
    case noParameters
    case duplicateName(String)
    /// A value with another number of elements than the parameters have together.
    case wrongCount(found: Int, expected: Int)
    case outsideSupport(parameter: String, values: [Double], support: Support)

    public var description: String {
        switch self {
        case .noMap(let parameter, let support, let count):
            "parameter \(parameter): no map from unconstrained numbers to \(count) of \(support), "
                + "expected a count of 1 or more of an interval, a simplex, an ordered vector or a Cholesky factor"
        case .noParameters: "a parameter space without parameters, expected 1 or more"
        case .duplicateName(let name): "parameter \(name) stands twice, expected names that differ"
        case .wrongCount(let found, let expected): "\(found) values for the parameters, expected \(expected)"
        case .outsideSupport(let parameter, let values, let support):
            "parameter \(parameter) is \(values), expected a value in \(support)"
        }
    }
}
