import Foundation
import Matrices

/// Classes with the text features of their prompts.
public struct ClassPrompts: Sendable {
    public var classNames: [String]
    /// One `[prompts, D]` matrix a class, in the order of `classNames`.
    public var features: [Matrix<Float>]
    /// exp of the model's temperature parameter: logits are `logitScale · cosine`.
    public var logitScale: Float
    /// The prompts' templates, `{}` standing for the class name; empty where unknown.
    public var templates: [String]

    public init(classNames: [String], features: [Matrix<Float>], logitScale: Float, templates: [String] = []) {
        precondition(classNames.count == features.count, "\(classNames.count) names, \(features.count) classes")
        self.classNames = classNames
        self.features = features
        self.logitScale = logitScale
        self.templates = templates
    }

    public var count: Int { classNames.count }
    /// D, 0 without classes.
    public var featureDimension: Int { features.first?.columns ?? 0 }

    /// Some of the classes, in the order given.
    public func selecting(_ classes: some Sequence<Int>) -> ClassPrompts {
        let classes = Array(classes)
        return ClassPrompts(
            classNames: classes.map { classNames[$0] }, features: classes.map { features[$0] }, logitScale: logitScale,
            templates: templates)
    }
}
