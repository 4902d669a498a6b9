import Exemplars
import FeatureData
import Foundation
import HeadCombination
import Linear
import Matrices
import Prediction
import TestSupport
import Testing
import ZeroShot

@testable import ContinualEvaluation

@Suite struct DomainProtocolTests {
    private let toy: ToyData
    /// Two domains: the first of two tasks, the second of one.
    private let tasks = [[4, 1], [0], [5, 2, 3]]

    init() throws {
        toy = try ToyData()
    }

    private func run<Head: ContinualHead>(
        _ head: Head, _ examination: ContinualProtocol, blockRows: Int = 2048
    ) throws -> BenchmarkResults {
        var options = ContinualBenchmark.Options()
        options.budget = 12
        options.examination = examination
        options.predictive = .softmaxOfMean
        options.blockRows = blockRows
        var head = head
        var buffer = ExemplarBuffer(budget: options.budget)
        let data = try BenchmarkData(
            names: ["a", "b"], prompts: toy.prompts, train: toy.train, test: toy.test, tasks: tasks,
            tasksPerDomain: [2, 1])
        return try ContinualBenchmark(data: data, options: options).run(&head, method: "test", exemplars: &buffer)
    }

    /// Zero-shot accuracy on the rows of a task among some classes, counted row by row.
    private func zeroShot(_ task: Int, among candidates: [Int]) -> Double {
        let text = toy.prompts.selecting(candidates).meanFeatures()
        let rows = toy.testRows.labels.indices.filter { tasks[task].contains(toy.testRows.labels[$0]) }
        let best = toy.testRows.features.selectingRows(rows).multiplied(by: text, .transposed).rowArgmaxima()
        return Double(zip(best, rows).count { candidates[$0] == toy.testRows.labels[$1] }) / Double(rows.count)
    }

    @Test func zeroShotIsTheSameAtEveryStep() throws {
        for (examination, candidates) in [
            (ContinualProtocol.crossDomain, [[4, 1, 0, 5, 2, 3], [4, 1, 0, 5, 2, 3], [4, 1, 0, 5, 2, 3]]),
            (.multiDomain, [[4, 1, 0], [4, 1, 0], [5, 2, 3]]),
        ] {
            let results = try run(ZeroShotHead(featureDimension: 16), examination)
            let expected = (0..<3).map { zeroShot($0, among: candidates[$0]) }
            for row in results.accuracyMatrix { #expect(row == expected) }
            let domains = try #require(results.domains)
            #expect(domains.zeroShotPerTask == expected)
            #expect(domains.protocol == examination.rawValue && domains.tasksPerDomain == [2, 1])
            #expect(domains.transferPerTask == [nil, expected[1], expected[2]])
            #expect(domains.lastPerTask == expected)
            expectClose(try #require(domains.transfer), (expected[1] + expected[2]) / 2, relative: 1e-12)
            expectClose(try #require(domains.average), expected.reduce(0, +) / 3, relative: 1e-12)
            expectClose(try #require(domains.forwardTransfer), 0, absolute: 1e-12)
            #expect(results.novelty.map(\.novelRows) == [28, 21])
            // Calibration is over the rows of learnt tasks.
            #expect(results.tasks.map(\.testRows) == [14, 21, 42])
        }
    }

    /// By zero-shot's own decision between the learnt and the others, rows of classes to come lose nothing.
    @Test func aLearningHeadKeepsZeroShotOnWhatIsToCome() throws {
        for examination in [ContinualProtocol.crossDomain, .multiDomain] {
            let results = try run(LinearHead(featureDimension: 16), examination)
            let domains = try #require(results.domains)
            expectClose(try #require(domains.forwardTransfer), 0, absolute: 1e-12)
            // Learnt classes are no longer zero-shot's.
            #expect(domains.lastPerTask != domains.zeroShotPerTask)
        }
    }

    @Test func blocksDoNotChangeTheFigures() throws {
        let whole = try run(LinearHead(featureDimension: 16), .crossDomain)
        let cut = try run(LinearHead(featureDimension: 16), .crossDomain, blockRows: 5)
        #expect(cut.accuracyMatrix == whole.accuracyMatrix && cut.domains == whole.domains)
    }

    @Test func resultsComeBackAndOthersHaveNoDomains() throws {
        let results = try run(ZeroShotHead(featureDimension: 16), .crossDomain)
        #expect(try BenchmarkResults(json: results.json()) == results)
        #expect(String(decoding: try results.json(), as: UTF8.self).contains("\"zero_shot_transfer\""))
        let plain = try run(ZeroShotHead(featureDimension: 16), .classIncremental)
        #expect(plain.domains == nil)
        #expect(!String(decoding: try plain.json(), as: UTF8.self).contains("\"domains\""))
        #expect(plain.accuracyMatrix[0][1] == nil)
    }

    @Test func domainsThatCannotBe() {
        for counts in [[2, 2], [3, 0], []] {
            #expect(throws: HeadError.self) {
                try BenchmarkData(
                    names: ["a"], prompts: toy.prompts, train: toy.train, test: toy.test, tasks: tasks,
                    tasksPerDomain: counts)
            }
        }
    }
}
