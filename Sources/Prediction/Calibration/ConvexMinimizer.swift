import Foundation

/// A smooth convex function of many parameters.
package protocol ConvexObjective {
    /// Value and gradient; later `hessianProduct` calls refer to this point.
    mutating func evaluate(at parameters: [Double]) -> (value: Double, gradient: [Double])
    /// The Hessian times a direction.
    func hessianProduct(_ direction: [Double]) -> [Double]
}

/// Newton's method with conjugate gradients for the step (Nocedal and Wright 2006, algorithm 7.1): converges as fast as
/// Newton's method and never forms the Hessian, which at 100 classes would be 10,100². GSL's minimisers use gradients
/// alone and stop several digits earlier.
package enum ConvexMinimizer {
    package enum Failure: Error {
        /// The parameters run away: there is no finite optimum.
        case unbounded
        case notConverged(gradient: Double)
    }

    /// The parameters with the smallest value, to a gradient of `tolerance` or as near as rounding allows.
    package static func minimize<Objective: ConvexObjective>(
        _ objective: inout Objective, from start: [Double], tolerance: Double = 1e-13
    ) throws(Failure) -> (parameters: [Double], value: Double) {
        var parameters = start
        var (value, gradient) = objective.evaluate(at: parameters)
        for _ in 0..<200 {
            let size = largest(gradient)
            if size <= tolerance { return (parameters, value) }
            guard value.isFinite, size.isFinite, largest(parameters) < 1e5 else { throw .unbounded }
            let step = newtonStep(objective, gradient)
            let slope = dot(step, gradient)
            var (scale, moved) = (1.0, false)
            for _ in 0..<50 where !moved {
                let trial = zip(parameters, step).map { $0 + scale * $1 }
                let (trialValue, trialGradient) = objective.evaluate(at: trial)
                // At the optimum the value no longer tells, but the gradient does.
                let isFlat = abs(trialValue - value) <= 1e-14 * abs(value) && largest(trialGradient) < size
                if trialValue <= value + 1e-4 * scale * slope || isFlat {
                    (parameters, value, gradient, moved) = (trial, trialValue, trialGradient, true)
                }
                scale /= 2
            }
            guard moved else {
                guard size < 1e-9 else { throw .notConverged(gradient: size) }
                return (parameters, value)
            }
        }
        guard largest(gradient) < 1e-9 else { throw .notConverged(gradient: largest(gradient)) }
        return (parameters, value)
    }

    /// d with H·d = −gradient, roughly far from the optimum and closely near it.
    private static func newtonStep<Objective: ConvexObjective>(_ objective: Objective, _ gradient: [Double]) -> [Double]
    {
        var step = [Double](repeating: 0, count: gradient.count)
        var residual = gradient.map { -$0 }
        var direction = residual
        var norm = dot(residual, residual)
        let goal = norm * min(0.01, norm.squareRoot())
        for iteration in 0..<(2 * gradient.count + 20) {
            let product = objective.hessianProduct(direction)
            let curvature = dot(direction, product)
            // Flat directions of a convex function: the gradient itself is the best there is.
            guard curvature > 1e-18 * dot(direction, direction) else { return iteration == 0 ? residual : step }
            let length = norm / curvature
            for i in step.indices {
                step[i] += length * direction[i]
                residual[i] -= length * product[i]
            }
            let next = dot(residual, residual)
            if next <= goal { break }
            for i in direction.indices { direction[i] = residual[i] + next / norm * direction[i] }
            norm = next
        }
        return step
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in a.indices { sum += a[i] * b[i] }
        return sum
    }

    private static func largest(_ values: [Double]) -> Double { values.reduce(0) { max($0, abs($1)) } }
}
