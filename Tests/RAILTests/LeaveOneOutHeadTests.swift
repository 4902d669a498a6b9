import FeatureData
import Matrices
import Prediction
import Testing
import TestSupport

@testable import RAIL

/// What a head would have answered for a row that it has learnt is what a head answers that has not.
@Suite struct LeaveOneOutHeadTests {
    private let world = RandomRows(classes: 3, rowsPerClass: 14, dimension: 12)

    /// - Parameter answer: what a head says of rows, with the variances of another.
    /// - Returns: the head that has learnt all rows.
    private func expectAnswersOfHeadsWithoutTheRow<Head: ContinualHead & LeaveOneOutHead>(
        _ new: Head, absolute: Double,
        answer: (_ head: Head, _ all: Head, _ rows: Matrix<Float>) throws -> LogitPosterior
    ) throws -> Head {
        let task = world.task([0, 1, 2], known: [])
        func head(without row: Int?) throws -> Head {
            var (head, task) = (new, task)
            if let row { task.rows = task.rows.selecting((0..<task.rows.count).filter { $0 != row }) }
            try head.learn(task, seed: 1) { _ in }
            return head
        }
        let all = try head(without: nil)
        let found = try all.leaveOneOutPosterior(of: task.rows)
        for row in [0, 17, 41] {
            let expected = try answer(head(without: row), all, task.rows.features.rows(row..<row + 1))
            expectClose(found.mean.row(row), expected.mean.row(0), absolute: absolute)
            expectClose(found.variance.row(row), expected.variance.row(0), absolute: absolute)
        }
        #expect(throws: HeadError.featureDimension(expected: 12, found: 2)) {
            try all.leaveOneOutPosterior(of: LabelledFeatures(features: Matrix(rows: 1, columns: 2), labels: [0]))
        }
        return all
    }

    @Test(arguments: [nil, 0.6] as [Float?]) func primal(_ fusionWeight: Float?) throws {
        var recipe = RAILRecipe()
        (recipe.hidden, recipe.precision, recipe.fusionWeight) = (80, .double, fusionWeight)
        let new = try RAILPrimalHead(recipe: recipe, featureDimension: 12)
        _ = try expectAnswersOfHeadsWithoutTheRow(new, absolute: 1e-3) { head, all, rows in
            let (scores, leverages) = try head.scores(for: rows)
            return all.link.posterior(scores: scores, leverages: leverages, noise: all.noiseVariances)
        }
    }

    /// Landmarks are all rows here: the approximation is then exact, but for the row's own landmark.
    @Test(arguments: [1000, 10]) func dual(_ exactRows: Int) throws {
        var recipe = RAILDualRecipe()
        (recipe.exactRows, recipe.landmarks) = (exactRows, 60)
        let new = try RAILDualHead(recipe: recipe, featureDimension: 12)
        let all = try expectAnswersOfHeadsWithoutTheRow(new, absolute: 2e-3) { head, all, rows in
            let (scores, variances) = try head.scores(for: rows)
            return all.link.posterior(scores: scores, leverages: variances, noise: all.scales)
        }
        #expect((all.landmarks == nil) == (exactRows == 1000))
    }
}
