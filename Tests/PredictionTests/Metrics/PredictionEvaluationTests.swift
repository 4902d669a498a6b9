import Foundation
import Matrices
import Probability
import Testing
import TestSupport

@testable import Prediction

@Suite struct PredictionEvaluationTests {
    /// 6,000 rows of 8 classes, right three times of four.
    private func blocks() -> [(logs: Matrix<Float>, labels: [Int])] {
        var noise = NormalNoise(seed: 71)
        var stream = RandomStream(seed: 72)
        return (0..<30).map { _ in
            var logits: Matrix<Float> = noise.matrix(rows: 200, columns: 8)
            logits.scale(by: 3)
            let best = logits.rowArgmaxima()
            let labels = best.map { stream.uniform() < 0.75 ? $0 : stream.integer(below: 8) }
            return (logits.logSoftmax(), labels)
        }
    }

    private func summary(sampleRows: Int, draws: Int = 0) throws -> PredictionSummary {
        var evaluation = PredictionEvaluation(sampleRows: sampleRows)
        for (logs, labels) in blocks() { try evaluation.add(logProbabilities: logs, labels: labels) }
        return try #require(evaluation.summary(draws: draws))
    }

    /// Sums count every row; what needs the rows' order comes from the sample, here within 5 standard errors of shares.
    @Test func aSampleChangesOnlyWhatNeedsTheOrder() throws {
        let (all, some) = (try summary(sampleRows: 6000), try summary(sampleRows: 1000))
        #expect(all.sampleRows == 6000 && some.sampleRows == 1000 && some.rows == 6000)
        #expect(all.accuracy == some.accuracy && all.nll == some.nll && all.brier == some.brier)
        #expect(all.ece == some.ece && all.mce == some.mce && all.classwiseEce == some.classwiseEce)
        #expect(all.confidence == some.confidence && all.sharpness == some.sharpness)
        let bound = 5 * (0.25 / 1000.0).squareRoot()
        for (x, y) in [(all.aurc, some.aurc), (all.eceEqualMass, some.eceEqualMass), (all.eceDebiased, some.eceDebiased)] {
            expectClose(try #require(y), try #require(x), absolute: bound)
        }
        #expect(all.aurc != some.aurc)
        #expect(try summary(sampleRows: 1000) == some)
    }

    /// Every row is as likely to be kept: the mean place of 1,000 of 6,000 rows, whose standard error is 1,732/√1000.
    @Test func theSampleIsDrawnFromAllRows() throws {
        var evaluation = PredictionEvaluation(sampleRows: 1000)
        for row in 0..<6000 {
            let confidence = 0.5 + Float(row) / 12000
            let logs = Matrix<Float>([[log(confidence), log(1 - confidence)]])
            try evaluation.add(logProbabilities: logs, labels: [0])
        }
        let summary = try #require(evaluation.summary(draws: 50))
        let interval = try #require(summary.intervals["nll"])
        let nll = try #require(summary.nll)
        // The interval of the sample's mean loss lies around the loss of all rows.
        #expect(interval.lower < nll && nll < interval.upper)
    }
}
