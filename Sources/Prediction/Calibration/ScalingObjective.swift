import Foundation
import Matrices

/// How the parameters of a scaling make logits: always linear in the parameters.
enum ScalingShape {
    /// θ[group of k]·z_k.
    case groups([Int])
    /// θ[k]·z_k + θ[K + k].
    case diagonal
    /// W·z + b with W = θ[..<K²], b = θ[K²...].
    case full

    func apply(_ parameters: [Double], _ logits: Matrix<Double>) -> Matrix<Double> {
        let classes = logits.columns
        switch self {
        case .groups(let groups):
            return scaled(logits, groups.map { parameters[$0] }, bias: nil)
        case .diagonal:
            return scaled(logits, Array(parameters.prefix(classes)), bias: Array(parameters.suffix(classes)))
        case .full:
            let weight = Matrix(rows: classes, columns: classes, elements: Array(parameters.prefix(classes * classes)))
            return logits.multiplied(by: weight, .transposed).adding(row: Array(parameters.suffix(classes)))
        }
    }

    /// The transposed map: gradients of the parameters from those of the logits `[rows, classes]`.
    func gradient(_ upstream: Matrix<Double>, _ logits: Matrix<Double>) -> [Double] {
        let (rows, classes) = (logits.rows, logits.columns)
        var products = [Double](repeating: 0, count: classes)
        var sums = products
        let (g, z) = (upstream.pointer, logits.pointer)
        for row in 0..<rows {
            for k in 0..<classes {
                products[k] += g[row * classes + k] * z[row * classes + k]
                sums[k] += g[row * classes + k]
            }
        }
        withExtendedLifetime((upstream, logits)) {}
        switch self {
        case .groups(let groups):
            var result = [Double](repeating: 0, count: (groups.max() ?? 0) + 1)
            for (k, group) in groups.enumerated() { result[group] += products[k] }
            return result
        case .diagonal: return products + sums
        case .full: return upstream.multiplied(.transposed, by: logits).elements + sums
        }
    }

    private func scaled(_ logits: Matrix<Double>, _ scale: [Double], bias: [Double]?) -> Matrix<Double> {
        var result = logits
        let classes = logits.columns
        result.withUnsafeMutableElements {
            for index in $0.indices {
                $0[index] = $0[index] * scale[index % classes] + (bias?[index % classes] ?? 0)
            }
        }
        return result
    }
}

/// Mean negative log-likelihood plus Σ penalty·(θ − centre)².
struct ScalingObjective: ConvexObjective {
    let shape: ScalingShape
    let logits: Matrix<Double>
    let labels: [Int]
    /// One a parameter, or none at all.
    let penalties: [Double]
    let centre: [Double]
    private var probabilities = Matrix<Double>(rows: 0, columns: 0)

    init(shape: ScalingShape, logits: Matrix<Double>, labels: [Int], penalties: [Double], centre: [Double]) {
        (self.shape, self.logits, self.labels) = (shape, logits, labels)
        (self.penalties, self.centre) = (penalties, centre)
    }

    mutating func evaluate(at parameters: [Double]) -> (value: Double, gradient: [Double]) {
        let logarithms = shape.apply(parameters, logits).logSoftmax()
        var residual = logarithms.exp()
        probabilities = residual
        let count = Double(labels.count)
        var value = 0.0
        for (row, label) in labels.enumerated() {
            value -= logarithms[row, label] / count
            residual[row, label] -= 1
        }
        residual.scale(by: 1 / count)
        var gradient = shape.gradient(residual, logits)
        for (i, penalty) in penalties.enumerated() {
            let distance = parameters[i] - centre[i]
            value += penalty * distance * distance
            gradient[i] += 2 * penalty * distance
        }
        return (value, gradient)
    }

    /// By the softmax's Jacobian diag p − p·pᵀ, row by row.
    func hessianProduct(_ direction: [Double]) -> [Double] {
        var change = shape.apply(direction, logits)
        let (classes, count) = (logits.columns, Double(labels.count))
        let p = probabilities.pointer
        change.withUnsafeMutableElements { d in
            for row in labels.indices {
                let start = row * classes
                var mean = 0.0
                for k in start..<start + classes { mean += p[k] * d[k] }
                for k in start..<start + classes { d[k] = p[k] * (d[k] - mean) / count }
            }
        }
        withExtendedLifetime(probabilities) {}
        var result = shape.gradient(change, logits)
        for (i, penalty) in penalties.enumerated() { result[i] += 2 * penalty * direction[i] }
        return result
    }
}
