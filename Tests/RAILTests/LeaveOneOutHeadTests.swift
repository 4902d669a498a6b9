import FeatureData
import Matrices
import Prediction
import Testing
import TestSupport

@testable import RAIL

/// What a head would have answered for a row that it has learnt is what a head answers that has not.
@Suite struct LeaveOneOutHeadTests {
    private let world = RandomRows(classes: 3, rowsPerClass: 14, dimension: 12)

    private func task(without row: Int?) -> LearningTask {
        var task = world.task([0, 1, 2], known: [])
        if let row { task.rows = task.rows.selecting((0..<task.rows.count).filter { $0 != row }) }
        return task
    }

    @Test(arguments: [nil, 0.6] as [Float?]) func primal(_ fusionWeight: Float?) throws {
        var recipe = RAILRecipe()
        (recipe.hidden, recipe.precision, recipe.fusionWeight) = (80, .double, fusionWeight)
        func head(without row: Int?) throws -> RAILPrimalHead {
            var head = try RAILPrimalHead(recipe: recipe, featureDimension: 12)
            try head.learn(task(without: row), seed: 1) { _ in }
            return head
        }
        let all = try head(without: nil)
        let rows = task(without: nil).rows
        let found = try all.leaveOneOutPosterior(of: rows)
        for row in [0, 17, 41] {
            let (scores, leverages) = try head(without: row).scores(for: rows.features.rows(row..<row + 1))
            let expected = all.link.posterior(scores: scores, leverages: leverages, noise: all.noiseVariances)
            expectClose(found.mean.row(row), expected.mean.row(0), absolute: 1e-3)
            expectClose(found.variance.row(row), expected.variance.row(0), absolute: 1e-3)
        }
        #expect(throws: HeadError.featureDimension(expected: 12, found: 2)) {
            try all.leaveOneOutPosterior(of: LabelledFeatures(features: Matrix(rows: 1, columns: 2), labels: [0]))
        }
    }

    @Test(arguments: [1000, 10]) func dual(_ exactRows: Int) throws {
        var recipe = RAILDualRecipe()
        (recipe.exactRows, recipe.landmarks) = (exactRows, 60)
        func head(without row: Int?) throws -> RAILDualHead {
            var head = try RAILDualHead(recipe: recipe, featureDimension: 12)
            try head.learn(task(without: row), seed: 1) { _ in }
            return head
        }
        let all = try head(without: nil)
        #expect((all.landmarks == nil) == (exactRows == 1000))
        let rows = task(without: nil).rows
        let found = try all.leaveOneOutPosterior(of: rows)
        // Landmarks are all rows here: the approximation is then exact, but for the row's own landmark.
        for row in [0, 17, 41] {
            let (scores, variances) = try head(without: row).scores(for: rows.features.rows(row..<row + 1))
            let expected = all.link.posterior(scores: scores, leverages: variances, noise: all.scales)
            expectClose(found.mean.row(row), expected.mean.row(0), absolute: 2e-3)
            expectClose(found.variance.row(row), expected.variance.row(0), absolute: 2e-3)
        }
        #expect(throws: HeadError.featureDimension(expected: 12, found: 2)) {
            try all.leaveOneOutPosterior(of: LabelledFeatures(features: Matrix(rows: 1, columns: 2), labels: [0]))
        }
    }
}
