import Matrices

/// Classes with the text features of their prompts.
public struct ClassPrompts: Sendable {
    public var classNames: [String]
    /// One `[prompts, D]` matrix a class, in the order of `classNames`.
    public var features: [Matrix<Float>]
    /// exp of the model's temperature parameter: logits are `logitScale · cosine`.
    public var logitScale: Float

    public init(classNames: [String], features: [Matrix<Float>], logitScale: Float) {
        precondition(classNames.count == features.count, "\(classNames.count) names, \(features.count) classes")
        self.classNames = classNames
        self.features = features
        self.logitScale = logitScale
    }
}
