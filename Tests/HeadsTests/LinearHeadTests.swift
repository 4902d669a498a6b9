import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import Linear

@Suite struct LinearHeadTests {
    /// The optimum of cross-entropy plus the prior has a zero gradient: λ(W − W₀) = −s·mean((p − y)xᵀ).
    @Test func fullBatchTrainingReachesTheOptimum() throws {
        let world = ToyWorld(dimension: 8, classes: 3, rowsPerClass: 4)
        var recipe = LinearRecipe()
        recipe.epochs = 3000
        recipe.batchSize = 12  // all rows: each class's deck once
        recipe.priorStrength = 0.5
        var head = LinearHead(recipe: recipe, featureDimension: 8)
        let task = world.task([0, 1, 2])
        try head.learn(task, seed: 1) { _ in }

        var residual = try head.posterior(for: task.rows.features).mean
        for row in 0..<residual.rows {
            let logits = residual.row(row).map { Double($0) }
            let top = logits.max() ?? 0
            let total = logits.reduce(0) { $0 + exp($1 - top) }
            for column in 0..<3 {
                let probability = exp(logits[column] - top) / total
                residual[row, column] = Float(probability - (task.rows.labels[row] == column ? 1 : 0))
            }
        }
        let gradient = residual.multiplied(
            .transposed, by: task.rows.features, scaledBy: head.logitScale / Float(task.rows.count))
        let start = task.classes.meanFeatures()
        for row in 0..<3 {
            for column in 0..<8 {
                let pull = 0.5 * (head.weights[row, column] - start[row, column])
                #expect(abs(pull + gradient[row, column]) < 2e-3)
            }
        }
    }

    @Test func batchesAreClassBalanced() {
        let labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 3]
        var batches = BalancedBatches(labels: labels, random: RandomStream(seed: 4))
        #expect(batches.classes == 3)
        let rows = batches.next(210)
        var perRow = [Int](repeating: 0, count: labels.count)
        for row in rows { perRow[row] += 1 }
        #expect(perRow == [10, 10, 10, 10, 10, 10, 10, 35, 35, 70])
    }

    @Test(arguments: [0, -3]) func refusesSettingsOutOfRange(_ value: Int) {
        let world = ToyWorld()
        var recipe = LinearRecipe()
        recipe.batchSize = value
        var head = LinearHead(recipe: recipe, featureDimension: world.dimension)
        #expect(throws: HeadError.self) { try head.learn(world.task([0, 1]), seed: 1) { _ in } }
    }

    @Test func aTaskOfAnotherEncoderIsRefused() throws {
        let world = ToyWorld()
        var head = LinearHead(featureDimension: world.dimension)
        try head.learn(world.task([0, 1]), seed: 1) { _ in }
        var task = world.task([2], known: [0, 1])
        task.classes.logitScale = 99
        #expect(throws: HeadError.self) { try head.learn(task, seed: 1) { _ in } }
    }
}
