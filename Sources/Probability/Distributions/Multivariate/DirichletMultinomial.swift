import Foundation
import Matrices

/// Counts `[K]` of n draws whose class probabilities are themselves Dirichlet(α): n!·B(α + k)/(B(α)·Π kᵢ!). Counts are
/// whole numbers held as `Double`.
public struct DirichletMultinomial: MultivariateDistribution {
    /// n.
    public let totalCount: Int
    /// Of the class probabilities.
    public let dirichlet: Dirichlet

    /// - Throws: `DistributionError` unless `totalCount` is in 0 … 2³¹ − 1 and the concentrations are those of a
    ///   `Dirichlet`.
    public init(totalCount: Int, concentration: [Double]) throws(DistributionError) {
        self.totalCount = totalCount
        try Self.check("totalCount", Double(totalCount), .integer(from: 0, through: Int(Int32.max)))
        dirichlet = try Self.part("concentration", as: "concentration") { () throws(DistributionError) in
            try Dirichlet(concentration: concentration)
        }
    }

    public static var name: String { "DirichletMultinomial" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("totalCount", [Double(totalCount)], .integer(from: 0, through: Int(Int32.max)))]
            + dirichlet.parameters
    }
    public var concentration: [Double] { dirichlet.concentration }
    public var dimension: Int { dirichlet.dimension }
    public var support: Support { .counts(dimension: dimension, total: totalCount) }
    private var n: Double { Double(totalCount) }
    /// n·α/α₀.
    public var mean: [Double] { dirichlet.mean.map { n * $0 } }
    /// n·m(1 − m)·(n + α₀)/(1 + α₀), m = α/α₀.
    public var variance: [Double] { dirichlet.mean.map { n * $0 * (1 - $0) * spread } }
    private var spread: Double { (n + dirichlet.total) / (1 + dirichlet.total) }
    public var covariance: Matrix<Double> { multinomialCovariance(dirichlet.mean, scale: n * spread) }

    /// A point of highest probability where every α is at least 1, greedily: the next unit goes where
    /// (kᵢ + αᵢ)/(kᵢ + 1) is largest, which falls with kᵢ. NaN otherwise. O(n·K).
    public var mode: [Double] {
        guard concentration.allSatisfy({ $0 >= 1 }) else { return concentration.map { _ in .nan } }
        var counts = [Double](repeating: 0, count: dimension)
        let gain = { (i: Int) in (counts[i] + concentration[i]) / (counts[i] + 1) }
        for _ in 0..<totalCount {
            let index = counts.indices.max { (gain($0), -$0) < (gain($1), -$1) } ?? 0
            counts[index] += 1
        }
        return counts
    }

    /// −E[ln p(k)], from the beta-binomial marginals: every term of ln p depends on one count. O(K·n).
    public var entropy: Double {
        var result = logRisingFactorial(dirichlet.total, n) - logGamma(n + 1)
        for a in concentration {
            let b = dirichlet.total - a
            for k in stride(from: 1, through: totalCount, by: 1) {
                let (x, y) = (Double(k), n - Double(k))
                let logChoose = logGamma(n + 1) - logGamma(x + 1) - logGamma(y + 1)
                let rising = logRisingFactorial(a, x)
                let logMass = logChoose + rising + logRisingFactorial(b, y) - logRisingFactorial(dirichlet.total, n)
                result += exp(logMass) * (logGamma(x + 1) - rising)
            }
        }
        return result
    }

    public func logDensity(_ x: [Double]) -> Double {
        checkWidth(x.count)
        guard support.contains(x) else { return -.infinity }
        var result = logGamma(n + 1) - logRisingFactorial(dirichlet.total, n)
        for (a, k) in zip(concentration, x) where k > 0 { result += logRisingFactorial(a, k) - logGamma(k + 1) }
        return result
    }

    /// Class probabilities first, then the counts.
    public func sample(_ stream: inout RandomStream) -> [Double] {
        let probabilities = dirichlet.sample(&stream)
        guard let multinomial = try? Multinomial(totalCount: totalCount, probabilities: probabilities) else {
            preconditionFailure("a Dirichlet draw is a vector of probabilities")
        }
        return multinomial.sample(&stream)
    }
}
