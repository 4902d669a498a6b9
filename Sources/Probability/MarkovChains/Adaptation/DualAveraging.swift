import Foundation

/// Tunes a step size to a target acceptance probability by Nesterov's dual averaging (Hoffman and Gelman 2014,
/// section 3.2.1, with their constants γ = 0.05, t₀ = 10, κ = 0.75).
struct DualAveraging {
    let target: Double
    private var logCentre: Double
    private var count = 0.0
    private var meanError = 0.0
    private var logStep: Double
    private var logAverage = 0.0

    init(target: Double, stepSize: Double) {
        self.target = target
        logCentre = log(10 * stepSize)
        logStep = log(stepSize)
    }

    /// Begins again at `stepSize`.
    mutating func restart(_ stepSize: Double) { self = DualAveraging(target: target, stepSize: stepSize) }

    mutating func update(acceptance: Double) {
        count += 1
        let share = 1 / (count + 10)
        meanError += share * (target - min(1, acceptance) - meanError)
        logStep = logCentre - meanError * count.squareRoot() / 0.05
        let weight = pow(count, -0.75)
        logAverage += weight * (logStep - logAverage)
    }

    /// The step size to explore with next.
    var stepSize: Double { exp(logStep) }

    /// The averaged step size to keep; the initial one before any update.
    var averagedStepSize: Double { count > 0 ? exp(logAverage) : exp(logStep) }
}
