import Exemplars
import FeatureData
import Foundation
import Linear
import Matrices
import NoveltyDetection
import Prediction
import TestSupport
import Testing
import ZeroShot

@testable import ContinualEvaluation

@Suite struct ContinualBenchmarkTests {
    private let toy: ToyData
    /// Not the order of labels, and not of one size.
    private let tasks = [[4, 1], [0, 5, 2], [3]]

    init() throws {
        toy = try ToyData()
    }

    private func run<Head: ContinualHead>(
        _ head: Head, _ change: (inout ContinualBenchmark.Options) -> Void = { _ in },
        observer: (ContinualBenchmark.Event) throws -> Void = { _ in }
    ) throws -> (results: BenchmarkResults, head: Head, buffer: ExemplarBuffer) {
        var options = ContinualBenchmark.Options()
        options.budget = 12
        change(&options)
        var head = head
        var buffer = ExemplarBuffer(budget: options.budget)
        let results = try ContinualBenchmark(data: toy.data(tasks), options: options)
            .run(&head, method: "test", exemplars: &buffer, observer: observer)
        return (results, head, buffer)
    }

    /// Every figure of the zero-shot head again, counted row by row with all rows in memory.
    @Test func figuresAreThoseOfACountByHand() throws {
        let (results, head, _) = try run(ZeroShotHead(featureDimension: 16)) { $0.predictive = .softmaxOfMean }
        let order = tasks.flatMap { $0 }
        #expect(head.classNames == order.map { "class \($0)" })
        var known = 0
        for (step, task) in tasks.enumerated() {
            known += task.count
            let text = toy.prompts.selecting(order.prefix(known)).meanFeatures()
            let logits = toy.testRows.features.multiplied(by: text, .transposed, scaledBy: 15)
            var (right, rows) = ([Int](repeating: 0, count: 3), [Int](repeating: 0, count: 3))
            var (loss, brier) = (0.0, 0.0)
            for (row, label) in toy.testRows.labels.enumerated() {
                guard let position = order.prefix(known).firstIndex(of: label),
                    let owner = tasks.firstIndex(where: { $0.contains(label) })
                else { continue }
                let values = logits.row(row).map { Double($0) }
                let total = values.reduce(0) { $0 + exp($1) }
                let probabilities = values.map { exp($0) / total }
                rows[owner] += 1
                if values.indices.max(by: { values[$0] < values[$1] }) == position { right[owner] += 1 }
                loss -= log(probabilities[position])
                for (column, probability) in probabilities.enumerated() {
                    brier += pow(probability - (column == position ? 1 : 0), 2)
                }
            }
            for owner in 0..<3 {
                let expected = owner <= step ? Double(right[owner]) / Double(rows[owner]) : nil
                #expect(results.accuracyMatrix[step][owner] == expected)
            }
            let count = Double(rows.reduce(0, +))
            let figures = results.tasks[step]
            #expect(figures.testRows == rows.reduce(0, +))
            #expect(figures.accuracy == Double(right.reduce(0, +)) / count)
            expectClose(try #require(figures.nll), loss / count, relative: 1e-5)
            expectClose(try #require(figures.brier), brier / count, relative: 1e-5)
            #expect(results.zeroShot.accuracyAfterTask[step] == figures.accuracy)
        }
        #expect(results.nll == results.tasks[2].nll)
        #expect(results.classesPerTask == [2, 3, 1])
    }

    @Test func novelRowsAreThoseOfFutureTasks() throws {
        let (results, _, _) = try run(ZeroShotHead(featureDimension: 16))
        #expect(results.novelty.map(\.afterTask) == [0, 1])
        #expect(results.novelty.map(\.knownRows) == [14, 35])
        #expect(results.novelty.map(\.novelRows) == [28, 7])
        let order = tasks.flatMap { $0 }
        let text = toy.prompts.selecting(order.prefix(2)).meanFeatures()
        let logits = toy.testRows.features.multiplied(by: text, .transposed, scaledBy: 15)
        let energy = (0..<logits.rows).map { row in -log(logits.row(row).reduce(0.0) { $0 + exp(Double($1)) }) }
        let isKnown = toy.testRows.labels.map { order.prefix(2).contains($0) }
        let expected = try DetectionMetrics(
            known: energy.indices.filter { isKnown[$0] }.map { energy[$0] },
            novel: energy.indices.filter { !isKnown[$0] }.map { energy[$0] })
        let found = try #require(results.novelty[0].scores["energy"])
        expectClose(try #require(found.auroc), expected.auroc, absolute: 1e-9)
        expectClose(try #require(found.fpr95), expected.fpr95, absolute: 1e-9)
    }

    @Test func theBufferIsBalancedAndWithinItsBudget() throws {
        let (results, _, buffer) = try run(LinearHead(featureDimension: 16))
        #expect(buffer.count == 12)
        #expect(buffer.exemplars.labels == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        #expect(results.tasks.map(\.exemplars) == [12, 12, 12])
        #expect(results.seconds.trainStepMedian != nil)
        let none = try run(LinearHead(featureDimension: 16)) { $0.budget = 0 }
        #expect(none.buffer.isEmpty)
    }

    @Test func blocksDoNotChangeTheFigures() throws {
        let whole = try run(LinearHead(featureDimension: 16)).results
        for size in [1, 5, 41] {
            let cut = try run(LinearHead(featureDimension: 16)) { $0.blockRows = size }.results
            #expect(cut.accuracyMatrix == whole.accuracyMatrix)
            expectClose(try #require(cut.nll), try #require(whole.nll), relative: 1e-6)
            #expect(cut.novelty.map(\.knownRows) == whole.novelty.map(\.knownRows))
        }
    }

    @Test func theSeedDecidesAndNothingElse() throws {
        func weights(_ seed: UInt64) throws -> [Float] {
            try run(LinearHead(featureDimension: 16)) { $0.seed = seed }.head.weights.elements
        }
        #expect(try weights(1) == weights(1))
        #expect(try weights(1) != weights(2))
    }

    @Test func anObserverCanStop() throws {
        #expect(throws: CancellationError.self) {
            _ = try run(
                LinearHead(featureDimension: 16),
                observer: { event in
                    if case .learning(1, _) = event { throw CancellationError() }
                })
        }
    }

    @Test func tasksThatCannotBe() {
        #expect(throws: HeadError.self) { try toy.data([[0], []]) }
        #expect(throws: HeadError.self) { try toy.data([[0], [0]]) }
        #expect(throws: HeadError.self) { try toy.data([[6]]) }
    }

    @Test func classesOutsideTheTasksAreLeftOut() throws {
        var head = ZeroShotHead(featureDimension: 16)
        var buffer = ExemplarBuffer(budget: 4)
        let results = try ContinualBenchmark(data: toy.data([[1], [2]])).run(
            &head, method: "test", exemplars: &buffer)
        #expect(results.tasks.map(\.testRows) == [7, 14])
        #expect(results.novelty.map(\.novelRows) == [7])
    }
}
