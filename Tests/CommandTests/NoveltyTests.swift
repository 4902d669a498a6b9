import FeatureData
import Foundation
import Matrices
import NoveltyDetection
import Probability
import TestSupport
import Testing

@testable import CredenceCommand

/// `credence novelty` as a user runs it, on a model of six of ten classes of real features.
@Suite struct NoveltyTests {
    private let folder: TemporaryFolder
    private let data = CommandLineTool.data
    private let model: String
    private static let known = "t-shirt,pair of trousers,pullover sweater,dress,coat,sandal"

    init() throws {
        folder = try TemporaryFolder()
        model = folder.path("m.safetensors").path
        let learnt = try CommandLineTool.run(
            "learn", "--quiet", "--model", model, "--data", data, "--method", "linear", "--epochs", "5", "--classes",
            Self.known)
        try #require(learnt.status == 0, "\(learnt.errors)")
        // The test rows by whether the model knows their class.
        let file = try SafetensorsFile(contentsOf: URL(filePath: data + "/test.safetensors"))
        let (features, labels): (Matrix<Float>, [Int]) = (try file.matrix("image_features"), try file.integers("labels"))
        for (name, isKnown) in [("known", true), ("novel", false)] {
            let chosen = labels.indices.filter { (labels[$0] < 6) == isKnown }
            try Self.write(features.selectingRows(chosen), to: folder.path("\(name).safetensors"))
        }
    }

    private func novelty(_ arguments: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(["novelty"] + arguments)
    }

    private func fit(_ arguments: String...) throws {
        let result = try CommandLineTool.run(["novelty", "fit", "--quiet", "--model", model, "--data", data] + arguments)
        try #require(result.status == 0, "\(result.errors)")
    }

    private static func write(_ rows: Matrix<Float>, to url: URL) throws {
        let writer = try SafetensorsWriter(
            to: url, tensors: [TensorDeclaration("image_features", .float32, [rows.rows, rows.columns])])
        try writer.append(rows, to: "image_features")
        try writer.finish()
    }

    private func path(_ name: String) -> String { folder.path(name).path }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.path(name)), as: UTF8.self)
    }

    @Test func fitScoreAndEvaluate() throws {
        try fit("--score", "energy", "mahalanobis", "--tpr", "0.9")
        let scored = try novelty(
            "score", "--model", model, "--features", path("known.safetensors"), path("novel.safetensors"), "--output",
            path("n.csv"))
        #expect(scored.status == 0 && scored.errors.contains("rows are novel by energy"))
        let lines = try text("n.csv").split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
        #expect(lines[0] == ["row", "is_novel", "energy", "energy_p", "mahalanobis", "mahalanobis_p"])
        #expect(lines.count == 401 && lines[400][0] == "399")
        // The thresholds come from the same known rows here: exactly 90 % of the 240 are kept.
        #expect(lines[1...240].count { $0[1] == "true" } == 24)
        #expect(lines[241...].count { $0[1] == "true" } > 24)
        #expect(try lines.dropFirst().allSatisfy { (0.004...1).contains(try #require(Double($0[3]))) })
        #expect(!folder.names.contains { $0.contains("journal") })
        #expect(try CommandLineTool.run("inspect", model).output.contains("novelty detector  energy, mahalanobis\n"))

        let evaluated = try novelty(
            "evaluate", "--model", model, "--known", path("known.safetensors"), "--novel", path("novel.safetensors"),
            "--convention", "both", "--json", "--bootstrap", "20")
        let reports = try #require(
            try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [[String: Any]])
        #expect(reports.map { $0["convention"] as? String } == ["known-positive", "novel-positive"])
        #expect(reports.map { $0["aupr_rule"] as? String } == ["steps", "trapezoids"])
        let scores = try #require(reports[0]["scores"] as? [[String: Any]])
        #expect(scores.map { $0["name"] as? String } == ["energy", "mahalanobis"])
        #expect(scores[0]["known_kept"] as? Double == 0.9)
        let metrics = try #require((scores[1]["figures"] as? [String: Any])?["metrics"] as? [String: Double])
        #expect(try #require(metrics["auroc"]) > 0.8)
        let table = try novelty(
            "evaluate", "--model", model, "--known", path("known.safetensors"), "--novel", path("novel.safetensors"),
            "--bootstrap", "0")
        #expect(table.output.hasPrefix("240 known and 160 novel rows; positive class: known; AUPR by steps\n"))
    }

    @Test func formatsAndTheFalseDiscoveryRate() throws {
        try fit("--score", "mahalanobis", "energy")
        let rows = ["--features", path("known.safetensors"), path("novel.safetensors")]
        let csv = try CommandLineTool.run(["novelty", "score", "--quiet", "--model", model, "--fdr", "0.2"] + rows)
        let json = try CommandLineTool.run(
            ["novelty", "score", "--quiet", "--model", model, "--fdr", "0.2", "--output", path("n.jsonl")] + rows)
        #expect(csv.status == 0 && json.status == 0)
        let lines = csv.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
        let objects = try text("n.jsonl").split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(lines.count == 400 && objects.count == 400)
        for (cells, object) in zip(lines, objects) {
            #expect(object["is_novel"] as? Bool == (cells[1] == "true"))
            #expect(object["mahalanobis"] as? Double == Double(cells[2]))
            #expect(object["energy_p"] as? Double == Double(cells[5]))
        }
        // Benjamini and Hochberg by hand on the printed p-values.
        let p = try lines.map { try #require(Double($0[3])) }
        let order = p.sorted()
        let last = order.indices.last { order[$0] <= 0.2 * Double($0 + 1) / 400 + 1e-7 }
        let limit = last.map { order[$0] } ?? 0
        #expect(lines.map { $0[1] == "true" } == p.map { $0 <= limit } && limit > 0)
        let storey = try CommandLineTool.run(
            ["novelty", "score", "--quiet", "--model", model, "--fdr", "0.2", "--storey"] + rows)
        #expect(storey.output.count(of: ",true,") >= csv.output.count(of: ",true,"))
    }

    /// Without a model, from features and labels alone, in a file of its own.
    @Test func withoutAModel() throws {
        let fitted = try novelty("fit", "--data", data, "--output", path("d.safetensors"), "--json")
        #expect(fitted.status == 0, "\(fitted.errors)")
        let summary = try #require(try JSONSerialization.jsonObject(with: Data(fitted.output.utf8)) as? [String: Any])
        #expect(summary["threshold_rows_are_held_out_of_the_fit"] as? Bool == true)
        #expect(summary["threshold_rows"] as? Int == 120 && summary["rows"] as? Int == 480)
        let scored = try novelty(
            "score", "--detector", path("d.safetensors"), "--features", path("known.safetensors"), "--format", "csv")
        #expect(scored.output.hasPrefix("row,is_novel,class-contrast,class-contrast_p,mahalanobis,mahalanobis_p\n"))
    }

    /// Every format holds the same numbers, and the same seed the same randomised p-values.
    @Test func everyFormatHoldsTheSame() throws {
        try fit("--score", "energy", "mahalanobis")
        func score(_ output: String, _ more: String...) throws {
            let result = try CommandLineTool.run(
                [
                    "novelty", "score", "--quiet", "--model", model, "--features", path("known.safetensors"),
                    path("novel.safetensors"), "--output", path(output),
                ] + more)
            try #require(result.status == 0, "\(result.errors)")
        }
        for ties in ["conservative", "randomised"] {
            for name in ["n.csv", "n.npy", "n.safetensors"] {
                try score(name, "--p-values", ties, "--block-rows", "33")
            }
            let lines = try text("n.csv").split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
            let columns = lines[0].dropFirst()
            #expect(columns == ["is_novel", "energy", "energy_p", "mahalanobis", "mahalanobis_p"])
            // Records: the header's length at byte 8, then 1 + 4 Floats a row.
            let bytes = try Data(contentsOf: folder.path("n.npy"))
            let start = 12 + Int(bytes[8]) + 256 * Int(bytes[9])
            let header = String(decoding: bytes[12..<start], as: UTF8.self)
            #expect(header.contains("('is_novel', '|b1'), ('energy', '<f4'), ('energy_p', '<f4'), ('mahalanobis', '<f4')"))
            #expect(header.contains("'shape': (400,)") && bytes.count == start + 17 * 400)
            let file = try SafetensorsFile(contentsOf: folder.path("n.safetensors"))
            for (place, name) in columns.enumerated() {
                let cells = lines.dropFirst().map { $0[place + 1] }
                if place == 0 {
                    #expect(try file.integers(name) == cells.map { $0 == "true" ? 1 : 0 })
                    #expect((0..<400).allSatisfy { bytes[start + 17 * $0] == (cells[$0] == "true" ? 1 : 0) })
                    continue
                }
                let values = try file.matrix(name, of: Float.self).elements
                let isSame = values == cells.map { Float($0) ?? .nan }
                #expect(isSame, "\(name) of safetensors and CSV")
                let records = (0..<400).map { row in
                    (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + 17 * row + 4 * place - 3 + $1]) << UInt32(8 * $1) }
                }
                let recordsAreSame = records == values.map(\.bitPattern)
                #expect(recordsAreSame, "\(name) of records and safetensors")
            }
        }
        try score("c.csv", "--block-rows", "33")
        let isRandom = try text("c.csv") != text("n.csv")
        #expect(isRandom)
    }

    /// A detector knows the rows that it was fitted to by their content: the same labels with other features are others.
    @Test func theDataFingerprintCoversFeatures() throws {
        let source = URL(filePath: data)
        func fingerprint(_ folder: URL, _ name: String) throws -> String {
            let fitted = try novelty(
                "fit", "--quiet", "--data", folder.path, "--score", "centre-distance", "--output", path(name))
            try #require(fitted.status == 0, "\(fitted.errors)")
            return try Detector(contentsOf: self.folder.path(name)).dataFingerprint
        }
        let other = folder.path("other")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: false)
        for name in ["test.safetensors", "text.safetensors"] {
            try FileManager.default.copyItem(at: source.appending(path: name), to: other.appending(path: name))
        }
        let train = try SafetensorsFile(contentsOf: source.appending(path: "train.safetensors"))
        var features = try train.matrix("image_features", of: Float.self)
        let labels = try train.integers("labels")
        features.scale(by: -1)
        let writer = try SafetensorsWriter(
            to: other.appending(path: "train.safetensors"),
            tensors: [
                TensorDeclaration("image_features", .float32, [features.rows, features.columns]),
                TensorDeclaration("labels", .int32, [labels.count]),
            ])
        try writer.append(features, to: "image_features")
        try writer.append(labels, to: "labels")
        try writer.finish()
        let first = try fingerprint(source, "a")
        #expect(try fingerprint(source, "b") == first)
        #expect(try fingerprint(other, "c") != first)
    }

    /// A run whose journal cannot grow further stops with what it has; --resume scores the rest alone and ends with the very
    /// bytes of a run that was not stopped.
    @Test func aStoppedRunGoesOn() throws {
        try fit("--score", "energy", "mahalanobis")
        func score(_ more: [String], output: String, fileSizeLimit: Int? = nil) throws -> CommandLineTool.Result {
            try CommandLineTool.run(
                [
                    "novelty", "score", "--model", model, "--features", path("known.safetensors"),
                    path("novel.safetensors"), "--block-rows", "16", "--output", path(output),
                ] + more, fileSizeLimit: fileSizeLimit)
        }
        #expect(try score([], output: "whole.csv").status == 0)
        let stopped = try score([], output: "parted.csv", fileSizeLimit: 2000)
        #expect(stopped.status == 74 && stopped.errors.contains("parted.csv.journal"))
        #expect(folder.names.contains("parted.csv.journal") && !folder.names.contains("parted.csv"))
        // Another detector does not go on with it.
        let other = try score(["--block-rows", "32", "--resume"], output: "parted.csv")
        #expect(other.status == 65 && other.errors.contains("is of another run"))
        let resumed = try score(["--resume"], output: "parted.csv")
        #expect(resumed.status == 0)
        #expect(resumed.errors.contains(" of 400 rows are in ") && !resumed.errors.contains("scored 400 rows"))
        #expect(try text("parted.csv") == text("whole.csv"))
        #expect(!folder.names.contains("parted.csv.journal"))
    }

    /// Killed at any time, with SIGKILL or by Ctrl-C: no output that is not whole, and --resume ends like a run that was
    /// not stopped.
    @Test(arguments: [
        (SIGKILL, 0.05, "csv"), (SIGKILL, 0.3, "npy"), (SIGINT, 0.1, "safetensors"), (SIGINT, 0.4, "csv"),
    ])
    func killedAndResumed(signal: Int32, after: Double, format: String) throws {
        try fit("--score", "nearest-neighbours", "energy")
        var noise = NormalNoise(seed: 3)
        let rows: Matrix<Float> = .standardNormal(rows: 20_000, columns: 512, noise: &noise)
        try Self.write(rows, to: folder.path("many.safetensors"))
        func score(_ more: [String], output: String, signal: (number: Int32, after: Double)? = nil) throws
            -> CommandLineTool.Result
        {
            try CommandLineTool.run(
                [
                    "novelty", "score", "--model", model, "--features", path("many.safetensors"), "--block-rows", "64",
                    "--output", path(output),
                ] + more, signal: signal)
        }
        let stopped = try score([], output: "parted.\(format)", signal: (number: signal, after: after))
        #expect([0, 130, 128 + signal].contains(stopped.status))
        if stopped.status == 130 {
            // One message, and a true one.
            let kept = folder.names.contains("parted.\(format).journal")
            #expect(stopped.errors.contains("nothing was written") != kept)
            #expect(stopped.errors.contains("--resume goes on from there") == kept)
        }
        #expect(folder.names.contains("parted.\(format)") == (stopped.status == 0))
        #expect(try score(["--resume"], output: "parted.\(format)").status == 0)
        #expect(try score([], output: "whole.\(format)").status == 0)
        #expect(try Data(contentsOf: folder.path("parted.\(format)")) == Data(contentsOf: folder.path("whole.\(format)")))
        #expect(!folder.names.contains { $0.contains("journal") })
    }

    @Test func driftIsNoticedAcrossRuns() throws {
        try fit("--score", "mahalanobis")
        let state = ["--drift", "0.01", "--drift-state", path("drift.json"), "--output", path("n.csv")]
        func score(_ rows: String) throws -> CommandLineTool.Result {
            try CommandLineTool.run(["novelty", "score", "--model", model, "--features", path(rows)] + state)
        }
        let first = try score("known.safetensors")
        #expect(first.status == 0 && !first.errors.contains("drift"))
        let second = try score("novel.safetensors")
        #expect(second.status == 0 && second.errors.contains("drift: the scores have risen, noticed at row 2"))
        let third = try score("novel.safetensors")
        #expect(!third.errors.contains("drift:"), "one alarm and no more")
        try fit("--score", "energy")
        let other = try score("known.safetensors")
        #expect(other.status == 65 && other.errors.contains("is the state of another alarm"))
    }

    /// CUSUM goes on after an alarm, and the summary has every row at which it was raised, and so does the e-process's.
    @Test func alarmsAreSummedUp() throws {
        try fit("--score", "mahalanobis")
        func summary(_ arguments: String...) throws -> (summary: [String: Any], errors: String) {
            let result = try CommandLineTool.run(
                [
                    "novelty", "score", "--model", model, "--features", path("known.safetensors"),
                    path("novel.safetensors"), path("novel.safetensors"), "--output", path("n.npy"), "--json",
                ] + arguments)
            try #require(result.status == 0, "\(result.errors)")
            let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
            return (try #require(object as? [String: Any]), result.errors)
        }
        let plain = try summary().summary
        #expect(plain["rows"] as? Int == 560 && plain["drift"] == nil && plain["score"] as? String == "mahalanobis")
        #expect(plain["threshold"] is Double && (plain["novel"] as? Int ?? 0) > 12)

        let cusum = try summary("--cusum", "1000")
        let drift = try #require(cusum.summary["drift"] as? [String: Any])
        #expect(drift["rule"] as? String == "cusum" && drift["rows_between_false_alarms"] as? Double == 1000)
        let alarms = try #require(drift["alarm_rows"] as? [Int])
        // The first 240 rows are of known classes, the other 320 are not.
        #expect(alarms.count > 1 && alarms.count == drift["alarms"] as? Int)
        #expect(alarms.allSatisfy { (240..<560).contains($0) } && alarms.first == drift["first_alarm_row"] as? Int)
        #expect(cusum.errors.contains("noticed at row \(alarms[0]) of the stream (counted from 0), since about row "))

        let process = try summary("--drift", "0.01")
        let evidence = try #require(process.summary["drift"] as? [String: Any])
        #expect(evidence["false_alarm_probability"] as? Double == 0.01 && (evidence["alarm_rows"] as? [Int])?.count == 1)
        #expect(try #require(evidence["log_evidence"] as? Double) > log(100))
    }

    @Test func badInputIsNamed() throws {
        let features = ["--features", path("known.safetensors")]
        func refused(_ arguments: [String], _ status: Int32, _ message: String) throws {
            let result = try CommandLineTool.run(["novelty"] + arguments)
            #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
        }
        try refused(["score", "--model", model] + features, 65, "has no novelty detector; make one with credence novelty fit")
        try refused(["fit", "--model", model, "--data", data, "--score", "enemy"], 64, "there is no novelty score 'enemy'")
        try refused(
            ["fit", "--model", model, "--data", data, "--score", "odin:{\"temperature\": -1}"], 64,
            "temperature is -1.0, expected a finite number above 0")
        try refused(["fit", "--model", model, "--data", data, "--score", "energy", "energy"], 64, "given twice")
        try refused(
            ["fit", "--model", model, "--data", data, "--score", "negative-labels"], 65, "needs text features of other words")
        try refused(
            ["fit", "--data", data, "--score", "energy", "--output", path("d")], 65, "needs a model's posterior")
        try refused(["fit", "--data", data], 64, "--output <file> is missing")
        #expect(!folder.names.contains("d"))

        try fit("--score", "energy")
        try Self.write(Matrix(rows: 3, columns: 8, repeating: 1), to: folder.path("narrow.safetensors"))
        try refused(
            ["score", "--model", model, "--features", path("narrow.safetensors")], 65,
            "rows of length 8, the detector")
        try refused(
            ["evaluate", "--model", model, "--known", path("narrow.safetensors"), "--novel", path("novel.safetensors")], 65,
            "rows of length 8, the detector")
        try refused(["score", "--model", model, "--decide", "vim"] + features, 65, "the detector has no score 'vim'")
        try refused(["score", "--model", model, "--resume"] + features, 64, "--resume needs --output")
        try refused(["score", "--model", model, "--json"] + features, 64, "--json needs --output")
        try refused(["score", "--model", model, "--format", "npy"] + features, 64, "--format npy needs --output")
        try refused(["score", "--model", model, "--cusum", "1"] + features, 64, "a number of rows above 1, not 1.0")
        try refused(
            ["score", "--model", model, "--cusum", "9", "--drift", "0.1"] + features, 64,
            "--drift and --cusum exclude each other")
        try refused(
            ["score", "--model", model, "--fdr", "0.1", "--p-values", "randomised"] + features, 64,
            "--p-values randomised and --fdr exclude each other")
        try refused(
            ["score", "--model", model, "--output", path("n.parquet")] + features, 64,
            "none of .csv, .jsonl, .npy and .safetensors")

        // A detector of another model, by class names and by content.
        try #require(novelty("fit", "--quiet", "--model", model, "--data", data, "--output", path("d")).status == 0)
        let more = try CommandLineTool.run(
            "learn", "--model", model, "--data", data, "--classes", "sneaker")
        #expect(more.status == 0 && more.errors.contains("the novelty detector was of the model before; fit it again"))
        try refused(["score", "--model", model] + features, 65, "has no novelty detector")
        try refused(["score", "--model", model, "--detector", path("d")] + features, 65, "fitted for another model")
    }

    @Test func theListNamesEveryScore() throws {
        let list = try novelty("list")
        let json = try novelty("list", "--json")
        #expect(list.status == 0 && json.status == 0)
        let entries = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(entries.count == list.output.split(separator: "\n").count && entries.count > 40)
        #expect(entries.allSatisfy { ($0["source"] as? String)?.isEmpty == false })
        #expect(list.output.contains("odin") && list.output.contains("(a model's posterior)"))
    }

    @Test func theBenchmarkTakesScores() throws {
        let result = try CommandLineTool.run(
            "benchmark", "--quiet", "--data", data, "--tasks", "5", "--method", "zero-shot", "--output", path("out"),
            "--novelty-scores", "energy", "mahalanobis", "rank-average")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("novelty, mahalanobis"))
        let results = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: folder.path("out/results.json"))) as? [String: Any])
        let steps = try #require(results["novelty"] as? [[String: Any]])
        #expect(steps.count == 4)
        for step in steps {
            let scores = try #require(step["scores"] as? [String: [String: Double]])
            #expect(scores.keys.sorted() == ["energy", "mahalanobis", "rank-average"])
            #expect(try #require(scores["mahalanobis"]?["auroc"]) > 0.6)
        }
    }
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
