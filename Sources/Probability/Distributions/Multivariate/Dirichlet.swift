import Foundation
import Matrices

/// The Dirichlet distribution on the simplex: density Γ(α₀)/Π Γ(αᵢ)·Π xᵢ^(αᵢ−1), α₀ = Σ αᵢ.
public struct Dirichlet: MultivariateDistribution, ReparameterizedDistribution {
    /// α `[K]`.
    public let concentration: [Double]
    /// α₀.
    public let total: Double

    /// - Throws: `DistributionError` unless there are two or more concentrations, each finite and above 0.
    public init(concentration: [Double]) throws(DistributionError) {
        self.concentration = concentration
        total = concentration.reduce(0, +)
        guard concentration.count >= 2 else {
            throw .dimensionMismatch(
                distribution: Self.name, parameter: "concentration", expected: 2, found: concentration.count)
        }
        try checkParameters()
    }

    public static var name: String { "Dirichlet" }
    public var parameters: [DistributionParameter] { [DistributionParameter("concentration", concentration, .positive)] }
    public var dimension: Int { concentration.count }
    public var support: Support { .simplex(dimension: dimension) }

    /// α/α₀.
    public var mean: [Double] { concentration.map { $0 / total } }
    /// m(1 − m)/(α₀ + 1), m the mean.
    public var variance: [Double] { mean.map { $0 * (1 - $0) / (total + 1) } }
    /// (diag m − m·mᵀ)/(α₀ + 1).
    public var covariance: Matrix<Double> {
        let mean = mean
        var result = Matrix<Double>.diagonal(mean)
        for i in 0..<dimension { for j in 0..<dimension { result[i, j] = (result[i, j] - mean[i] * mean[j]) / (total + 1) } }
        return result
    }
    /// (α − 1)/(α₀ − K) where every α exceeds 1; the middle where all are 1; else NaN.
    public var mode: [Double] {
        if concentration.allSatisfy({ $0 == 1 }) { return mean }
        guard concentration.allSatisfy({ $0 > 1 }) else { return concentration.map { _ in .nan } }
        return concentration.map { ($0 - 1) / (total - Double(dimension)) }
    }

    /// ln B(α) + (α₀ − K)ψ(α₀) − Σ (αᵢ − 1)ψ(αᵢ), with the terms that cancel for large α taken out.
    public var entropy: Double {
        var result = (total - Double(dimension)) * digammaMinusLog(total) - Self.logGammaRest(total)
        result -= (Double(dimension) - 0.5) * log(total)
        for a in concentration {
            result += Self.logGammaRest(a) + 0.5 * log(a) - (a - 1) * digammaMinusLog(a)
        }
        return result
    }

    /// ln Γ(a) − a·ln a + a + ½·ln a.
    private static func logGammaRest(_ a: Double) -> Double { halfLogTwoPi + stirlingError(a) }

    /// ln Γ(α₀) − Σ ln Γ(αᵢ) + Σ (αᵢ − 1)·ln xᵢ, each power taken relative to the mean, so that nothing large cancels.
    public func logDensity(_ x: [Double]) -> Double {
        checkWidth(x.count)
        if x.contains(where: \.isNaN) { return .nan }
        guard support.contains(x) else { return -.infinity }
        var result = logScale
        for (a, x) in zip(concentration, x) where a != 1 { result += (a - 1) * log(x * (total / a)) }
        return result
    }

    /// The log density at the mean; there Σ αᵢ ln mᵢ − ln B(α) = −ln Γ rests.
    private var logScale: Double {
        var result = Self.logGammaRest(total) - 0.5 * log(total)
        for a in concentration { result -= Self.logGammaRest(a) - 0.5 * log(a) + log(a / total) }
        return result
    }

    public func sample(_ stream: inout RandomStream) -> [Double] {
        sampleMatrix(rows: 1, &stream).row(0)
    }

    /// Gamma draws column by column, divided by their sum; in logarithms where a concentration is so small that draws
    /// underflow (2⁻⁵³ to the power 1/0.1 does not).
    public func fill(_ rows: inout Matrix<Double>, _ stream: inout RandomStream) {
        checkWidth(rows.columns)
        let count = rows.rows
        let samplers = concentration.map { BulkGamma(concentration: $0) }
        let noises = concentration.map { _ in GammaNoise(drawnFrom: &stream) }
        let logarithms = concentration.contains { $0 < 0.1 }
        let (size, columns) = (max(1, min(512, 1 << 16 / dimension)), dimension)
        rows.withUnsafeMutableElements { elements in
            nonisolated(unsafe) let target = elements  // each piece writes its own rows
            Parallelism.forEachRange(of: count, size: size) { range in
                withUnsafeTemporaryAllocation(of: Double.self, capacity: size * 2) { scratch in
                    let draws = UnsafeMutableBufferPointer(rebasing: scratch[0..<range.count])
                    let sums = UnsafeMutableBufferPointer(rebasing: scratch[size..<size + range.count])
                    sums.update(repeating: logarithms ? -.infinity : 0)
                    for (column, sampler) in samplers.enumerated() {
                        sampler.fill(
                            draws, noises[column], stream: UInt64(range.lowerBound / size), logarithms: logarithms)
                        for row in draws.indices {
                            target[(range.lowerBound + row) * columns + column] = draws[row]
                            sums[row] = logarithms ? logSumExp(sums[row], draws[row]) : sums[row] + draws[row]
                        }
                    }
                    for row in draws.indices {
                        let line = (range.lowerBound + row) * columns
                        if logarithms {
                            for column in 0..<columns { target[line + column] = exp(target[line + column] - sums[row]) }
                        } else {
                            let scale = 1 / sums[row]
                            for column in 0..<columns { target[line + column] *= scale }
                        }
                    }
                }
            }
        }
    }

    /// By the vector kernel of the logarithm and one dot product a row.
    public func logDensities(_ rows: Matrix<Double>) -> [Double] {
        checkWidth(rows.columns)
        let columns = dimension
        let exponents = concentration.map { $0 - 1 }
        let constant = logScale + zip(concentration, exponents).reduce(0) { $0 + $1.1 * log(total / $1.0) }
        var result = [Double](repeating: 0, count: rows.rows)
        let size = max(1, 4096 / columns)
        result.withUnsafeMutableBufferPointer { result in
            nonisolated(unsafe) let target = result  // each piece writes its own rows
            Parallelism.forEachRange(of: rows.rows, size: size * 16) { piece in
                withUnsafeTemporaryAllocation(of: Double.self, capacity: size * columns) { logs in
                    guard let logs = logs.baseAddress else { return }
                    for start in stride(from: piece.lowerBound, to: piece.upperBound, by: size) {
                        let count = min(size, piece.upperBound - start)
                        DoubleKernels.log(logs, rows.pointer + start * columns, count * columns)
                        for row in 0..<count {
                            let (line, values) = (logs + row * columns, rows.pointer + (start + row) * columns)
                            var (sum, total, least) = (constant, 0.0, 0.0)
                            for column in 0..<columns {
                                sum += exponents[column] * line[column]
                                total += values[column]
                                least = min(least, values[column])
                            }
                            let isPlain = sum.isFinite && least >= 0 && abs(total - 1) <= 1e-6
                            target[start + row] = isPlain ? sum : logDensity(rows.row(start + row))
                        }
                    }
                }
            }
        }
        return result
    }

    /// ∂x/∂αᵢ by implicit reparameterisation of the marginal Beta(αᵢ, α₀ − αᵢ): ∂xⱼ/∂αᵢ = (δᵢⱼ − xⱼ)/(1 − xᵢ)·∂xᵢ/∂αᵢ,
    /// the other coordinates keeping their proportions.
    public func pathwiseGradient(at value: [Double], cotangent: [Double]) -> [[Double]] {
        let projection = zip(value, cotangent).reduce(0) { $0 + $1.0 * $1.1 }
        return [
            (0..<dimension).map { i in
                let (x, a) = (value[i], concentration[i])
                guard x < 1 else { return 0 }
                let slope = betaConcentrationDerivatives(a, total - a, x, 1 - x).first
                return slope * (cotangent[i] - projection) / (1 - x)
            }
        ]
    }
}
