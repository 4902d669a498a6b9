import Foundation
import Matrices

/// The multivariate normal distribution N(μ, Σ), held as the lower Cholesky factor of Σ = L·Lᵀ.
///
/// O(d³) to make from a covariance or a precision matrix, O(d²) per value. For independent coordinates use
/// `DiagonalNormal`, for a diagonal and a few factors `LowRankMultivariateNormal`.
public struct MultivariateNormal: MultivariateDistribution, NormalTransport {
    public let mean: [Double]
    /// L `[d, d]`, lower triangular with positive diagonal.
    public let choleskyFactor: Matrix<Double>
    private let logNormaliser: Double

    /// From the covariance Σ, of which the lower triangle is used.
    ///
    /// - Throws: `DistributionError` unless μ is finite and Σ `[d, d]` is finite, symmetric and positive definite.
    public init(mean: [Double], covariance: Matrix<Double>) throws(DistributionError) {
        try self.init(mean, Self.factor("covariance", covariance, size: mean.count))
    }

    /// From the precision Σ⁻¹.
    ///
    /// - Throws: as `init(mean:covariance:)`.
    public init(mean: [Double], precision: Matrix<Double>) throws(DistributionError) {
        // With J the exchange of order, J·Σ⁻¹·J = M·Mᵀ makes L = J·M⁻ᵀ·J lower triangular: no inverse of Σ⁻¹ is formed.
        let d = mean.count
        try Self.checkSquare("precision", precision, size: d)
        var flipped = Matrix<Double>(rows: d, columns: d)
        for i in 0..<d { for j in 0..<d { flipped[i, j] = precision[d - 1 - i, d - 1 - j] } }
        let m = try Self.factor("precision", flipped, size: d)
        var factor = Matrix<Double>(rows: d, columns: d)
        for column in 0..<d {
            var unit = [Double](repeating: 0, count: d)
            unit[column] = 1
            for (row, value) in m.solvingLower(unit).enumerated() { factor[d - 1 - column, d - 1 - row] = value }
        }
        try self.init(mean, factor)
    }

    /// From L itself.
    ///
    /// - Throws: `DistributionError` unless L `[d, d]` is lower triangular with a positive diagonal.
    public init(mean: [Double], choleskyFactor: Matrix<Double>) throws(DistributionError) {
        try Self.checkFactor("choleskyFactor", choleskyFactor, size: mean.count)
        try self.init(mean, choleskyFactor)
    }

    private init(_ mean: [Double], _ factor: Matrix<Double>) throws(DistributionError) {
        try DistributionParameter("mean", mean, .real).check(in: Self.name)
        self.mean = mean
        choleskyFactor = factor
        logNormaliser = -factor.logDiagonalSum - Double(mean.count) * halfLogTwoPi
    }

    public static var name: String { "MultivariateNormal" }
    /// μ, and L whatever it was made from.
    public var parameters: [DistributionParameter] {
        [
            DistributionParameter("mean", mean, .real),
            DistributionParameter("choleskyFactor", choleskyFactor.elements, .lowerCholesky),
        ]
    }
    public var dimension: Int { mean.count }
    public var support: Support { .realVectors(dimension: dimension) }
    public var mode: [Double] { mean }
    public var covariance: Matrix<Double> { choleskyFactor.timesOwnTranspose() }
    public var variance: [Double] {
        (0..<dimension).map { choleskyFactor.row($0).reduce(0) { $0 + $1 * $1 } }
    }
    /// ln det Σ.
    public var logDeterminant: Double { 2 * choleskyFactor.logDiagonalSum }
    /// d/2·ln(2πe) + ½·ln det Σ.
    public var entropy: Double { 0.5 * Double(dimension) - logNormaliser }

    /// L⁻¹(x − μ).
    public func standardised(_ x: [Double]) -> [Double] {
        checkWidth(x.count)
        return choleskyFactor.solvingLower(zip(x, mean).map { $0 - $1 })
    }

    public func logDensity(_ x: [Double]) -> Double {
        let square = standardised(x).reduce(0) { $0 + $1 * $1 }
        return x.contains { $0.isInfinite } ? -.infinity : logNormaliser - 0.5 * square
    }

    /// In blocks of rows: one triangular solve (BLAS `trsm`) each.
    public func logDensities(_ rows: Matrix<Double>) -> [Double] {
        checkWidth(rows.columns)
        return lowerSquares(rows, mean, choleskyFactor).map { logNormaliser - 0.5 * $0 }
    }

    public func transport(_ z: [Double]) -> [Double] {
        checkWidth(z.count)
        return zip(choleskyFactor.lowerTimes(z), mean).map { $0 + $1 }
    }

    public func sample(_ stream: inout RandomStream) -> [Double] {
        transport((0..<dimension).map { _ in stream.gaussian() })
    }

    public func fill(_ rows: inout Matrix<Double>, _ stream: inout RandomStream) {
        checkWidth(rows.columns)
        fillWithTransportedNoise(&rows, mean, choleskyFactor, &stream)
    }

    /// With z = L⁻¹(x − μ): ∂L/∂μ is the cotangent c, ∂L/∂Lᵢⱼ = cᵢ·zⱼ on and below the diagonal.
    public func pathwiseGradient(at value: [Double], cotangent: [Double]) -> [[Double]] {
        let z = standardised(value)
        let factor = cotangent.enumerated().flatMap { i, c in z.enumerated().map { $0.offset <= i ? c * $0.element : 0 } }
        return [cotangent, factor]
    }
}

/// ‖L⁻¹(x − mean)‖² of each row x.
func lowerSquares(_ rows: Matrix<Double>, _ mean: [Double], _ factor: Matrix<Double>) -> [Double] {
    let d = mean.count
    var result = [Double](repeating: 0, count: rows.rows)
    let size = max(16, 32_768 / max(1, d))
    result.withUnsafeMutableBufferPointer { result in
        guard let base = result.baseAddress, d > 0 else { return }
        nonisolated(unsafe) let target = base  // each piece writes its own rows
        Parallelism.forEachRange(of: rows.rows, size: size) { range in
            let count = range.count
            withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count * d) { scratch in
                guard let centred = scratch.baseAddress else { return }
                let columns = centred + count * d
                let source = rows.pointer + range.lowerBound * d
                for row in 0..<count {
                    for j in 0..<d { centred[row * d + j] = source[row * d + j] - mean[j] }
                }
                DoubleKernels.transpose(columns, centred, count, d)
                DoubleKernels.trsm(true, false, d, count, 1, factor.pointer, d, columns, count)
                DoubleKernels.addColumnSquares(target + range.lowerBound, 1, columns, d, count)
            }
        }
    }
    return result
}

/// Rows of mean + L·z, z standard normal noise.
func fillWithTransportedNoise(
    _ rows: inout Matrix<Double>, _ mean: [Double], _ factor: Matrix<Double>, _ stream: inout RandomStream
) {
    let (d, count) = (mean.count, rows.rows)
    let size = max(16, 32_768 / max(1, d))
    let start = NormalNoise(drawnFrom: &stream)
    rows.withUnsafeMutableElements { elements in
        nonisolated(unsafe) let target = elements  // each piece writes its own rows
        Parallelism.forEachRange(of: count, size: size) { range in
            let count = range.count
            withUnsafeTemporaryAllocation(of: Double.self, capacity: count * d) { scratch in
                guard let z = scratch.baseAddress, let base = target.baseAddress else { return }
                let own = base + range.lowerBound * d
                DoubleKernels.philoxNormal(
                    z, count * d, start.seed, start.stream, start.position &+ UInt64(range.lowerBound * d))
                for row in 0..<count { (own + row * d).update(from: mean, count: d) }
                DoubleKernels.gemm(.asStored, .transposed, count, d, d, 1, z, d, factor.pointer, d, 1, own, d)
            }
        }
    }
}
