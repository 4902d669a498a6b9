import CLAP
import FeatureData
import Foundation
import Matrices
import Prediction
import TestSupport
import Testing

/// Ways to probabilities on the posterior of a head that learnt real features.
@Suite struct PredictiveMethodsOnFeaturesTests {
    private static func learnt() throws -> (posterior: LogitPosterior, labels: [Int]) {
        let data = try Dataset.open(FeatureDataFolder.example)
        var recipe = CLAPRecipe.default(featureDimension: data.featureDimension)
        recipe.epochs = 2
        var head = try CLAPHead(recipe: recipe)
        try head.learn(LearningTask(classes: data.prompts, rows: try data.load(.train)), seed: 1) { _ in }
        let test = try data.load(.test)
        return (try head.posterior(for: test.features), test.labels)
    }

    private func nll(_ logarithms: Matrix<Float>, _ labels: [Int]) -> Double {
        labels.enumerated().reduce(0) { $0 - Double(logarithms[$1.offset, $1.element]) } / Double(labels.count)
    }

    /// The default, 64 samples, is within 1 % of the likelihood by quadrature.
    @Test func theDefaultsLikelihoodIsThatOfTheExact() throws {
        let (posterior, labels) = try Self.learnt()
        let exact = nll(posterior.logProbabilities(.exact), labels)
        expectClose(nll(posterior.logProbabilities(.monteCarlo), labels) / exact, 1, absolute: 0.01)
    }

    /// Each probability above 1e-3, its samples shared by all rows, within 5 of its standard errors from 32 replicates
    /// (Student's t with 31 degrees of freedom leaves 2e-5 beyond) but for 4 of at most 4,000, and the mean square of all
    /// below 2. Smaller ones are means of a few large samples, which no standard error describes.
    @Test func quadratureIsWithinTheErrorOfSamples() throws {
        let posterior = try Self.learnt().posterior
        let exact = posterior.exact(.double)
        let sampled = posterior.sampled(samples: 4096, replicates: 32)
        var (count, beyond, squares) = (0, 0, 0.0)
        for row in 0..<posterior.rows {
            for k in 0..<posterior.classes where exact.probabilities[row, k] > 1e-3 {
                let error = Double(sampled.standardErrors[row, k]) + 1e-7  // Float's rounding of the samples
                count += 1
                let z = (Double(sampled.probabilities[row, k]) - exact.probabilities[row, k]) / error
                squares += z * z
                if abs(z) > 5 { beyond += 1 }
            }
        }
        #expect(beyond <= 4)
        #expect(count > 1000)
        #expect(squares / Double(count) < 2)
    }
}
