import ContinualEvaluation
import Foundation
import TestSupport
import Testing

@Suite struct AccuracyMatrixTests {
    static let cases = Golden.cases("metrics", prefix: "continual_")

    @Test(.enabled(if: !cases.isEmpty, "golden metrics are not there"), arguments: cases)
    func golden(name: String) throws {
        let golden = try Golden.load("metrics", name)
        let tasks = try golden.shape("in.accuracy")[0]
        let values: [Double] = try golden.values("in.accuracy")
        let matrix = try AccuracyMatrix((0..<tasks).map { i in (0..<tasks).map { values[i * tasks + $0] } })
        func value(_ name: String) throws -> Double { try golden.scalar(name) }
        expectClose(
            matrix.stepAverages.compactMap { $0 }, try golden.values("out.clap_step_average", of: Double.self),
            elementwise: 1e-12)
        try expectClose(#require(matrix.average), value("out.clap_avg"), relative: 1e-12)
        try expectClose(#require(matrix.last), value("out.clap_last"), relative: 1e-12)
        expectClose(
            matrix.backwardTransfers.compactMap { $0 },
            try golden.values("out.clap_bwt_after_each_task", of: Double.self), absolute: 1e-12)
        try expectClose(#require(matrix.forgetting), value("out.forgetting_max_minus_last"), absolute: 1e-12)
        try expectClose(
            100 * #require(matrix.transfer()), value("out.diki_transfer_unrounded"), relative: 1e-12,
            absolute: 1e-12)
    }

    @Test func missingEntriesLeaveTheOthers() throws {
        let lower = try AccuracyMatrix([[0.9, nil, nil], [0.7, 0.8, nil], [0.6, 0.7, 0.5]])
        expectClose(try #require(lower.average), (0.9 + 0.75 + 0.6) / 3, relative: 1e-12)
        expectClose(try #require(lower.backwardTransfer), (-0.3 - 0.1) / 2, relative: 1e-12)
        expectClose(try #require(lower.forgetting), (0.3 + 0.1) / 2, relative: 1e-12)
        #expect(lower.transfer() == nil)
        var growing = AccuracyMatrix(tasks: 2)
        #expect(growing.average == nil && growing.last == nil && growing.forgetting == nil)
        growing[0, 0] = 0.5
        #expect(growing.stepAverages == [0.5, nil] && growing.average == nil)
        let one = try AccuracyMatrix([[0.4]])
        #expect(one.average == 0.4 && one.last == 0.4 && one.backwardTransfer == nil && one.forgetting == nil)
        #expect(AccuracyMatrix(tasks: 0).average == nil && AccuracyMatrix(tasks: 0).last == nil)
    }

    @Test func jsonIsThePlainMatrix() throws {
        let matrix = try AccuracyMatrix([[0.5, nil], [0.25, 1]])
        let json = try JSONEncoder().encode(matrix)
        #expect(String(decoding: json, as: UTF8.self) == "[[0.5,null],[0.25,1]]")
        #expect(try JSONDecoder().decode(AccuracyMatrix.self, from: json) == matrix)
    }

    @Test func badMatricesAreRefused() {
        #expect(throws: AccuracyMatrixError.notSquare(rows: 2, row: 1, columns: 1)) {
            try AccuracyMatrix([[0.5, 0.5], [0.5]])
        }
        #expect(throws: AccuracyMatrixError.notAFraction(row: 0, column: 0, value: 50)) { try AccuracyMatrix([[50]]) }
        #expect(throws: AccuracyMatrixError.self) { try AccuracyMatrix([[.nan]]) }
    }
}
