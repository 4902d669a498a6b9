import FeatureData
import Matrices
import Prediction
import TestSupport
import Testing

@testable import RAIL

/// Several ranks learn the model of one: each sums its share of the rows.
@Suite struct RankedSumsTests {
    private let world = RandomRows(classes: 6, rowsPerClass: 15, dimension: 12)

    private func head(_ precision: RidgePrecision, _ regulariser: RidgeParameter = .fixed(0.05)) throws -> RAILPrimalHead {
        var recipe = RAILRecipe()
        recipe.hidden = 50
        recipe.regulariser = regulariser
        recipe.precision = precision
        return try RAILPrimalHead(recipe: recipe, featureDimension: world.dimension)
    }

    private func learnt(_ precision: RidgePrecision, _ regulariser: RidgeParameter = .fixed(0.05)) throws -> RAILPrimalHead {
        var head = try head(precision, regulariser)
        try head.learn(world.task([0, 1, 2], known: []), seed: 7) { _ in }
        try head.learn(world.task([3, 4, 5], known: [0, 1, 2]), seed: 7) { _ in }
        return head
    }

    @Test(arguments: [2, 3, 7]) func ranksLearnTheWeightsOfOne(count: Int) throws {
        let alone = try learnt(.double)
        let heads = try ThreadRanks.run(count) { _ in try self.learnt(.double) }
        for head in heads {
            expectClose(head.weights, alone.weights, relative: 1e-8)
            expectClose(head.noiseVariances, alone.noiseVariances, relative: 1e-8)
            #expect(head.rowCounts == alone.rowCounts)
            #expect(head.weights == heads[0].weights)
        }
    }

    /// In Float the bound is that of the sums' rounding times the condition of the system.
    @Test func sumsInSinglePrecision() throws {
        let alone = try learnt(.single)
        let heads = try ThreadRanks.run(3) { _ in try self.learnt(.single) }
        let closeness = Closeness(heads[1].weights, alone.weights)
        #expect(closeness.relativeToLargest < 1e-3, "\(closeness)")
    }

    /// Ranks may be machines with files of their own.
    @Test func ranksThatSumDifferentTasksAreTold() throws {
        let whole = world.task([0, 1, 2], known: [])
        let error = #expect(throws: RAILPartError.self) {
            _ = try ThreadRanks.run(3) { ranks in
                let empty = try self.head(.double)
                let task = try empty.task(
                    whole.classes, rows: whole.rows.count, sample: whole.rows.features.rows(0..<8), seed: 7,
                    data: ranks.rank == 1 ? "others" : "these")
                var learning = try RAILPrimalLearning(empty, task: task)
                try learning.sum(over: ranks)
            }
        }
        #expect(
            error == .disagree(
                "rank 1", "rank 0", what: "the data (their fingerprint)", found: "others", expected: "these"))
    }

    /// Rows that only one rank holds: sums, class counts and the rows that λ is chosen on come together.
    @Test(arguments: [RidgeParameter.fixed(0.05), .marginalLikelihood, .leaveOneOut])
    func ranksMayHoldRowsOfTheirOwn(regulariser: RidgeParameter) throws {
        let whole = world.task(Array(0..<6), known: [])
        var alone = try head(.double, regulariser)
        try alone.learn(whole, seed: 7) { _ in }
        let heads = try ThreadRanks.run(3) { ranks in
            let empty = try self.head(.double, regulariser)
            let task = try empty.task(
                whole.classes, rows: whole.rows.count, sample: whole.rows.features.rows(0..<RAILPrimalHead.taskSample),
                seed: 7, data: "test")
            let own = ranks.share(of: whole.rows.count)
            var learning = try RAILPrimalLearning(empty, task: task, from: own.lowerBound)
            try learning.add(whole.rows.selecting(Array(own)))
            try learning.sum(over: ranks)
            return try learning.finished()
        }
        for head in heads {
            expectClose(head.weights, alone.weights, relative: 1e-6)
            #expect(head.rowCounts == alone.rowCounts)
            let (a, b) = (try head.posterior(for: whole.rows.features), try alone.posterior(for: whole.rows.features))
            #expect(Closeness(a.mean, b.mean).relativeToLargest < 1e-4)
        }
    }
}
