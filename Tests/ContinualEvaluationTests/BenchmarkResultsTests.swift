import Foundation
import Testing

@testable import ContinualEvaluation

@Suite struct BenchmarkResultsTests {
    private let results = BenchmarkResults(
        method: "linear", dataset: ["a", "b"], seed: .max, classesPerTask: [2, 1],
        accuracyMatrix: [[0.5, nil], [0.25, 1]], average: 0.5625, last: 0.625, backwardTransfer: -0.25, forgetting: 0.25,
        ece: 0.1, nll: .infinity, brier: .nan,
        zeroShot: .init(accuracy: 0.3, accuracyAfterTask: [0.4, nil], average: nil),
        novelty: [
            .init(
                afterTask: 0, knownRows: 3, novelRows: 2,
                scores: ["energy": .init(auroc: 0.75, auprIn: 0.5, auprOut: 0.25, fpr95: 1)])
        ],
        seconds: .init(train: 1.5, trainStepMedian: nil, predict: 0.5),
        rowsPerSecond: .init(train: nil, predict: 100), peakRssBytes: 4096, environment: ["cores": "2"], tasks: [],
        options: ["budget": "10"])

    @Test func undefinedFiguresAreWrittenAsNull() throws {
        let text = String(decoding: try results.json(), as: UTF8.self)
        for line in [
            "\"nll\" : null", "\"brier\" : null", "\"train_step_median\" : null", "\"aupr_in\" : 0.5",
            "\"backward_transfer\" : -0.25", "\"peak_rss_bytes\" : 4096", "\"fpr95\" : 1", "\"after_task\" : 0",
        ] {
            #expect(text.contains(line), "\(line)")
        }
        #expect(!text.lowercased().contains("nan") && !text.lowercased().contains("inf"))
        #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
    }

    @Test func resultsComeBackAsTheyWere() throws {
        let back = try BenchmarkResults(json: results.json())
        #expect(back == results)
        #expect(back.nll == nil && back.accuracyMatrix[0][1] == nil && back.seed == .max)
        #expect(try back.json() == results.json())
    }

    @Test func otherTextIsRefused() {
        #expect(throws: DecodingError.self) { try BenchmarkResults(json: Data("{}".utf8)) }
        #expect(throws: DecodingError.self) { try BenchmarkResults(json: Data("[1".utf8)) }
    }
}
