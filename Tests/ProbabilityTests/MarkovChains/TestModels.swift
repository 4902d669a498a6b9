import Foundation
import Matrices
import Probability
import TestSupport

/// Eight schools, non-centred: μ ~ N(0, 5), τ ~ HalfCauchy(5), θ = μ + τ·t, t ~ N(0, 1), y ~ N(θ, σ). Positions are
/// μ, ln τ, t.
struct EightSchools: DifferentiableLogDensityModel {
    let y: [Double]
    let sigma: [Double]

    init(_ golden: GoldenCase) throws {
        y = try golden.values("in.y")
        sigma = try golden.values("in.sigma")
    }

    var dimension: Int { 2 + y.count }

    func logDensity(at x: [Double], gradient: inout [Double]) -> Double {
        let (mu, logTau) = (x[0], x[1])
        let tau = exp(logTau)
        let ratio = tau * tau / 25
        var value = -mu * mu / 50 - log1p(ratio) + logTau
        gradient[0] = -mu / 25
        gradient[1] = 1 - 2 * ratio / (1 + ratio)
        for i in y.indices {
            let t = x[2 + i]
            let residual = (y[i] - mu - tau * t) / sigma[i]
            let slope = residual / sigma[i]
            value -= 0.5 * (t * t + residual * residual)
            gradient[0] += slope
            gradient[1] += slope * tau * t
            gradient[2 + i] = slope * tau - t
        }
        return value
    }
}

/// Rows of x `[rows · features]` with their y.
struct RegressionData {
    let x: [Double]
    let y: [Double]
    let features: Int

    init(_ golden: GoldenCase) throws {
        let matrix: Matrix<Double> = try golden.matrix("in.x")
        (x, features) = (matrix.elements, matrix.columns)
        y = try golden.values("in.y")
    }
}

/// Logistic regression: weights ~ N(0, 2.5), intercept ~ N(0, 10), y ~ Bernoulli(sigmoid(x·w + b)). Positions are the
/// weights, then the intercept.
struct LogisticRegression: DifferentiableLogDensityModel {
    let data: RegressionData

    init(_ golden: GoldenCase) throws { data = try RegressionData(golden) }

    var dimension: Int { data.features + 1 }

    func logDensity(at w: [Double], gradient: inout [Double]) -> Double {
        let (x, y, features) = (data.x, data.y, data.features)
        var value = 0.0
        for k in 0..<features {
            value -= 0.5 * w[k] * w[k] / 6.25
            gradient[k] = -w[k] / 6.25
        }
        value -= 0.5 * w[features] * w[features] / 100
        gradient[features] = -w[features] / 100
        for row in y.indices {
            var logit = w[features]
            for k in 0..<features { logit += x[row * features + k] * w[k] }
            let p = 1 / (1 + exp(-logit))
            // ln(1 + eˣ) without overflow.
            value += y[row] * logit - max(logit, 0) - log1p(exp(-abs(logit)))
            for k in 0..<features { gradient[k] += (y[row] - p) * x[row * features + k] }
            gradient[features] += y[row] - p
        }
        return value
    }
}

/// Linear regression: a ~ N(0, 5), w ~ N(0, 2), s ~ HalfNormal(2), y ~ N(a + x·w, s). Positions are a, ln s, w.
struct LinearRegression: DifferentiableLogDensityModel {
    let data: RegressionData

    init(_ golden: GoldenCase) throws { data = try RegressionData(golden) }

    var dimension: Int { data.features + 2 }

    func logDensity(at p: [Double], gradient: inout [Double]) -> Double {
        let (x, y, features) = (data.x, data.y, data.features)
        let (a, logS) = (p[0], p[1])
        let s = exp(logS)
        var value = -a * a / 50 - s * s / 8 + logS - Double(y.count) * logS
        gradient[0] = -a / 25
        gradient[1] = -s * s / 4 + 1 - Double(y.count)
        for k in 0..<features {
            value -= p[2 + k] * p[2 + k] / 8
            gradient[2 + k] = -p[2 + k] / 4
        }
        for row in y.indices {
            var residual = y[row] - a
            for k in 0..<features { residual -= x[row * features + k] * p[2 + k] }
            residual /= s
            value -= 0.5 * residual * residual
            gradient[0] += residual / s
            gradient[1] += residual * residual
            for k in 0..<features { gradient[2 + k] += residual / s * x[row * features + k] }
        }
        return value
    }
}

/// A Gaussian with covariance s_i·s_j·ρ^|i−j| around `mean`; its precision has three diagonals.
struct CorrelatedGaussian: DifferentiableLogDensityModel {
    let mean: [Double]
    let scales: [Double]
    let rho: Double

    var dimension: Int { mean.count }

    func logDensity(at x: [Double], gradient: inout [Double]) -> Double {
        let n = dimension
        let z = (0..<n).map { (x[$0] - mean[$0]) / scales[$0] }
        let factor = 1 / (1 - rho * rho)
        var value = 0.0
        for i in 0..<n {
            let isEnd = i == 0 || i == n - 1
            var slope = z[i] * (isEnd ? 1 : 1 + rho * rho)
            if i > 0 { slope -= rho * z[i - 1] }
            if i < n - 1 { slope -= rho * z[i + 1] }
            value -= 0.5 * factor * z[i] * slope
            gradient[i] = -factor * slope / scales[i]
        }
        return value
    }
}

/// Neal's funnel: v ~ N(0, 3²), x_i ~ N(0, e^v), i = 1 … 9, with x_i = e^(v/2)·t_i. Positions are v, t (non-centred) or
/// v, x (centred).
struct Funnel: DifferentiableLogDensityModel {
    let isCentred: Bool
    var dimension: Int { 10 }

    func logDensity(at p: [Double], gradient: inout [Double]) -> Double {
        let v = p[0]
        var value = -v * v / 18
        gradient[0] = -v / 9
        let precision = isCentred ? exp(-v) : 1
        for i in 1..<10 {
            value -= 0.5 * p[i] * p[i] * precision
            gradient[i] = -p[i] * precision
            if isCentred {
                value -= 0.5 * v
                gradient[0] += 0.5 * p[i] * p[i] * precision - 0.5
            }
        }
        return value
    }
}

/// The largest difference between a model's gradient and central differences, relative to the gradient's size.
func gradientError(_ model: some DifferentiableLogDensityModel, at x: [Double]) -> Double {
    var gradient = [Double](repeating: .nan, count: x.count)
    _ = model.logDensity(at: x, gradient: &gradient)
    let size = gradient.reduce(1) { max($0, abs($1)) }
    return x.indices.reduce(0) { largest, k in
        var (above, below) = (x, x)
        above[k] += 1e-5
        below[k] -= 1e-5
        let difference = (model.logDensity(at: above) - model.logDensity(at: below)) / 2e-5
        return max(largest, abs(difference - gradient[k]) / size)
    }
}
