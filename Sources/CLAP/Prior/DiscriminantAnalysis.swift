import FeatureData
import Foundation
import Matrices
import Prediction

/// Class vectors from data in closed form: linear discriminant analysis on the densities of all classes, mixed with the
/// text.
///
/// With Σ the pooled covariance, m_k the class means and m their mean, the discriminant of class k is x·Σ⁻¹(m_k − m) −
/// ½(m_k − m)ᵀΣ⁻¹(m_k + m). Logits here have no constant; it is carried by the direction v = Σ⁻¹m/(mᵀΣ⁻¹m), on which
/// rows have a product near 1. Class vectors are a·t_k + b·d_k/s, with s the logit scale.
///
/// The two numbers a, b are fitted by maximum likelihood of labelled rows that each discriminant has not seen: for every
/// row the means and the covariance are taken without it, in closed form, so few rows give a small b and the text
/// decides, and many rows the reverse.
struct DiscriminantAnalysis {
    /// Σ⁻¹(m_k − m) with the constant's part, `[classes, D]`.
    let directions: Matrix<Float>
    private let inverse: Matrix<Float>
    private let densities: ClassDensities
    private let center: Matrix<Float>
    private let carrier: Matrix<Float>

    /// - Throws: `LinearAlgebraError` where the pooled covariance is singular: no class has two different rows.
    init(_ densities: ClassDensities) throws {
        self.densities = densities
        inverse = try CholeskyFactorization(densities.pooledCovariance).inverse()
        let means = densities.means
        let center = Matrix(rows: 1, columns: means.columns, elements: means.columnMeans())
        self.center = center
        let spread = center.multiplied(by: inverse)
        carrier = (1 / max(spread.dot(center), .leastNormalMagnitude)) * spread
        var directions = Self.centered(means, center).multiplied(by: inverse)
        let p = directions.mutablePointer()
        let width = means.columns
        for k in 0..<means.rows {
            let own = p + k * width
            let constant =
                -0.5 * (Float.Kernels.dot(own, means.pointer + k * width, width)
                    + Float.Kernels.dot(own, center.pointer, width))
            Float.Kernels.combine(own, 1, own, constant, carrier.pointer, width)
        }
        self.directions = directions
    }

    private static func centered(_ rows: Matrix<Float>, _ center: Matrix<Float>) -> Matrix<Float> {
        var result = rows
        let p = result.mutablePointer()
        for row in 0..<rows.rows {
            let own = p + row * rows.columns
            Float.Kernels.combine(own, 1, own, -1, center.pointer, rows.columns)
        }
        return result
    }

    /// The mixture a·t + b·d/s that is most likely for `rows`, which the densities have seen.
    func weights(
        text: Matrix<Float>, rows: LabelledFeatures, logitScale: Float, prior: MixtureWeights
    ) -> MixtureWeights {
        prior.updated(
            rows.features.multiplied(by: text, .transposed, scaledBy: logitScale), unseenDiscriminants(of: rows),
            labels: rows.labels)
    }

    /// Discriminants `[rows, classes]` of rows that belong to the densities, each without the row itself: its class's
    /// mean moves by (x − m_k)/(n_k − 1), and Σ⁻¹ by the Sherman–Morrison formula.
    private func unseenDiscriminants(of rows: LabelledFeatures) -> Matrix<Float> {
        let features = rows.features
        let means = densities.means
        let width = features.columns
        var result = features.multiplied(by: directions, .transposed)
        // y_i = Σ⁻¹x_i; products of the means with Σ⁻¹ and with the directions.
        let scaled = features.multiplied(by: inverse)
        let scaledMeans = means.multiplied(by: inverse)
        let meanDirections = means.multiplied(by: directions, .transposed)
        let freedom = Float(max(densities.degreesOfFreedom, 2))
        let weight = 1 - densities.pooledShrinkage
        let r = result.mutablePointer()
        let classes = means.rows
        for (row, label) in rows.labels.enumerated() {
            let own = r + row * classes
            let count = Float(densities.counts[label])
            guard count > 1 else {
                // Without its only row the class is unknown: it stands where the average class does.
                own[label] = 0
                continue
            }
            let y = scaled.pointer + row * width
            let x = features.pointer + row * width
            let mean = means.pointer + label * width
            let meanScaled = scaledMeans.pointer + label * width
            // The residual r = x − m_k and its products through Σ⁻¹.
            let xx = Float.Kernels.dot(x, y, width)
            let xm = Float.Kernels.dot(x, meanScaled, width)
            let mm = Float.Kernels.dot(mean, meanScaled, width)
            let (xr, rm, rr) = (xx - xm, xm - mm, max(0, xx - 2 * xm + mm))
            let rc = Float.Kernels.dot(center.pointer, y, width) - Float.Kernels.dot(center.pointer, meanScaled, width)
            // Taking the row out takes n/(n − 1)·r·rᵀ from the scatter and r/(n − 1) from the mean.
            let share = weight * count / (count - 1) / freedom
            let gain = share / max(1 - share * rr, 0.05)
            let step = 1 / (count - 1)
            let before = own[label]
            for k in 0..<classes {
                let rd = own[k] - meanDirections[label, k]
                own[k] += gain * rd * (xr - 0.5 * (rd + 2 * rc))
            }
            let rd = before - meanDirections[label, label] - step * rr
            own[label] =
                before + gain * rd * (xr - 0.5 * (rd + 2 * rc)) - step * xr + step * rm - 0.5 * step * step * rr
        }
        return result
    }
}

/// Two non-negative weights of two logit matrices and how sure they are: a Gaussian that one task's fit hands to the
/// next as its prior.
struct MixtureWeights: Sendable, Codable, Equatable {
    var first = 1.0
    var second = 0.0
    /// The inverse covariance, symmetric.
    var precision = [1.0, 0, 10.0]

    /// The mode of prior times likelihood of `labels`, by Newton's method: the logarithm is concave in the two weights.
    /// A weight that would be negative is 0.
    func updated(_ first: Matrix<Float>, _ second: Matrix<Float>, labels: [Int]) -> MixtureWeights {
        let free = [(true, true), (true, false), (false, true)].map {
            maximise(first, second, labels, free: $0)
        }
        let best = free[0].first >= 0 && free[0].second >= 0 ? free[0] : {
            let candidates = free.dropFirst().map { MixtureWeights(
                first: max(0, $0.first), second: max(0, $0.second), precision: $0.precision) }
            let losses = candidates.map { objective(first, second, labels, ($0.first, $0.second)).loss }
            return losses[0] <= losses[1] ? candidates[0] : candidates[1]
        }()
        return best
    }

    private struct Derivatives {
        var loss = 0.0
        var gradient = (0.0, 0.0)
        var hessian = (0.0, 0.0, 0.0)
    }

    private func maximise(
        _ first: Matrix<Float>, _ second: Matrix<Float>, _ labels: [Int], free: (Bool, Bool)
    ) -> MixtureWeights {
        var point = (free.0 ? max(self.first, 0.1) : 0, free.1 ? max(self.second, 0.05) : 0)
        var here = objective(first, second, labels, point)
        for _ in 0..<50 {
            var (h11, h12, h22) = here.hessian
            var (g1, g2) = here.gradient
            if !free.0 { (h11, h12, g1) = (1, 0, 0) }
            if !free.1 { (h22, h12, g2) = (1, 0, 0) }
            let determinant = max(h11 * h22 - h12 * h12, 1e-12)
            let step = ((h22 * g1 - h12 * g2) / determinant, (h11 * g2 - h12 * g1) / determinant)
            var size = 1.0
            var next = point
            var there = here
            repeat {
                next = (point.0 - size * step.0, point.1 - size * step.1)
                there = objective(first, second, labels, next)
                size /= 2
            } while !(there.loss <= here.loss) && size > 1e-6
            guard there.loss < here.loss else { break }
            let gain = here.loss - there.loss
            (point, here) = (next, there)
            if gain < 1e-6 { break }
        }
        return MixtureWeights(
            first: point.0, second: point.1, precision: [here.hessian.0, here.hessian.1, here.hessian.2])
    }

    /// Minus the log of prior times likelihood.
    private func objective(
        _ first: Matrix<Float>, _ second: Matrix<Float>, _ labels: [Int], _ weights: (Double, Double)
    ) -> Derivatives {
        var result = Self.crossEntropy(first, second, labels, weights)
        let (d1, d2) = (weights.0 - self.first, weights.1 - self.second)
        let (g1, g2) = (precision[0] * d1 + precision[1] * d2, precision[1] * d1 + precision[2] * d2)
        result.loss += 0.5 * (d1 * g1 + d2 * g2)
        result.gradient = (result.gradient.0 + g1, result.gradient.1 + g2)
        result.hessian = (
            result.hessian.0 + precision[0], result.hessian.1 + precision[1], result.hessian.2 + precision[2])
        return result
    }

    /// The summed cross-entropy of weights.0·first + weights.1·second, with gradient and Hessian.
    private static func crossEntropy(
        _ first: Matrix<Float>, _ second: Matrix<Float>, _ labels: [Int], _ weights: (Double, Double)
    ) -> Derivatives {
        let logits = Float(weights.0) * first + Float(weights.1) * second
        let log = logits.logSoftmax()
        let classes = first.columns
        var sum = Derivatives()
        for (row, label) in labels.enumerated() {
            let (l, f, g) = (
                log.pointer + row * classes, first.pointer + row * classes, second.pointer + row * classes)
            var (e1, e2, e11, e12, e22) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for k in 0..<classes {
                let p = Double(Foundation.exp(l[k]))
                let (x, y) = (Double(f[k]), Double(g[k]))
                e1 += p * x
                e2 += p * y
                e11 += p * x * x
                e12 += p * x * y
                e22 += p * y * y
            }
            sum.loss -= Double(l[label])
            sum.gradient.0 += e1 - Double(f[label])
            sum.gradient.1 += e2 - Double(g[label])
            sum.hessian.0 += e11 - e1 * e1
            sum.hessian.1 += e12 - e1 * e2
            sum.hessian.2 += e22 - e2 * e2
        }
        return sum
    }
}
