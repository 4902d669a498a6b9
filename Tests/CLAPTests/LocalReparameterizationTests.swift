import Foundation
import Gradients
import Matrices
import Probability
import Testing

@testable import CLAP

/// Drawing logits in place of class vectors.
@Suite struct LocalReparameterizationTests {
    private static let (rowCount, classes, width) = (5, 4, 7)

    private static func matrix<Scalar: MatrixScalar>(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Scalar> {
        var noise = NormalNoise(seed: seed)
        return .standardNormal(rows: rows, columns: columns, noise: &noise)
    }

    private static let rows: Matrix<Double> = matrix(rowCount, width, seed: 1).normalizedRows()
    private static let labels = [0, 3, 1, 2, 2]

    /// Central differences in Double with a step of 1e-5: 1e-9 of the function's scale; with and without a hierarchy.
    @Test(arguments: [1, 3], [false, true]) func gradientsAreThoseOfTheLoss(_ blocks: Int, _ antithetic: Bool) {
        let stacked = blocks * Self.classes
        let location = Parameter<Double>(name: "location", value: Self.matrix(stacked, Self.width, seed: 2))
        let spread = Parameter<Double>(name: "spread", value: Self.matrix(stacked, Self.width, seed: 3))
        let noise: Matrix<Double> = Self.matrix(Self.rowCount * blocks * 3, Self.classes, seed: 4)
        func loss(_ tape: Tape<Double>) -> Variable<Double> {
            LocalReparameterization(rows: Self.rows, labels: Self.labels, logitScale: 3, blocks: blocks)(
                location: tape.parameter(location), deviation: tape.parameter(spread).softplus(), noise: noise,
                antithetic: antithetic)
        }
        let tape = Tape<Double>()
        tape.backward(from: loss(tape))
        for parameter in [location, spread] {
            for row in 0..<stacked {
                for column in 0..<Self.width {
                    let center = parameter.value[row, column]
                    parameter.value[row, column] = center + 1e-5
                    let above = loss(Tape()).scalar
                    parameter.value[row, column] = center - 1e-5
                    let below = loss(Tape()).scalar
                    parameter.value[row, column] = center
                    let difference = (above - below) / 2e-5
                    let gradient = parameter.gradient?[row, column] ?? .nan
                    #expect(abs(gradient - difference) < 1e-8)
                }
            }
        }
    }

    /// Both ways estimate the same expectation. 20,000 draws: each mean has a standard error of at most σ/√n ≤ 0.01
    /// here, and 5 of both are 0.07.
    @Test func expectationIsThatOfDrawnClassVectors() {
        let location: Matrix<Float> = Self.matrix(Self.classes, Self.width, seed: 2)
        let deviation = (Self.matrix(Self.classes, Self.width, seed: 3) as Matrix<Float>).softplus()
        let rows = Matrix<Float>(Self.rows)
        let draws = 20_000
        let tape = Tape<Float>()
        let (place, spread) = (tape.constant(location), tape.constant(deviation))
        let local = LocalReparameterization(rows: rows, labels: Self.labels, logitScale: 2, blocks: 1)(
            location: place, deviation: spread, noise: Self.matrix(Self.rowCount * draws, Self.classes, seed: 4),
            antithetic: false)
        let vectors = SampledCrossEntropy(rows: rows, labels: Self.labels, logitScale: 2, blocks: 1)(
            location: place, scale: spread, noise: Self.matrix(draws * Self.classes, Self.width, seed: 5))
        #expect(abs(local.scalar - vectors.scalar) < 0.07)
    }

    /// Antithetic and quasi-random draws estimate the same, and vary less from step to step: the variance of the loss
    /// over 400 estimates with 8 draws each.
    @Test(arguments: [4, 60]) func structuredNoiseHasLessVariance(_ classes: Int) throws {
        let location: Matrix<Float> = Self.matrix(classes, Self.width, seed: 2)
        let deviation = Matrix<Float>(rows: classes, columns: Self.width, repeating: 0.5)
        let rows = Matrix<Float>(Self.rows)
        func estimates(_ kind: CLAPRecipe.Noise) throws -> (mean: Double, variance: Double) {
            var recipe = CLAPRecipe.default(featureDimension: Self.width)
            recipe.noise = kind
            recipe.samples = 8
            var noise = try StepNoise(recipe: recipe, classes: classes, random: RandomStream(seed: 9))
            let losses = (0..<400).map { _ in
                let tape = Tape<Float>()
                return Double(
                    LocalReparameterization(rows: rows, labels: Self.labels, logitScale: 2, blocks: 1)(
                        location: tape.constant(location), deviation: tape.constant(deviation),
                        noise: noise.next(rows: Self.rowCount, own: 0..<Self.rowCount).own, antithetic: kind == .antithetic
                    ).scalar)
            }
            let mean = losses.reduce(0, +) / 400
            return (mean, losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399)
        }
        let plain = try estimates(.independent)
        for kind in [CLAPRecipe.Noise.antithetic, .quasiRandom] {
            let other = try estimates(kind)
            #expect(abs(other.mean - plain.mean) < 5 * ((plain.variance + other.variance) / 400).squareRoot())
            #expect(other.variance < 0.8 * plain.variance, "\(kind)")
        }
    }

    /// A bank's rows are standard normal in every class: moments of 128 sets of 8 points within five standard errors of
    /// independent ones, which stratified ones are well within.
    @Test func quasiRandomNormalsAreStandardNormal() throws {
        var bank = try QuasiRandomNormals(draws: 8, classes: 90, random: RandomStream(seed: 4))
        let draws = bank.next(rows: 2000, own: 0..<2000)
        #expect(draws.rows == 16_000 && draws.columns == 90)
        for (mean, square) in zip(draws.columnMeans(), draws.columnSquaredNorms()) {
            #expect(abs(mean) < 0.05)
            #expect(abs(square / 16_000 - 1) < 0.2)
        }
        // Eight points of a set fall into the eight equal parts of each coordinate.
        let set = draws.rows(0..<8)
        for column in 0..<90 {
            let parts = Set((0..<8).map { Int(8 * Normal.standard.cdf(Double(set[$0, column]))) })
            #expect(parts.count == 8)
        }
    }
}
