/// Draws of a proposal, weighted towards a target.
public struct WeightedDraws<Value: Sendable>: Sendable {
    public let values: [Value]
    /// The plain weights.
    public let raw: ImportanceWeights
    /// The Pareto-smoothed ones, with their k̂.
    public let smoothed: ParetoSmoothedWeights

    /// - Throws: `ImportanceError`; see `ImportanceWeights`.
    public init(values: [Value], logRatios: [Double]) throws(ImportanceError) {
        precondition(values.count == logRatios.count, "\(values.count) draws and \(logRatios.count) ratios")
        self.values = values
        raw = try ImportanceWeights(logRatios: logRatios)
        smoothed = try ParetoSmoothedWeights(logRatios: logRatios)
    }

    /// The target's expectation of a function by the smoothed weights, with its standard error.
    public func expectation(of function: (Value) -> Double) -> (mean: Double, standardError: Double) {
        smoothed.weights.expectation(of: values.map(function))
    }

    /// `count` draws of about the target, chosen by the smoothed weights (sampling importance resampling).
    public func resampled(
        _ count: Int, by scheme: Resampling = .systematic, _ stream: inout RandomStream
    ) throws(ResamplingError) -> [Value] {
        try scheme.indices(weights: smoothed.weights.weights, count: count, &stream).map { values[$0] }
    }
}

extension Distribution where Value: Sendable {
    /// Importance sampling with this distribution as proposal: `count` draws, weighted towards the density whose
    /// logarithm, up to a constant, is `target`.
    ///
    /// The proposal should have heavier tails than the target; `smoothed.shape` of the result says whether it had.
    /// - Throws: `ImportanceError` where a ratio is NaN or +∞ or all are −∞.
    public func importanceSample(
        of target: (Value) -> Double, count: Int, _ stream: inout RandomStream
    ) throws(ImportanceError) -> WeightedDraws<Value> {
        guard count > 0 else { throw .noRatios }
        let values = sample(count, &stream)
        return try WeightedDraws(values: values, logRatios: values.map { target($0) - logDensity($0) })
    }
}
