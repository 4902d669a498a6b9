import Foundation
import Matrices

/// A class given as a vector `[K]` with one 1 and zeros: `Categorical` on indicators.
public struct OneHotCategorical: MultivariateDistribution {
    /// The same distribution on indices.
    public let categorical: Categorical

    /// - Throws: as `Categorical.init(probabilities:)`.
    public init(probabilities: [Double]) throws(DistributionError) {
        categorical = try Self.part("probabilities", as: "probabilities") { () throws(DistributionError) in
            try Categorical(probabilities: probabilities)
        }
    }

    /// - Throws: as `Categorical.init(logits:)`.
    public init(logits: [Double]) throws(DistributionError) {
        categorical = try Self.part("logits", as: "logits") { () throws(DistributionError) in try Categorical(logits: logits) }
    }

    public static var name: String { "OneHotCategorical" }
    public var parameters: [DistributionParameter] { categorical.parameters }
    public var probabilities: [Double] { categorical.probabilities }
    public var dimension: Int { categorical.classCount }
    public var support: Support { .oneHot(dimension: dimension) }
    public var mean: [Double] { probabilities }
    /// p(1 − p).
    public var variance: [Double] { probabilities.map { $0 * (1 - $0) } }
    /// diag p − p·pᵀ.
    public var covariance: Matrix<Double> { multinomialCovariance(probabilities, scale: 1) }
    public var mode: [Double] { indicator(categorical.mode) }
    public var entropy: Double { categorical.entropy }

    private func indicator(_ index: Int) -> [Double] {
        var result = [Double](repeating: 0, count: dimension)
        result[index] = 1
        return result
    }

    public func logDensity(_ x: [Double]) -> Double {
        checkWidth(x.count)
        guard support.contains(x), let index = x.firstIndex(of: 1) else { return -.infinity }
        return categorical.logDensity(index)
    }

    public func sample(_ stream: inout RandomStream) -> [Double] { indicator(categorical.sample(&stream)) }
}

/// scale·(diag p − p·pᵀ).
func multinomialCovariance(_ p: [Double], scale: Double) -> Matrix<Double> {
    var result = Matrix<Double>.diagonal(p)
    for i in p.indices { for j in p.indices { result[i, j] = scale * (result[i, j] - p[i] * p[j]) } }
    return result
}
