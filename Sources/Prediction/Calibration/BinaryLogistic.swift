import Foundation

/// Logistic regression of one target on a few columns, without penalty, to the exact optimum: Platt and beta calibration
/// are this on different columns.
struct BinaryLogistic: ConvexObjective {
    /// Each `[rows]`.
    let columns: [[Double]]
    /// Probabilities of label 1, 0…1.
    let targets: [Double]
    private var weights: [Double] = []

    /// The coefficients of the columns.
    ///
    /// - Throws: `CalibrationError`.
    static func fit(_ columns: [[Double]], targets: [Double], name: String, class label: Int?) throws(CalibrationError)
        -> [Double]
    {
        var objective = BinaryLogistic(columns: columns, targets: targets)
        do throws(ConvexMinimizer.Failure) {
            let start = [Double](repeating: 0, count: columns.count)
            let found = try ConvexMinimizer.minimize(&objective, from: start)
            // Every row right with certainty: the gradient fades before the parameters have grown without bound.
            if found.value < 1e-9 { throw ConvexMinimizer.Failure.unbounded }
            return found.parameters
        } catch {
            switch error {
            case .unbounded: throw .separable(method: name, class: label)
            // A gradient that fades while the parameters grow is separation, too.
            case .notConverged(let gradient):
                if gradient < 1e-4 { throw .separable(method: name, class: label) }
                throw .notConverged(method: name, gradient: gradient)
            }
        }
    }

    private init(columns: [[Double]], targets: [Double]) {
        (self.columns, self.targets) = (columns, targets)
    }

    mutating func evaluate(at parameters: [Double]) -> (value: Double, gradient: [Double]) {
        let count = Double(targets.count)
        var (value, gradient) = (0.0, [Double](repeating: 0, count: columns.count))
        weights = Array(repeating: 0, count: targets.count)
        for (row, target) in targets.enumerated() {
            var score = 0.0
            for i in columns.indices { score += parameters[i] * columns[i][row] }
            let p = sigmoid(score)
            value += (softplus(score) - target * score) / count
            for i in columns.indices { gradient[i] += (p - target) * columns[i][row] / count }
            weights[row] = p * sigmoid(-score) / count
        }
        return (value, gradient)
    }

    func hessianProduct(_ direction: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: columns.count)
        for row in targets.indices {
            var change = 0.0
            for i in columns.indices { change += direction[i] * columns[i][row] }
            for i in columns.indices { result[i] += weights[row] * change * columns[i][row] }
        }
        return result
    }
}

/// 1/(1 + e^{−x}), small results with all their digits.
func sigmoid(_ x: Double) -> Double {
    let e = exp(-abs(x))
    return (x < 0 ? e : 1) / (1 + e)
}

/// log(1 + eˣ).
func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
