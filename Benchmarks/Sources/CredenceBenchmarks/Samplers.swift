import Credence
import Foundation

/// Effective draws a second of NUTS: four chains of 1000 warm-up iterations and 1000 draws, the whole run timed, and
/// the smallest bulk effective sample size of any parameter over that time.
enum Samplers {
    static func run(_ harness: Harness) throws {
        try measure("eight schools", eightSchools, harness)
        let (x, y) = try regressionData()
        try measure("logistic regression", logisticRegression(x, y), harness)
        // The same model written with operations of variables, its gradient by the tape.
        try measure("logistic regression on the tape", onTape(x, y).logDensity, harness)
    }

    private static func measure(
        _ name: String, _ model: any DifferentiableLogDensityModel, _ harness: Harness
    ) throws {
        var seed: UInt64 = 0
        var sizes: [Double] = []
        let seconds = try harness.median {
            seed += 1
            let draws = try NoUTurnSampler().sample(model, seed: seed)
            sizes.append(try draws.summary().map(\.bulkEffectiveSampleSize).min() ?? .nan)
        }
        try harness.report(
            Measurement(
                name: "NUTS", threads: harness.threads, seconds: seconds, detail: name,
                value: Harness.median(of: sizes) / seconds, unit: "effective draws/s"))
    }

    private static let effects: [Double] = [28, 8, -3, 7, -1, 1, 18, 12]
    private static let errors: [Double] = [15, 10, 16, 11, 9, 11, 10, 18]

    /// Non-centred: μ ~ N(0, 5), τ ~ HalfCauchy(5), θ = μ + τ·t; positions are μ, ln τ, t.
    private static var eightSchools: DifferentiableLogDensityFunction {
        let (effects, errors) = (effects, errors)
        return DifferentiableLogDensityFunction(dimension: 10) { x, gradient in
            let tau = exp(x[1])
            let ratio = tau * tau / 25
            var value = -x[0] * x[0] / 50 - log1p(ratio) + x[1]
            gradient[0] = -x[0] / 25
            gradient[1] = 1 - 2 * ratio / (1 + ratio)
            for i in 0..<8 {
                let t = x[2 + i]
                let residual = (effects[i] - x[0] - tau * t) / errors[i]
                let slope = residual / errors[i]
                value -= 0.5 * (t * t + residual * residual)
                gradient[0] += slope
                gradient[1] += slope * tau * t
                gradient[2 + i] = slope * tau - t
            }
            return value
        }
    }

    /// The regression of `Tests/Golden/mcmc`, which the peer script reads too: 120 rows of 4 numbers, labels 0 and 1.
    private static func regressionData() throws -> (x: Matrix<Double>, y: [Double]) {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = try SafetensorsFile(
            contentsOf: root.appending(path: "Tests/Golden/mcmc/logistic_regression.safetensors"))
        return try (file.matrix("in.x"), file.tensor("in.y").values(of: Double.self))
    }

    /// Weights ~ N(0, 2.5), intercept ~ N(0, 10).
    private static func logisticRegression(_ x: Matrix<Double>, _ y: [Double]) -> DifferentiableLogDensityFunction {
        let (rows, features, values) = (x.rows, x.columns, x.elements)
        return DifferentiableLogDensityFunction(dimension: features + 1) { w, gradient in
            var value = -0.5 * w[features] * w[features] / 100
            gradient[features] = -w[features] / 100
            for k in 0..<features {
                value -= 0.5 * w[k] * w[k] / 6.25
                gradient[k] = -w[k] / 6.25
            }
            for row in 0..<rows {
                var logit = w[features]
                for k in 0..<features { logit += values[row * features + k] * w[k] }
                // Both the sigmoid and ln(1 + eˣ) from one exponential.
                let small = exp(-abs(logit))
                let p = (logit >= 0 ? 1 : small) / (1 + small)
                value += y[row] * logit - max(logit, 0) - log1p(small)
                for k in 0..<features { gradient[k] += (y[row] - p) * values[row * features + k] }
                gradient[features] += y[row] - p
            }
            return value
        }
    }

    private static func onTape(_ x: Matrix<Double>, _ y: [Double]) -> VariationalModel<Double> {
        let design = Matrix((0..<x.rows).map { x.row($0) + [1] })
        let labels = Matrix(rows: y.count, columns: 1, elements: y)
        return VariationalModel(
            dimension: 5, prior: .normal(mean: [0, 0, 0, 0, 0], standardDeviation: [2.5, 2.5, 2.5, 2.5, 10])
        ) { w in
            let logits = w.multiplied(by: w.tape.constant(design), .transposed)
            return logits.multiplied(by: w.tape.constant(labels)) - logits.softplus().rowSums()
        }
    }
}
