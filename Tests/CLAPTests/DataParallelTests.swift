import FeatureData
import Matrices
import Prediction
import TestSupport
import Testing

@testable import CLAP

/// Several ranks train the model of one.
///
/// Gradients are sums of the same terms in another order, so a step differs by rounding: about 1e-7 of the gradient. Gradient
/// descent and AdamW hand that on from step to step; where a gradient is near zero AdamW divides by its size, so that the sign
/// of a rounding error may decide a step of the learning rate. Over these 60 to 100 steps differences stay far below 1e-4 of
/// the largest parameter, the bound that is tested.
@Suite struct DataParallelTests {
    static let variants = CLAPHeadTests.variants.map(\.name)

    private static func parameters(_ variant: String, ranks: Int) throws -> [[String: Matrix<Float>]] {
        let change = try #require(CLAPHeadTests.variants.first { $0.name == variant }).change
        return try ThreadRanks.run(ranks) { _ in
            try SmallProblem.trained(SmallProblem.recipe(change)).parameters
        }
    }

    @Test(arguments: variants) func ranksTrainTheModelOfOne(variant: String) throws {
        let change = try #require(CLAPHeadTests.variants.first { $0.name == variant }).change
        let alone = try SmallProblem.trained(SmallProblem.recipe(change))
        for count in [2, 3] {
            let heads = try ThreadRanks.run(count) { _ in try SmallProblem.trained(SmallProblem.recipe(change)) }
            // All ranks have the same bits.
            for other in heads.dropFirst() { #expect(other.parameters == heads[0].parameters) }
            for (name, expected) in alone.parameters {
                let found = try #require(heads[0].parameters[name])
                let closeness = Closeness(found, expected)
                #expect(closeness.relativeToLargest < 1e-4, "\(name) with \(count) ranks: \(closeness)")
            }
            let rows = SmallProblem.rows(0..<6, perClass: 10, seed: 9).features
            let (own, other) = (try alone.posterior(for: rows).mean, try heads[0].posterior(for: rows).mean)
            #expect(Closeness(other, own).relativeToLargest < 1e-4)
        }
    }

    @Test func theSameRanksGiveTheSameBitsAgain() throws {
        let first = try Self.parameters("default", ranks: 3)
        #expect(try Self.parameters("default", ranks: 3) == first)
    }

    /// More ranks than rows in a batch: some have nothing to add.
    @Test func ranksMayBeWithoutRows() throws {
        let recipe = SmallProblem.recipe { $0.batchSize = 2 }
        let alone = try SmallProblem.trained(recipe)
        let heads = try ThreadRanks.run(3) { _ in try SmallProblem.trained(recipe) }
        for (name, expected) in alone.parameters {
            #expect(Closeness(try #require(heads[2].parameters[name]), expected).relativeToLargest < 1e-4)
        }
    }

    @Test func divergenceEndsAllRanksAlike() throws {
        let recipe = SmallProblem.recipe { $0.learningRate = 1e30 }
        #expect(throws: HeadError.self) { try ThreadRanks.run(2) { _ in try SmallProblem.trained(recipe) } }
    }

    /// Noise of some rows is that of all rows, cut.
    @Test(arguments: [CLAPRecipe.Noise.independent, .antithetic, .quasiRandom])
    func noiseBelongsToRows(kind: CLAPRecipe.Noise) throws {
        var recipe = CLAPRecipe.default(featureDimension: 8)
        recipe.noise = kind
        var (whole, part) = (
            try StepNoise(recipe: recipe, classes: 5, random: .init(seed: 3)),
            try StepNoise(recipe: recipe, classes: 5, random: .init(seed: 3)))
        for step in 0..<3 {
            let all = whole.next(rows: 10, own: 0..<10).own
            let own = part.next(rows: 10, own: 2 + step..<7).own
            let draws = all.rows / 10
            #expect(own.elements == all.rows((2 + step) * draws..<7 * draws).elements)
        }
    }
}
