import Foundation

/// A learning rate that rises linearly and then falls along a cosine.
///
/// Step i < w of the warm-up takes peak·(i + 1)/(w + 1); step w + j of the m that follow takes
/// final + (peak − final)·(1 + cos(π·j/m))/2: the first warm-up step is above zero and the last step above `final`.
public struct WarmupCosine: Sendable, Equatable {
    public let steps: Int
    public let warmupSteps: Int
    public let peak: Double
    public let final: Double

    public init(steps: Int, warmupSteps: Int, peak: Double, final: Double) {
        self.steps = steps
        self.warmupSteps = min(warmupSteps, steps)
        self.peak = peak
        self.final = final
    }

    /// The rate of step `step`, 0 ..< `steps`.
    public func rate(at step: Int) -> Double {
        if step < warmupSteps { return peak * Double(step + 1) / Double(warmupSteps + 1) }
        let position = Double(step - warmupSteps) / Double(max(steps - warmupSteps, 1))
        return final + (peak - final) * (1 + cos(.pi * position)) / 2
    }
}
