import CGSL
import Foundation
import Matrices

/// The distribution of Lewandowski, Kurowicka and Joe (2009, doi:10.1016/j.jmva.2009.04.008) on lower Cholesky factors L
/// `[K, K]` of correlation matrices C = L·Lᵀ, for which p(C) ∝ det(C)^(η−1): density ∝ Π_{i≥2} Lᵢᵢ^(K−i+2η−2).
///
/// η = 1 is uniform over correlation matrices; larger η prefers the identity.
public struct LKJCholesky: MatrixDistribution {
    public let size: Int
    /// η.
    public let concentration: Double

    /// - Throws: `DistributionError.invalidParameter` unless `size` ≥ 2 and `concentration` is finite and above 0.
    public init(size: Int, concentration: Double) throws(DistributionError) {
        (self.size, self.concentration) = (size, concentration)
        try Self.check("size", Double(size), .integer(from: 2, through: nil))
        try Self.check("concentration", concentration, .positive)
    }

    public static var name: String { "LKJCholesky" }
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("size", [Double(size)], .integer(from: 2, through: nil)),
            DistributionParameter("concentration", [concentration], .positive),
        ]
    }
    public var support: Support { .correlationCholesky(size: size) }

    /// The squared length of row i (from 0) left of the diagonal is Beta(i/2, η + (K − 1 − i)/2).
    private func shapes(_ i: Int) -> (a: Double, b: Double) {
        (0.5 * Double(i), concentration + 0.5 * Double(size - 1 - i))
    }
    /// The exponent of Lᵢᵢ, i from 0.
    func exponent(_ i: Int) -> Double { Double(size - i - 3) + 2 * concentration }

    /// 0 below the diagonal, E[Lᵢᵢ] on it.
    public var mean: Matrix<Double> {
        var result = Matrix<Double>(rows: size, columns: size)
        result[0, 0] = 1
        for i in 1..<size {
            let (a, b) = shapes(i)
            result[i, i] = exp(logBeta(b + 0.5, a) - logBeta(b, a))
        }
        return result
    }
    public var variance: Matrix<Double> {
        let mean = mean
        var result = Matrix<Double>(rows: size, columns: size)
        for i in 1..<size {
            let (a, b) = shapes(i)
            for j in 0..<i { result[i, j] = a / (a + b) / Double(i) }
            result[i, i] = b / (a + b) - mean[i, i] * mean[i, i]
        }
        return result
    }
    /// The identity for η > 1; else NaN.
    public var mode: Matrix<Double> {
        concentration > 1 ? .diagonal(Array(repeating: 1, count: size)) : .undefined(size: size)
    }

    /// Σ over rows of the logarithm of ∫ (1 − ‖r‖²)^(exponent/2) over the unit ball.
    var logNormaliser: Double {
        (1..<size).reduce(0) { sum, i in
            let (a, b) = shapes(i)
            // The sphere's surface 2π^a/Γ(a), half of B(a, b).
            return sum + a * log(Double.pi) - logGamma(a) + logBeta(a, b)
        }
    }

    public var entropy: Double {
        (1..<size).reduce(logNormaliser) { $0 - exponent($1) * expectedLogDiagonal($1) }
    }

    /// E[ln Lᵢᵢ], i from 0.
    func expectedLogDiagonal(_ i: Int) -> Double {
        let (a, b) = shapes(i)
        return 0.5 * (digamma(b) - digamma(a + b))
    }

    public func logDensity(_ x: Matrix<Double>) -> Double {
        precondition(x.rows == size && x.columns == size, "[\(x.rows), \(x.columns)] for an LKJ factor of size \(size)")
        guard support.contains(x) else { return -.infinity }
        return logDensity(diagonal: (0..<size).map { x[$0, $0] })
    }

    /// From the diagonal of a factor.
    func logDensity(diagonal: [Double]) -> Double {
        (1..<size).reduce(-logNormaliser) { $0 + exponent($1) * log(diagonal[$1]) }
    }

    /// The onion method: each row a random direction with a random length.
    public func sample(_ stream: inout RandomStream) -> Matrix<Double> {
        var result = Matrix<Double>(rows: size, columns: size)
        result[0, 0] = 1
        for i in 1..<size {
            let (a, b) = shapes(i)
            let square = stream.withGenerator { gsl_ran_beta($0, a, b) }
            for j in 0..<i { result[i, j] = stream.gaussian() }
            Self.scaleRow(result.mutablePointer() + i * size, i, square: square)
        }
        return result
    }

    public func sample(_ count: Int, _ stream: inout RandomStream) -> [Matrix<Double>] {
        let size = size
        let directions = TriangleNoise(size: size, count: count, &stream)
        var lengths: [[Double]] = []
        for i in 1..<size {
            var column = [Double](repeating: 0, count: count)
            let (a, b) = shapes(i)
            // Shapes above 0 are always right.
            guard let beta = try? Beta(concentration1: a, concentration0: b) else { return [] }
            column.withUnsafeMutableBufferPointer { beta.fill($0, &stream) }
            lengths.append(column)
        }
        let squares = lengths
        return matrixDraws(count, size: size) { index, l in
            directions.write(index, to: l)
            l[0] = 1
            for i in 1..<size { Self.scaleRow(l + i * size, i, square: squares[i - 1][index]) }
        }
    }

    /// Scales the `i` numbers of a row to the squared length, and sets the diagonal to the rest.
    private static func scaleRow(_ row: UnsafeMutablePointer<Double>, _ i: Int, square: Double) {
        var sum = 0.0
        for j in 0..<i { sum += row[j] * row[j] }
        let factor = (square / sum).squareRoot()
        for j in 0..<i { row[j] *= factor }
        row[i] = max(Double.leastNormalMagnitude, 1 - square).squareRoot()
    }
}

extension LKJCholesky: ReparameterizedDistribution {
    /// By the size, which cannot move, 0; by η: the squared lengths move as beta numbers do, directions stay. O(K²).
    public func pathwiseGradient(at value: Matrix<Double>, cotangent: Matrix<Double>) -> [[Double]] {
        var slope = 0.0
        for i in 1..<size {
            let (a, b) = shapes(i)
            let square = (0..<i).reduce(0.0) { $0 + value[i, $1] * value[i, $1] }
            guard square > 0 else { continue }
            let along = (0..<i).reduce(0.0) { $0 + cotangent[i, $1] * value[i, $1] }
            let move = betaConcentrationDerivatives(a, b, square, value[i, i] * value[i, i]).second
            slope += 0.5 * move * (along / square - cotangent[i, i] / value[i, i])
        }
        return [[0], [slope]]
    }
}
