import FeatureData
import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@testable import CLAP
@testable import Prediction

/// The prior from data: discriminant analysis, rows left out in closed form, and the weights of text and data.
@Suite struct ClassPriorTests {
    private static let width = SmallProblem.width

    private static func densities(_ rows: LabelledFeatures, classes: Int = 3) throws -> ClassDensities {
        var densities = ClassDensities(dimension: width)
        try densities.update(with: rows, classes: classes)
        return densities
    }

    /// Discriminants are the log densities of Gaussians with one covariance, up to what classes have in common, where
    /// rows have a product of 1 with the direction that carries the constant.
    @Test func discriminantsAreLogDensityRatios() throws {
        let densities = try Self.densities(SmallProblem.rows(0..<3, perClass: 40, seed: 3))
        let analysis = try DiscriminantAnalysis(densities)
        let inverse = try CholeskyFactorization(densities.pooledCovariance).inverse()
        let center = Matrix(rows: 1, columns: Self.width, elements: densities.means.columnMeans())
        let spread = center.multiplied(by: inverse)
        let carrier = (1 / spread.dot(center)) * spread
        for seed in UInt64(1)...5 {
            var x = SmallProblem.unit(1, seed: 70 + seed)
            let product = x.dot(carrier)
            x = x + (1 - product) * (1 / center.dot(carrier)) * center
            #expect(abs(x.dot(carrier) - 1) < 1e-4)
            let logDensities = (0..<3).map { k in
                let difference = x - densities.means.rows(k..<k + 1)
                return -0.5 * difference.multiplied(by: inverse).dot(difference)
            }
            let found = x.multiplied(by: analysis.directions, .transposed).elements
            for k in 1..<3 {
                let expected = logDensities[k] - logDensities[0]
                #expect(abs(found[k] - found[0] - expected) < 2e-3 * max(1, abs(expected)))
            }
        }
    }

    /// The closed form of leaving a row out against doing so: the discriminants of a row under densities of all other
    /// rows. The closed form takes the amount of shrinkage as given, so the densities of the rest are given the same.
    @Test(arguments: [3, 10, 60]) func unseenDiscriminantsEqualLeavingRowsOut(_ perClass: Int) throws {
        let rows = SmallProblem.rows(0..<3, perClass: perClass, seed: 4)
        let densities = try Self.densities(rows)
        let analysis = try DiscriminantAnalysis(densities)
        let found = analysis.unseenDiscriminants(of: rows)
        let shrinkage = densities.pooledShrinkage
        for row in [0, rows.count / 2, rows.count - 1] {
            let rest = rows.selecting(rows.labels.indices.filter { $0 != row })
            let others = try Self.densities(rest)
            // Σ with the scatter of the rest, the denominator and the target of all rows.
            let size = Float(densities.degreesOfFreedom)
            let scatter = (Float(others.degreesOfFreedom) / size) * others.pooled
            let target = densities.pooledCovariance - (1 - shrinkage) * densities.pooled
            let inverse = try CholeskyFactorization((1 - shrinkage) * scatter + target).inverse()
            let center = Matrix(rows: 1, columns: Self.width, elements: densities.means.columnMeans())
            let x = rows.features.rows(row..<row + 1)
            let expected = (0..<3).map { k in
                let mean = others.means.rows(k..<k + 1)
                let difference = (mean - center).multiplied(by: inverse)
                return difference.dot(x) - 0.5 * difference.dot(mean + center)
            }
            // The constant is carried by a direction on which the row's product is not exactly 1: compare what leaving
            // the row out changes.
            let all = try CholeskyFactorization(densities.pooledCovariance).inverse()
            for k in 0..<3 {
                let mean = densities.means.rows(k..<k + 1)
                let difference = (mean - center).multiplied(by: all)
                let seen = difference.dot(x) - 0.5 * difference.dot(mean + center)
                let change = found[row, k] - x.dot(analysis.directions.rows(k..<k + 1))
                #expect(abs(change - (expected[k] - seen)) < 5e-3 * max(1, abs(expected[k] - seen)))
            }
        }
    }

    /// The gradient of the posterior of the weights vanishes at the mode, and its precision is the negative Hessian:
    /// both by central differences.
    @Test func weightsAreTheMode() throws {
        var noise = NormalNoise(seed: 1)
        let first: Matrix<Float> = .standardNormal(rows: 200, columns: 4, noise: &noise)
        let second: Matrix<Float> = .standardNormal(rows: 200, columns: 4, noise: &noise)
        let truth = (1.5 * first + 0.7 * second).softmax()
        var random = RandomStream(seed: 2)
        let labels = (0..<200).map { row in
            var left = random.uniform()
            return (0..<3).first { left -= Double(truth[row, $0]); return left < 0 } ?? 3
        }
        let start = DiscriminantWeights()
        let fitted = start.updated(similarities: first, discriminants: second, labels: labels)
        // 200 rows: standard errors near 0.12.
        #expect(abs(fitted.text - 1.5) < 0.5 && abs(fitted.discriminant - 0.7) < 0.5)
        func objective(_ a: Double, _ b: Double) -> Double {
            let (f, s) = (Matrix<Double>(first), Matrix<Double>(second))
            let log = (a * f + b * s).logSoftmax()
            let loss = labels.indices.reduce(0.0) { $0 - log[$1, labels[$1]] }
            return loss + 0.5 * ((a - 1) * (a - 1) + 10 * b * b)
        }
        let (a, b, h) = (fitted.text, fitted.discriminant, 1e-3)
        let (left, middle, right) = (objective(a - h, b), objective(a, b), objective(a + h, b))
        let (below, above) = (objective(a, b - h), objective(a, b + h))
        #expect(abs(right - left) / (2 * h) < 0.05)
        #expect(abs(above - below) / (2 * h) < 0.05)
        let curvature = (right - 2 * middle + left) / (h * h)
        #expect(abs(curvature / fitted.precision[0] - 1) < 0.01)

        // Bayes' rule: two halves, one after the other, are as sure as all rows at once.
        let halves = [0..<100, 100..<200].reduce(start) { weights, part in
            weights.updated(
                similarities: first.rows(part), discriminants: second.rows(part), labels: Array(labels[part]))
        }
        #expect(abs(halves.text - fitted.text) < 0.1 && abs(halves.discriminant - fitted.discriminant) < 0.1)
        #expect(abs(halves.precision[0] / fitted.precision[0] - 1) < 0.1)
    }

    /// Data against the text: a weight never becomes negative, and no rows leave zero-shot.
    @Test func weightsAreNotNegative() {
        var noise = NormalNoise(seed: 1)
        let first: Matrix<Float> = .standardNormal(rows: 300, columns: 4, noise: &noise)
        let labels = (0..<300).map { row in (0..<4).min { first[row, $0] < first[row, $1] } ?? 0 }
        let none = Matrix<Float>(rows: 300, columns: 4)
        let fitted = DiscriminantWeights().updated(similarities: first, discriminants: none, labels: labels)
        #expect(fitted.text == 0 && fitted.discriminant == 0)
        let empty = Matrix<Float>(rows: 0, columns: 4)
        #expect(
            DiscriminantWeights().updated(similarities: empty, discriminants: empty, labels: []) == DiscriminantWeights())
    }

    /// MacKay's rule finds the scale of means that were drawn with it, where the posterior is much narrower: 3 · 24
    /// numbers give it to 1/√144 = 8 %, five times that.
    @Test func fittedDeviationIsThatOfTheMeans() throws {
        var head = try CLAPHead(recipe: ClassVectorTests.recipe())
        try head.learn(ClassVectorTests.task(0..<3), seed: 1) { _ in }
        var noise = NormalNoise(seed: 8)
        var means: Matrix<Float> = .standardNormal(rows: 3, columns: Self.width, noise: &noise)
        means.scale(by: 0.3)
        head.parameters[ParameterShapes.classMeans] = means
        head.parameters[ParameterShapes.classLogDeviations] = Matrix(
            rows: 3, columns: Self.width, repeating: Foundation.log(0.01))
        var prior = GaussianPrior(
            mean: Matrix<Float>(rows: 3, columns: Self.width), deviation: Matrix(rows: 3, columns: Self.width, repeating: 0.1))
        for _ in 0..<5 { prior.fitDeviation(of: 0..<3, to: try head.network()) }
        #expect(abs(prior.deviation[0, 0] / 0.3 - 1) < 0.4)
        #expect(Set(prior.deviation.elements).count == 1)
    }
}
