import Foundation
import Gradients
import Matrices
import Probability

/// Starting values of parameters.
enum Initialization {
    /// The attention module as PyTorch starts a `TransformerDecoderLayer`: Xavier-uniform stacked projections with zero
    /// bias, other maps uniform within ±1/√inputs, output projections without bias, layer norms 1 and 0.
    static func attention<Scalar: MatrixScalar>(
        _ configuration: CLAPConfiguration, random: RandomStream
    ) -> [String: Matrix<Scalar>] {
        var values: [String: Matrix<Scalar>] = [:]
        let shapes = ParameterShapes(configuration, tasks: 0, classes: 0).all.filter {
            $0.name.hasPrefix("vga.") && $0.name != ParameterShapes.gate
        }
        for (index, entry) in shapes.enumerated() {
            let (name, shape) = entry
            var stream = random.split(index)
            let bound: Double
            if name.hasSuffix("in_proj_weight") {
                bound = (6 / Double(shape.rows + shape.columns)).squareRoot()
            } else if name.hasSuffix("in_proj_bias") || name.hasSuffix("out_proj.bias") || name.contains("norm") {
                bound = 0
            } else if name == "vga.linear2.bias" {
                bound = 1 / Double(configuration.feedForwardWidth).squareRoot()
            } else if name == "vga.linear1.bias" {
                bound = 1 / Double(configuration.featureDimension).squareRoot()
            } else {
                bound = 1 / Double(shape.columns).squareRoot()
            }
            values[name] =
                name.contains("norm") && name.hasSuffix("weight")
                ? Matrix(rows: 1, columns: shape.columns, repeating: 1)
                : uniform(rows: shape.rows, columns: shape.columns, bound: bound, random: &stream)
        }
        return values
    }

    /// A pair of adapters named `mu_…` and `sigma_…` by `suffix`.
    static func adapters<Scalar: MatrixScalar>(
        suffix: String, text: CLAPText<Scalar>, rule: CLAPRecipe.AdapterInitialization, logitScale: Double,
        random: RandomStream
    ) -> [String: Matrix<Scalar>] {
        let width = text.classFeatures.columns
        let bound = 1 / Double(width).squareRoot()
        var values: [String: Matrix<Scalar>] = [:]
        var streams = (0..<3).map { random.split($0) }
        switch rule {
        case .textStatistics:
            values["mu_\(suffix).weight"] = text.promptMeans.multiplied(
                .transposed, by: text.promptMeans, scaledBy: 1 / Scalar(width))
            values["sigma_\(suffix).weight"] =
                text.promptVariances.map { $0.multiplied(.transposed, by: $0, scaledBy: 1 / Scalar(width)) }
                ?? uniform(rows: width, columns: width, bound: bound, random: &streams[0])
            values["mu_\(suffix).bias"] = uniform(rows: 1, columns: width, bound: bound, random: &streams[1])
            values["sigma_\(suffix).bias"] = uniform(rows: 1, columns: width, bound: bound, random: &streams[2])
        case .zeroShot(let logitStandardDeviation):
            let zero = Matrix<Scalar>(rows: width, columns: width)
            values["mu_\(suffix).weight"] = zero
            values["mu_\(suffix).bias"] = Matrix(rows: 1, columns: width)
            values["sigma_\(suffix).weight"] = zero
            // A unit row sees the logit standard deviation logitScale·σ; σ = 0.999·softplus(bias) + 0.001.
            let sigma = max(logitStandardDeviation / logitScale, 0.0011)
            let bias = Foundation.log(Foundation.expm1((sigma - 0.001) / 0.999))
            values["sigma_\(suffix).bias"] = Matrix(rows: 1, columns: width, repeating: Scalar(bias))
        }
        return values
    }

    /// A task token: standard normal entries divided by √D, so of a norm near 1 like the class features beside it.
    static func token<Scalar: MatrixScalar>(width: Int, random: RandomStream) -> Matrix<Scalar> {
        var noise = random.noise
        var token: Matrix<Scalar> = Matrix.standardNormal(rows: 1, columns: width, noise: &noise)
        token.scale(by: 1 / Scalar(width).squareRoot())
        return token
    }

    private static func uniform<Scalar: MatrixScalar>(
        rows: Int, columns: Int, bound: Double, random: inout RandomStream
    ) -> Matrix<Scalar> {
        guard bound > 0 else { return Matrix(rows: rows, columns: columns) }
        return Matrix(
            rows: rows, columns: columns,
            elements: (0..<rows * columns).map { _ in Scalar((2 * random.uniform() - 1) * bound) })
    }
}
