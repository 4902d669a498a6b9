import Foundation

/// Slice sampling, one coordinate after another, by stepping out and shrinking in (Neal 2003, figures 3 and 5,
/// doi:10.1214/aos/1056562461).
///
/// Needs no gradient and hardly any tuning; slow where coordinates are strongly correlated.
public struct SliceSampler: Sendable, Hashable {
    /// The width to begin with, of every coordinate; the warm-up learns one for each.
    public var width: Double
    /// An interval is at most this many widths long.
    public var maximumSteps: Int

    public init(width: Double = 1, maximumSteps: Int = 100) {
        self.width = width
        self.maximumSteps = maximumSteps
    }

    /// Draws from `model` with several chains in parallel; see `NoUTurnSampler.sample`. An iteration updates every
    /// coordinate once.
    ///
    /// - Throws: `SamplingError` for options out of range or starts without a finite density; what `progress` throws.
    public func sample(
        _ model: any LogDensityModel, plan: SamplingPlan = SamplingPlan(), seed: UInt64,
        progress: SamplingObserver? = nil
    ) throws -> MarkovChainDraws {
        guard width > 0, width < .infinity else {
            throw SamplingError.badOption(name: "width", value: "\(width)", expected: "a finite number above 0")
        }
        guard maximumSteps >= 1 else {
            throw SamplingError.badOption(name: "maximumSteps", value: "\(maximumSteps)", expected: "1 or more")
        }
        return try ChainRunner(plan: plan, seed: seed, observer: progress).run(
            model, checkStart: { (chain, position) throws(SamplingError) in try model.checkStart(chain, position) },
            makeKernel: { position, _ in SliceKernel(model, at: position, self) })
    }
}

/// One chain of slice sampling.
private final class SliceKernel: ChainKernel {
    private let model: any LogDensityModel
    private let maximumSteps: Int
    private var widths: [Double]
    /// Distances moved in the warm-up, summed, by coordinate.
    private var distances: [Double]
    private var updates = 0.0
    private(set) var position: [Double]
    private(set) var logDensity: Double
    private var evaluations = 0

    init(_ model: any LogDensityModel, at start: [Double], _ options: SliceSampler) {
        self.model = model
        maximumSteps = options.maximumSteps
        widths = [Double](repeating: options.width, count: start.count)
        distances = [Double](repeating: 0, count: start.count)
        position = start
        logDensity = model.logDensity(at: start)
    }

    var stepSize: Double? { nil }
    var scales: [Double]? { nil }

    func transition(_ stream: inout RandomStream) -> Transition {
        evaluations = 0
        for k in position.indices {
            let before = position[k]
            update(k, &stream)
            distances[k] += abs(position[k] - before)
        }
        return Transition(acceptance: 1, evaluations: evaluations)
    }

    private func update(_ k: Int, _ stream: inout RandomStream) {
        let (centre, width) = (position[k], widths[k])
        let level = logDensity + log(stream.openUniform())
        var lower = centre - width * stream.openUniform()
        var upper = lower + width
        // The steps allowed are shared at random between the two sides, which keeps the update reversible.
        var stepsBelow = stream.integer(below: maximumSteps)
        var stepsAbove = maximumSteps - 1 - stepsBelow
        while stepsBelow > 0 && value(k, lower) > level {
            lower -= width
            stepsBelow -= 1
        }
        while stepsAbove > 0 && value(k, upper) > level {
            upper += width
            stepsAbove -= 1
        }
        while true {
            let x = lower + stream.openUniform() * (upper - lower)
            let density = value(k, x)
            if density > level {
                logDensity = density
                return
            }
            if x < centre { lower = x } else { upper = x }
            // The interval has shrunk to the present point, which is always inside the slice.
            guard upper - lower > 4 * centre.ulp else {
                position[k] = centre
                return
            }
        }
    }

    /// The log density with coordinate k at `x`, which it is left at; −∞ for NaN.
    private func value(_ k: Int, _ x: Double) -> Double {
        position[k] = x
        evaluations += 1
        let value = model.logDensity(at: position)
        return value.isNaN ? -.infinity : value
    }

    /// Twice the mean distance moved is about the width of a slice.
    func adapt(iteration: Int, _ transition: Transition, _ stream: inout RandomStream) {
        updates += 1
        guard updates >= 10 else { return }
        for k in widths.indices where distances[k] > 0 { widths[k] = 2 * distances[k] / updates }
    }

    func endWarmup() {}
}
