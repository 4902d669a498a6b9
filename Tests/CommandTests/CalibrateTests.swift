import FeatureData
import Foundation
import Matrices
import Prediction
import TestSupport
import Testing

@Suite struct CalibrateTests {
    private let folder: TemporaryFolder
    private let features = CommandLineTool.data + "/test.safetensors"

    init() throws {
        folder = try TemporaryFolder()
        try run("learn", "--model", model, "--data", CommandLineTool.data, "--method", "linear", "--epochs", "3")
    }

    private var model: String { folder.path("m.safetensors").path }

    @discardableResult
    private func run(_ arguments: String...) throws -> CommandLineTool.Result {
        let result = try CommandLineTool.run(arguments + ["--quiet"])
        try #require(result.status == 0, "\(result.errors)")
        return result
    }

    private func calibrate(_ options: String...) throws -> [String: Any] {
        let result = try CommandLineTool.run(
            ["calibrate", "--quiet", "--json", "--model", model, "--data", CommandLineTool.data, "--part", "1/2"]
                + options)
        try #require(result.status == 0, "\(result.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    private func evaluate(_ options: String...) throws -> (report: [String: Any], errors: String) {
        let result = try CommandLineTool.run(
            ["evaluate", "--quiet", "--json", "--model", model, "--data", CommandLineTool.data] + options)
        try #require(result.status == 0, "\(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return (try #require(object as? [String: Any]), result.errors)
    }

    private func figure(_ report: [String: Any], _ group: String, _ name: String) throws -> Double {
        try #require((report[group] as? [String: Any])?[name] as? Double, "\(group) \(name)")
    }

    /// But beta, for which 200 rows are too few.
    @Test(arguments: CalibrationMethod.allCases.filter { $0 != .beta })
    func everyMethodFitsAndIsUsed(method: CalibrationMethod) throws {
        let summary = try calibrate("--method", method.rawValue, "--conformal", "none")
        #expect(summary["rows"] as? Int == 200)
        let (before, after) = try (
            #require(summary["nll_before"] as? Double), #require(summary["nll_after"] as? Double)
        )
        // One against the rest, the maps are not fitted to the likelihood of all classes together.
        if ["temperature", "task-temperature", "vector"].contains(method.rawValue) { #expect(after <= before) }
        let (report, errors) = try evaluate("--part", "2/2", "--bootstrap", "20")
        #expect(errors == "")
        #expect(report["calibration"] as? String == method.rawValue)
        #expect(try figure(report, "figures", "rows") == 200)
        #expect(try figure(report, "uncalibrated", "brier") != figure(report, "figures", "brier"))
        #expect(try run("inspect", model).output.contains("calibration       \(method.rawValue) on 200 rows"))
    }

    /// Removing a calibration leaves the very bytes from before.
    @Test func removing() throws {
        let before = try Data(contentsOf: URL(filePath: model))
        _ = try calibrate()
        #expect(try Data(contentsOf: URL(filePath: model)) != before)
        try run("calibrate", "--model", model, "--remove")
        #expect(try Data(contentsOf: URL(filePath: model)) == before)
        let again = try CommandLineTool.run("calibrate", "--model", model, "--remove")
        #expect(again.status == 65 && again.errors.contains("no calibration"))
    }

    @Test func classifyUsesTheCalibration() throws {
        let plain = try run("classify", "--model", model, "--features", features).output
        _ = try calibrate("--method", "vector")
        let calibrated = try run("classify", "--model", model, "--features", features).output
        #expect(calibrated != plain)
        #expect(try run("classify", "--model", model, "--features", features, "--uncalibrated").output == plain)
    }

    /// Sets are those classes whose score is at most the threshold; CSV and JSON hold the same, and coverage is within the
    /// exact interval.
    @Test(arguments: ["lac", "aps", "raps", "saps"])
    func predictionSets(score: String) throws {
        _ = try calibrate("--conformal", score)
        let report = try evaluate("--part", "2/2", "--conformal", "0.1", "--bootstrap", "0").report
        let sets = try #require(report["sets"] as? [String: Any])
        #expect(sets["score"] as? String == score)
        let expected = try #require(sets["expected_coverage"] as? [Double])
        let coverage = try #require(sets["coverage"] as? Double)
        // Deterministic scores with steps cover more than asked.
        #expect(coverage >= expected[0])
        if score == "lac" { #expect(coverage <= expected[1]) }
        let options = [
            "classify", "--quiet", "--model", model, "--features", features, "--conformal", "0.1", "--abstain", "2",
        ]
        let csv = try CommandLineTool.run(options).output.split(separator: "\n")
        let json = try CommandLineTool.run(options + ["--json"]).output.split(separator: "\n")
        #expect(csv[0] == "row,class,probability,entropy,aleatoric,epistemic,energy,margin,variance,set_size,set,abstain")
        #expect(csv.count == 401 && json.count == 400)
        for (line, text) in zip(csv.dropFirst(), json) {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            let set = try #require(object["set"] as? [String])
            #expect(cells[10] == set.joined(separator: "|"))
            #expect(cells[9] == "\(set.count)")
            #expect((object["abstain"] as? Bool) == (set.isEmpty || set.count > 2))
            #expect(cells[11] == "\(set.isEmpty || set.count > 2)")
        }
    }

    @Test func conditionalSets() throws {
        for condition in ["class", "task"] {
            let summary = try calibrate("--conformal", "lac", "--condition", condition)
            #expect(summary["condition"] as? String == condition)
            let report = try evaluate("--part", "2/2", "--conformal", "0.2", "--bootstrap", "0").report
            #expect(try figure(report, "sets", "coverage") > 0.7)
        }
    }

    @Test func theSameRowsAreNoticed() throws {
        _ = try calibrate()
        #expect(try evaluate("--part", "1/2", "--bootstrap", "0").errors.contains("calibrated on these very rows"))
        #expect(try evaluate("--part", "2/2", "--bootstrap", "0").errors == "")
    }

    @Test func seedAndThreadsChangeNothing() throws {
        let first = try calibrate("--threads", "1")
        let bytes = try Data(contentsOf: URL(filePath: model))
        #expect(try calibrate("--threads", "2") as NSDictionary == first as NSDictionary)
        #expect(try Data(contentsOf: URL(filePath: model)) == bytes)
    }

    @Test func learningForgetsIt() throws {
        _ = try calibrate()
        let result = try CommandLineTool.run(
            "learn", "--model", model, "--data", CommandLineTool.data, "--update", "--classes", "dress")
        #expect(result.status == 0 && result.errors.contains("calibrate again"))
        #expect(try run("inspect", model).output.contains("calibration") == false)
    }

    @Test func evaluatingWithoutACalibration() throws {
        let (report, _) = try evaluate("--bootstrap", "50")
        #expect(report["uncalibrated"] == nil && report["sets"] == nil)
        let figures = try #require(report["figures"] as? [String: Any])
        let intervals = try #require(figures["intervals"] as? [String: [String: Double]])
        let accuracy = try #require(figures["accuracy"] as? Double)
        let interval = try #require(intervals["accuracy"])
        #expect(interval["lower"] ?? 1 < accuracy && accuracy < interval["upper"] ?? 0)
        let text = try run("evaluate", "--model", model, "--data", CommandLineTool.data, "--bootstrap", "0").output
        #expect(text.contains("accuracy                    \(String(format: "%.4f", accuracy))"))
    }

    @Test func badInput() throws {
        func expectFailure(_ status: Int32, _ words: [String], _ arguments: String...) throws {
            let before = try Data(contentsOf: URL(filePath: model))
            let result = try CommandLineTool.run(arguments)
            #expect(result.status == status, "\(result.errors)")
            #expect(result.output == "" && result.errors.split(separator: "\n").count == 1)
            for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
            #expect(try Data(contentsOf: URL(filePath: model)) == before)
        }
        let data = CommandLineTool.data
        try expectFailure(66, ["nowhere"], "calibrate", "--model", model, "--data", folder.path("nowhere").path)
        try expectFailure(66, ["nowhere"], "evaluate", "--model", folder.path("nowhere").path, "--data", data)
        try expectFailure(
            65, ["no scores for prediction sets"], "classify", "--model", model, "--features", features, "--conformal",
            "0.1")
        try expectFailure(
            65, ["no scores for prediction sets"], "evaluate", "--model", model, "--data", data, "--conformal", "0.1")
        // Six rows: some class has none.
        try expectFailure(
            65, ["class '", "no row"], "calibrate", "--model", model, "--data", data, "--part", "1/60", "--method",
            "platt")
        try expectFailure(
            65, ["class '", "separated without error"], "calibrate", "--model", model, "--data", data, "--part",
            "1/2", "--method", "beta")
        let other = folder.path("other.safetensors").path
        try run("learn", "--model", other, "--data", data, "--method", "zero-shot", "--classes", "dress")
        var archive = try ModelArchive(contentsOf: URL(filePath: other))
        archive.classNames = ["unicorn"]
        try archive.write(to: URL(filePath: other))
        try expectFailure(65, ["knows none"], "evaluate", "--model", other, "--data", data)
    }

    @Test func damagedCalibrationsAreRefused() throws {
        _ = try calibrate()
        for tensor in ["calibration.temperature", "conformal.scores", "conformal.counts"] {
            var archive = try ModelArchive(contentsOf: URL(filePath: model))
            archive.tensors[tensor] =
                tensor.hasSuffix("counts") ? ArchivedTensor([-1]) : ArchivedTensor(Matrix<Double>([[-1, 0]]))
            try archive.write(to: folder.path("damaged"))
            let result = try CommandLineTool.run(
                "classify", "--model", folder.path("damaged").path, "--features", features)
            #expect(result.status == 65 && result.errors.contains("damaged"), "\(tensor): \(result.errors)")
        }
    }
}
