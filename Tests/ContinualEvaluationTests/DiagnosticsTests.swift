import Exemplars
import Foundation
import Linear
import TestSupport
import Testing

@testable import ContinualEvaluation

@Suite struct DiagnosticsTests {
    private func run(_ tasks: [[Int]], testPerClass: Int = 40, blockRows: Int = 2048) throws -> BenchmarkResults {
        let toy = try ToyData(testPerClass: testPerClass)
        var options = ContinualBenchmark.Options()
        (options.budget, options.blockRows) = (12, blockRows)
        var head = LinearHead(featureDimension: 16)
        var buffer = ExemplarBuffer(budget: 12)
        return try ContinualBenchmark(data: toy.data(tasks), options: options).run(
            &head, method: "test", exemplars: &buffer)
    }

    @Test func curvesAndCountsAgreeWithTheFigures() throws {
        let results = try run([[4, 1], [0, 5, 2], [3]])
        let last = try #require(results.tasks.last)
        let found = try #require(results.diagnostics)
        let rows = last.testRows
        #expect(found.reliability.reduce(0) { $0 + $1.rows } == rows)
        let gap = found.reliability.reduce(0) { $0 + Double($1.rows) / Double(rows) * abs($1.confidence - $1.accuracy) }
        expectClose(gap, try #require(results.ece), absolute: 1e-3)
        #expect(found.riskCoverage.count == 100 && found.riskCoverage.last?.coverage == 1)
        let accuracy = try #require(last.accuracy)
        expectClose(try #require(found.riskCoverage.last).risk, 1 - accuracy, absolute: 1e-4)

        let calibrated = try #require(found.calibrated)
        #expect(calibrated.rows == rows && calibrated.temperatures.count == 2)
        #expect(calibrated.temperatures.allSatisfy { $0 > 0 })
        expectClose(try #require(calibrated.eceBefore), try #require(results.ece), absolute: 1e-3)

        let confusion = try #require(found.confusion)
        #expect(confusion.classes.count == confusion.counts.count && confusion.rows.allSatisfy { $0 == 40 })
        for (row, counts) in confusion.counts.enumerated() { #expect(counts.reduce(0, +) <= confusion.rows[row]) }
        let outcomes = try #require(found.outcomes?.isRight)
        #expect(outcomes.count == rows)
        expectClose(Double(outcomes.count { $0 }) / Double(rows), accuracy, absolute: 1e-12)
    }

    @Test func noveltyCurvesAgreeWithTheirAreas() throws {
        let results = try run([[4, 1], [0, 5, 2], [3]])
        #expect(results.novelty.map { $0.curves != nil } == [false, true])
        let novelty = results.novelty[1]
        for (name, curves) in try #require(novelty.curves) {
            #expect(curves.known.reduce(0, +) == novelty.knownRows && curves.novel.reduce(0, +) == novelty.novelRows)
            let (x, y) = (curves.falsePositiveRates, curves.truePositiveRates)
            #expect(x.first == 0 && y.first == 0 && x.last == 1 && y.last == 1 && x.count <= 82)
            #expect(zip(x, x.dropFirst()).allSatisfy { $0 <= $1 } && zip(y, y.dropFirst()).allSatisfy { $0 <= $1 })
            var area = 0.0
            for i in 1..<x.count { area += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2 }
            expectClose(area, try #require(novelty.scores[name]?.auroc), absolute: 0.01, name)
        }
    }

    /// Rows are told by their place in the files: neither blocks nor the order of classes changes it.
    @Test func outcomesAreInTheOrderOfTheFiles() throws {
        let whole = try #require(try run([[4, 1], [0, 5, 2, 3]]).diagnostics?.outcomes)
        let cut = try #require(try run([[4, 1], [0, 5, 2, 3]], blockRows: 7).diagnostics?.outcomes)
        #expect(whole == cut)
        let other = try #require(try run([[0, 1, 2], [3, 4, 5]]).diagnostics?.outcomes)
        #expect(other.fingerprint == whole.fingerprint)
        #expect(McNemarTest(whole, other) != nil)
        let fewer = try #require(try run([[4, 1], [0, 5]]).diagnostics?.outcomes)
        #expect(fewer.fingerprint != whole.fingerprint && McNemarTest(whole, fewer) == nil)
    }

    @Test func resultsComeBackAndOldOnesLoad() throws {
        let results = try run([[4, 1], [0, 5, 2], [3]])
        let text = try results.json()
        #expect(try BenchmarkResults(json: text) == results)
        var object = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        object["diagnostics"] = nil
        let old = try BenchmarkResults(json: JSONSerialization.data(withJSONObject: object))
        #expect(old.diagnostics == nil && old.accuracyMatrix == results.accuracyMatrix)
    }

    @Test func outcomesAreBits() throws {
        for count in [0, 1, 7, 8, 9, 200] {
            let values = (0..<count).map { $0 % 3 == 0 }
            let outcomes = RowOutcomes(isRight: values, classNames: values.map { "\($0)" })
            #expect(outcomes.isRight == values)
            #expect(try JSONDecoder().decode(RowOutcomes.self, from: JSONEncoder().encode(outcomes)) == outcomes)
        }
        let damaged = #"{"rows":9,"fingerprint":"1","right":"AA=="}"#
        #expect(try JSONDecoder().decode(RowOutcomes.self, from: Data(damaged.utf8)).isRight == nil)
    }

    /// By hand: 2·Σ_{i ≤ 1} C(10, i)/2¹⁰ = 22/1024.
    @Test func mcNemarIsTheBinomialTest() {
        expectClose(McNemarTest(onlyFirst: 1, onlySecond: 9).pValue, 22.0 / 1024, relative: 1e-12)
        #expect(McNemarTest(onlyFirst: 0, onlySecond: 0).pValue == 1)
        #expect(McNemarTest(onlyFirst: 4, onlySecond: 4).pValue == 1)
        #expect(McNemarTest(onlyFirst: 3, onlySecond: 8).pValue == McNemarTest(onlyFirst: 8, onlySecond: 3).pValue)
    }
}
