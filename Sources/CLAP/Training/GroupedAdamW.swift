import Gradients
import Matrices

/// AdamW over groups of parameters: the σ of class vectors with a learning rate of their own, and what classes share
/// (attention, gate, shared map) with a Gaussian prior around its value before the task.
struct GroupedAdamW {
    private let groups: [(parameters: [Parameter<Float>], factor: Float)]
    private let anchors: [(parameter: Parameter<Float>, start: Matrix<Float>)]
    /// 1/(σ²·rows): the prior's part of the gradient of the mean loss of a row.
    private let pull: Float
    private var optimizer: AdamW<Float>

    init(recipe: CLAPRecipe, parameters: [Parameter<Float>], rows: Int) {
        let deviations = parameters.filter { $0.name == ParameterShapes.classLogDeviations }
        let others = parameters.filter { $0.name != ParameterShapes.classLogDeviations }
        groups = [(others, 1), (deviations, Float(recipe.deviationLearningRateFraction))]
        optimizer = AdamW(weightDecay: Float(recipe.weightDecay))
        if let deviation = recipe.classPrior.sharedDeviation {
            anchors = others.filter { $0.name != ParameterShapes.classMeans }.map { ($0, $0.value) }
            pull = Float(1 / (deviation * deviation * Double(rows)))
        } else {
            anchors = []
            pull = 0
        }
    }

    mutating func step(learningRate: Float) {
        for (parameter, start) in anchors {
            guard var gradient = parameter.gradient else { continue }
            gradient.add(parameter.value, scaledBy: pull)
            gradient.add(start, scaledBy: -pull)
            parameter.gradient = gradient
        }
        for (parameters, factor) in groups {
            optimizer.step(parameters, learningRate: factor * learningRate)
            for parameter in parameters { parameter.clearGradient() }
        }
    }
}
