import ContinualEvaluation
import Foundation
import TestSupport
import Testing

/// Transfer, Average and Last beside the published code of RAIL and DIKI.
@Suite struct DomainMetricsTests {
    static let cases = Golden.cases("metrics", prefix: "continual_")

    private func percent(_ values: [Double?]) -> [Double] { values.map { $0.map { 100 * $0 } ?? .nan } }

    @Test(.enabled(if: !cases.isEmpty, "golden metrics are not there"), arguments: cases)
    func golden(name: String) throws {
        let golden = try Golden.load("metrics", name)
        let tasks = try golden.shape("in.accuracy")[0]
        let values: [Double] = try golden.values("in.accuracy")
        let matrix = try AccuracyMatrix((0..<tasks).map { i in (0..<tasks).map { values[i * tasks + $0] } })
        func expected(_ name: String) throws -> [Double] { try golden.values("out.\(name)") }

        // RAIL: percent, a true 0 dropped as not measured.
        expectClose(
            percent(matrix.transferPerTask(zeros: .missing)), try expected("rail_transfer_per_task"), elementwise: 1e-12)
        expectClose(percent([matrix.transfer(zeros: .missing)]), try expected("rail_transfer"), elementwise: 1e-12)
        expectClose(percent(matrix.averagePerTask), try expected("rail_avg_per_task"), elementwise: 1e-12)
        expectClose(percent([matrix.overallAverage]), try expected("rail_avg"), elementwise: 1e-12)
        expectClose(percent([matrix.last]), try expected("rail_last"), elementwise: 1e-12)

        // DIKI: zeros counted, everything rounded to one decimal.
        func rounded(_ values: [Double?]) -> [Double] { percent(values).map { ($0 * 10).rounded(.toNearestOrEven) / 10 } }
        expectClose(
            rounded(Array(matrix.transferPerTask().dropFirst())), try expected("diki_transfer_per_task_rounded"),
            absolute: 1e-9)
        expectClose(percent([matrix.transfer()]), try expected("diki_transfer_unrounded"), absolute: 1e-9)
        expectClose(rounded([matrix.transfer()]), try expected("diki_transfer_rounded"), absolute: 1e-9)
        expectClose(rounded(matrix.averagePerTask), try expected("diki_avg_per_task_rounded"), absolute: 1e-9)
        expectClose(rounded([matrix.overallAverage]), try expected("diki_avg_rounded"), absolute: 1e-9)
        expectClose(rounded(matrix.lastPerTask), try expected("diki_last_per_task_rounded"), absolute: 1e-9)
        expectClose(rounded([matrix.last]), try expected("diki_last_rounded"), absolute: 1e-9)
    }

    @Test func whatIsMissingHasNoMean() throws {
        let lower = try AccuracyMatrix([[0.9, nil], [0.7, 0.8]])
        #expect(lower.transfer() == nil && lower.transferPerTask() == [nil, nil])
        #expect(lower.overallAverage == nil && lower.averagePerTask == [0.8, nil])
        #expect(lower.lastPerTask == [0.7, 0.8])
        let one = try AccuracyMatrix([[0.4]])
        #expect(one.transfer() == nil && one.overallAverage == 0.4)
        #expect(AccuracyMatrix(tasks: 0).transfer() == nil && AccuracyMatrix(tasks: 0).lastPerTask.isEmpty)
    }
}
