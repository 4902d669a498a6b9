import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@testable import Prediction

/// Rows whose true log-probabilities are `truth`, with labels drawn from them.
private func rows(_ count: Int, classes: Int, seed: UInt64) -> (truth: Matrix<Double>, labels: [Int]) {
    var noise = NormalNoise(seed: seed)
    var logits: Matrix<Double> = noise.matrix(rows: count, columns: classes)
    logits.scale(by: 2)
    let truth = logits.logSoftmax()
    var stream = RandomStream(seed: seed)
    let labels = (0..<count).map { row -> Int in
        var left = stream.uniform()
        for k in 0..<classes {
            left -= exp(truth[row, k])
            if left < 0 { return k }
        }
        return classes - 1
    }
    return (truth, labels)
}

/// Every method obeys these.
@Suite struct CalibrationLaws {
    private func fitted(_ method: CalibrationMethod) throws -> (Calibration, Matrix<Double>, [Int]) {
        let data = rows(800, classes: 4, seed: 3)
        let overconfident = (2.5 * data.truth).logSoftmax()
        let calibration = try Calibration.fit(
            method, logProbabilities: overconfident, labels: data.labels, options: .init(tasks: [0, 0, 1, 1]),
            fingerprint: "f")
        return (calibration, overconfident, data.labels)
    }

    @Test(arguments: CalibrationMethod.allCases)
    func improvesTheLikelihoodAndSumsToOne(method: CalibrationMethod) throws {
        let (calibration, logs, _) = try fitted(method)
        #expect(calibration.source.nllAfter < calibration.source.nllBefore - 0.1)
        #expect(calibration.source.rows == 800)
        let found = calibration.logProbabilities(logs).exp()
        for row in 0..<found.rows { expectClose(found.row(row).reduce(0, +), 1, absolute: 1e-12) }
    }

    @Test(arguments: CalibrationMethod.allCases)
    func aRowDependsOnItselfAlone(method: CalibrationMethod) throws {
        let (calibration, logs, _) = try fitted(method)
        let all = calibration.logProbabilities(logs)
        let some = calibration.logProbabilities(logs.selectingRows([700, 3]))
        #expect(some.row(0) == all.row(700) && some.row(1) == all.row(3))
    }

    @Test(arguments: CalibrationMethod.allCases)
    func theModelFileKeepsEveryBit(method: CalibrationMethod) throws {
        let (calibration, _, _) = try fitted(method)
        let folder = try TemporaryFolder()
        var archive = ModelArchive(method: "x", classNames: ["a", "b", "c", "d"])
        archive.tensors["w"] = ArchivedTensor(Matrix<Float>([[1]]))
        try archive.write(to: folder.path("plain"))
        try calibration.store(in: &archive)
        try archive.write(to: folder.path("calibrated"))
        var found = try ModelArchive(contentsOf: folder.path("calibrated"))
        #expect(try Calibration(archive: found) == calibration)
        Calibration.remove(from: &found)
        #expect(try Calibration(archive: found) == nil)
        try found.write(to: folder.path("removed"))
        #expect(try Data(contentsOf: folder.path("removed")) == Data(contentsOf: folder.path("plain")))
    }

    @Test(arguments: CalibrationMethod.allCases)
    func badInputIsNamed(method: CalibrationMethod) throws {
        let logs = Matrix<Double>(rows: 3, columns: 2, repeating: log(0.5))
        func error(_ logs: Matrix<Double>, _ labels: [Int]) -> CalibrationError? {
            #expect(throws: CalibrationError.self) {
                _ = try Calibration.fit(method, logProbabilities: logs, labels: labels)
            }
        }
        #expect(error(logs, [0, 1]) == .rowCount(rows: 3, labels: 2))
        #expect(error(logs, [0, 1, 2]) == .label(row: 2, label: 2, classes: 2))
        #expect(error(Matrix(rows: 0, columns: 2), []) == .noRows)
        var broken = logs
        broken[1, 0] = .nan
        #expect(error(broken, [0, 1, 0])?.description.contains("row 1, class 0") == true)
    }

    /// Damaged calibrations are refused with the tensor's name.
    @Test func damagedTensors() throws {
        for (method, tensor) in [
            (CalibrationMethod.temperature, "temperature"), (.isotonic, "maps"), (.matrix, "bias"),
        ] {
            var archive = ModelArchive(method: "x", classNames: ["a", "b", "c", "d"])
            try fitted(method).0.store(in: &archive)
            archive.tensors["calibration." + tensor] = ArchivedTensor(Matrix<Double>([[-1, 2, 3]]))
            let error = #expect(throws: ModelArchiveError.self) { _ = try Calibration(archive: archive) }
            #expect(error?.description.contains("calibration." + tensor) == true)
        }
    }
}

@Suite struct CalibrationTests {
    /// Logits 2.5 times too large want T = 2.5; the estimate's standard deviation is about 0.05 here.
    @Test func temperatureIsFound() throws {
        let data = rows(4000, classes: 5, seed: 8)
        let found = try LogitScaling.fitTemperature(logits: 2.5 * data.truth, labels: data.labels)
        guard case .temperature(let temperatures, _) = found else { return #expect(Bool(false)) }
        expectClose(temperatures[0], 2.5, absolute: 0.2)
    }

    /// Each task its own exaggeration.
    @Test func taskTemperaturesAreFound() throws {
        let data = rows(6000, classes: 4, seed: 9)
        var logits = data.truth
        for row in 0..<logits.rows {
            for k in 0..<4 { logits[row, k] *= k < 2 ? 3 : 1.5 }
        }
        let found = try LogitScaling.fitTemperature(logits: logits, labels: data.labels, groups: [0, 0, 1, 1])
        guard case .temperature(let temperatures, _) = found else { return #expect(Bool(false)) }
        expectClose(temperatures, [3, 1.5], absolute: 0.25)
    }

    @Test func thereIsNoTemperatureForThese() {
        let logits = Matrix<Double>([[3, 0], [0, 2], [1, 0]])
        #expect(throws: CalibrationError.separable(method: "temperature", class: nil)) {
            _ = try LogitScaling.fitTemperature(logits: logits, labels: [0, 1, 0])
        }
        let error = #expect(throws: CalibrationError.self) {
            _ = try LogitScaling.fitTemperature(
                logits: Matrix<Double>([[3, 0], [0, 2], [1, 0], [0, 1]]), labels: [1, 0, 0, 0])
        }
        #expect(error?.description.contains("point away") == true)
        #expect(throws: CalibrationError.separable(method: "beta calibration", class: 7)) {
            _ = try BinaryMap.fit(.beta, logOdds: [-2, -1, 1, 2], labels: [false, false, true, true], class: 7)
        }
        #expect(throws: CalibrationError.oneSided(class: 2)) {
            _ = try BinaryMap.fit(.platt, logOdds: [-2, 1], labels: [false, false], class: 2)
        }
    }

    /// Platt's targets keep separated classes finite.
    @Test func plattOfSeparatedClasses() throws {
        let map = try BinaryMap.fit(.platt, logOdds: [-2, -1, 1, 2], labels: [false, false, true, true])
        #expect(map(logOdds: 3) > 0.7 && map(logOdds: 3) < 1)
    }

    /// A beta map with a slope that would be negative has 0 there.
    @Test func betaSlopesAreNotNegative() throws {
        let f = (0..<200).map { Double($0) / 20 - 5 }
        let map = try BinaryMap.fit(.beta, logOdds: f, labels: f.map { abs($0) < 2 || $0 > 4.5 })
        guard case .beta(let a, let b, _) = map else { return #expect(Bool(false)) }
        #expect(a >= 0 && b >= 0)
        let values = f.map { map(logOdds: $0) }
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func logOddsOfExtremeProbabilities() {
        let odds = Calibration.logOdds([-1e-30, -69, -.infinity])
        expectClose(odds, [69, -69, -700], relative: 1e-12)
    }
}
