import Foundation
import Testing

@testable import ContinualEvaluation

@Suite struct SelectorComparisonTests {
    private func run(_ budget: Int, _ selector: String, _ seed: UInt64, last: Double?) -> SelectorComparison.Run {
        let results = BenchmarkResults(
            method: "linear", dataset: ["a"], seed: seed, classesPerTask: [1], accuracyMatrix: [[last]],
            average: last.map { $0 / 2 }, last: last, backwardTransfer: nil, forgetting: nil, ece: 0.1, nll: .infinity,
            brier: nil, zeroShot: .init(accuracy: nil, accuracyAfterTask: [nil], average: nil), novelty: [],
            seconds: .init(train: 1, trainStepMedian: nil, select: 0.5, predict: 1),
            rowsPerSecond: .init(train: nil, predict: nil), peakRssBytes: 0, environment: [:], tasks: [], options: [:])
        return .init(.init(budget: budget, selector: selector, seed: seed), results)
    }

    /// Herding is better by 0.1 in each of two seeds, which differ by much more: the gain is certain, the means are not.
    @Test func gainsAreTakenSeedBySeed() throws {
        var comparison = SelectorComparison(settings: [:])
        for (seed, base) in [(UInt64(1), 0.25), (2, 0.75)] {
            comparison.add(run(20, "herding", seed, last: base + 0.125))
            comparison.add(run(20, "random", seed, last: base))
            comparison.add(run(10, "random", seed, last: base))
        }
        comparison.add(run(20, "herding", 3, last: 0.5))

        let rows = comparison.rows(baseline: "random")
        #expect(rows.map(\.budget) == [10, 20, 20])
        #expect(rows.map(\.selector) == ["random", "herding", "random"])
        #expect(rows[0].lastGain == nil && rows[2].lastGain == nil)
        let gain = try #require(rows[1].lastGain)
        #expect(gain.mean == 0.125 && gain.halfWidth == 0 && gain.count == 2)
        #expect(rows[1].averageGain?.mean == 0.0625)
        #expect(rows[1].last?.count == 3)
        // t(0.975; 1 degree of freedom) = 12.706, s/√2 = 0.25.
        #expect(abs(try #require(rows[2].last?.halfWidth) - 12.706_204_736 * 0.25) < 1e-8)
        #expect(rows[0].nll == nil && rows[0].secondsSelect?.mean == 0.5)
    }

    @Test func comesBackFromJSON() throws {
        var comparison = SelectorComparison(settings: ["method": "linear"])
        comparison.add(run(20, "herding", .max, last: nil))
        let back = try SelectorComparison(json: comparison.json())
        #expect(back == comparison)
        #expect(back.contains(.init(budget: 20, selector: "herding", seed: .max)))
        #expect(!back.contains(.init(budget: 20, selector: "herding", seed: 1)))
    }

    @Test func otherVersionsAreRefused() throws {
        let text = String(decoding: try SelectorComparison(settings: [:]).json(), as: UTF8.self)
        #expect(throws: DecodingError.self) {
            try SelectorComparison(json: Data(text.replacing("\"version\" : 1", with: "\"version\" : 2").utf8))
        }
        #expect(throws: DecodingError.self) { try SelectorComparison(json: Data(text.prefix(10).utf8)) }
    }
}
