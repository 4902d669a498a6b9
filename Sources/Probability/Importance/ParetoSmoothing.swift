import Foundation

/// Importance weights whose largest ones were replaced by the quantiles of a generalised Pareto distribution fitted to
/// them (Pareto-smoothed importance sampling: Vehtari, Simpson, Gelman, Yao and Gabry 2024, JMLR 25).
///
/// The fitted shape k̂ says whether the estimate can be trusted: below `threshold` it can; above 0.7 the number of
/// draws that would be needed is out of reach.
public struct ParetoSmoothedWeights: Sendable, Hashable {
    /// The smoothed weights, in the order of the ratios; none above the largest raw weight.
    public let weights: ImportanceWeights
    /// k̂; +∞ where fewer than 5 weights lie in the tail or no distribution can be fitted, and nothing was smoothed.
    public let shape: Double
    /// How many of the largest weights were looked at.
    public let tailLength: Int

    /// - Parameter relativeEfficiency: effective over actual sample size of the draws themselves, 1 where they are
    ///   independent; smaller numbers look at more of the tail.
    /// - Throws: `ImportanceError` for ratios that `ImportanceWeights` refuses, or an efficiency that is not above 0.
    public init(logRatios: [Double], relativeEfficiency: Double = 1) throws(ImportanceError) {
        guard relativeEfficiency > 0, relativeEfficiency.isFinite else {
            throw .badOption(name: "relativeEfficiency", value: relativeEfficiency, expected: "a finite number above 0")
        }
        let raw = try ImportanceWeights(logRatios: logRatios)
        let largest = logRatios.max() ?? 0
        var logs = logRatios.map { $0 - largest }
        let draws = Double(logs.count)
        let wanted = Int(min(draws / 5, 3 * (draws / relativeEfficiency).squareRoot()).rounded(.up))
        let order = logs.indices.sorted { logs[$0] < logs[$1] }
        // Below the smallest normal number the exponentials lose their digits.
        let cut = max(logs[order[max(0, logs.count - wanted - 1)]], log(Double.leastNormalMagnitude))
        let tail = order.filter { logs[$0] > cut }
        tailLength = tail.count
        guard let fit = GeneralizedParetoFit(exceedances: tail.map { exp(logs[$0]) - exp(cut) }) else {
            shape = .infinity
            weights = raw
            return
        }
        for (rank, index) in tail.enumerated() {
            let smoothed = fit.quantile((Double(rank) + 0.5) / Double(tail.count)) + exp(cut)
            logs[index] = min(0, log(smoothed))
        }
        let total = logSumExp(logs)
        shape = fit.shape
        weights = ImportanceWeights(
            normalized: logs.map { $0 - total }, logMeanRatio: total + largest - log(draws))
    }

    /// min(1 − 1/log₁₀ n, 0.7): below it the smoothed estimate's error shrinks with the number n of draws as it should.
    public var threshold: Double { min(1 - 1 / log10(Double(weights.count)), 0.7) }

    /// Whether k̂ lies below `threshold`.
    public var isReliable: Bool { shape < threshold }
}
