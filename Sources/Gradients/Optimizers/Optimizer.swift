import Foundation
import Matrices

/// Changes parameters by their gradients; parameters without a gradient stay as they are.
public protocol Optimizer<Scalar> {
    associatedtype Scalar: MatrixScalar
    /// One step at `learningRate`; gradients are kept (clear them before the next backward pass).
    mutating func step(_ parameters: [Parameter<Scalar>], learningRate: Scalar)
}

/// Stochastic gradient descent with heavy-ball momentum and L2 weight decay, as PyTorch's `SGD` (no damping):
/// g ← g + decay·w, v ← momentum·v + g, w ← w − rate·v.
public struct SGD<Scalar: MatrixScalar>: Optimizer {
    public var momentum: Scalar
    public var weightDecay: Scalar
    private var velocities: [ObjectIdentifier: Matrix<Scalar>] = [:]

    public init(momentum: Scalar = 0, weightDecay: Scalar = 0) {
        self.momentum = momentum
        self.weightDecay = weightDecay
    }

    /// Whether a step is w ← w − rate·g alone, so that `Tape.descend` does the same.
    public var isPlain: Bool { momentum == 0 && weightDecay == 0 }

    public mutating func step(_ parameters: [Parameter<Scalar>], learningRate: Scalar) {
        for parameter in parameters {
            guard var gradient = parameter.gradient, !parameter.isFrozen else { continue }
            if weightDecay != 0 { gradient.add(parameter.value, scaledBy: weightDecay) }
            if momentum != 0 {
                let key = ObjectIdentifier(parameter)
                if var velocity = velocities.removeValue(forKey: key) {
                    velocity.scale(by: momentum)
                    velocity.add(gradient)
                    gradient = velocity
                }
                velocities[key] = gradient
            }
            parameter.value.add(gradient, scaledBy: -learningRate)
        }
    }
}

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2; bias-corrected).
public struct AdamW<Scalar: MatrixScalar>: Optimizer {
    public var beta1: Scalar
    public var beta2: Scalar
    public var epsilon: Scalar
    public var weightDecay: Scalar
    private var states: [ObjectIdentifier: State] = [:]

    private struct State {
        var mean: Matrix<Scalar>
        var square: Matrix<Scalar>
        var steps: Int
    }

    public init(beta1: Scalar = 0.9, beta2: Scalar = 0.999, epsilon: Scalar = 1e-8, weightDecay: Scalar = 0.01) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    public mutating func step(_ parameters: [Parameter<Scalar>], learningRate: Scalar) {
        for parameter in parameters {
            guard let gradient = parameter.gradient, !parameter.isFrozen else { continue }
            let key = ObjectIdentifier(parameter)
            let zero = Matrix<Scalar>(rows: gradient.rows, columns: gradient.columns)
            var state = states.removeValue(forKey: key) ?? State(mean: zero, square: zero, steps: 0)
            state.steps += 1
            let correction1 = Scalar(1 - pow(Double(beta1), Double(state.steps)))
            let correction2 = Scalar(1 - pow(Double(beta2), Double(state.steps)))
            Scalar.Kernels.adam(
                parameter.value.mutablePointer(), state.mean.mutablePointer(), state.square.mutablePointer(),
                gradient.pointer, beta1, beta2, learningRate / correction1, 1 / correction2.squareRoot(), epsilon,
                1 - learningRate * weightDecay, gradient.count)
            states[key] = state
        }
    }
}
