/// How a `LinearHead` is trained.
///
/// Learning rate and prior strength are the best of twelve pairs on a held-out fifth of tinyimagenet100's training rows
/// (Benchmarks/README.md).
public struct LinearRecipe: Sendable, Equatable, Codable {
    /// Passes over the task's rows.
    public var epochs = 10
    /// Rows of one step, new rows and exemplars together.
    public var batchSize = 256
    /// Adam's first learning rate; it falls to zero along a half cosine over the task.
    public var learningRate: Float = 3e-3
    /// Strength λ of the pull to the weights each class had before the task: λ/2 · ‖w − w₀‖² is added to the loss.
    public var priorStrength: Float = 0.05

    public init() {}

    /// What is wrong with these settings, or nil.
    var fault: String? {
        if epochs < 1 { return "epochs must be at least 1, not \(epochs)" }
        if batchSize < 1 { return "the batch size must be at least 1, not \(batchSize)" }
        if !(learningRate > 0 && learningRate.isFinite) {
            return "the learning rate must be positive, not \(learningRate)"
        }
        if !(priorStrength >= 0 && priorStrength.isFinite) { return "the prior strength must not be negative" }
        return nil
    }
}
