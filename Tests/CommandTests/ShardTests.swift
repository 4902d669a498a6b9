import FeatureData
import Foundation
import Matrices
import NoveltyDetection
import Prediction
import Probability
import TestSupport
import Testing

/// `--shard` and `credence merge` as a user runs them: shares of the work make the result of one process.
@Suite struct ShardTests {
    private let folder: TemporaryFolder
    private let data = CommandLineTool.data

    init() throws { folder = try TemporaryFolder() }

    private func path(_ name: String) -> String { folder.path(name).path }

    @discardableResult private func succeed(_ arguments: [String]) throws -> CommandLineTool.Result {
        let result = try CommandLineTool.run(arguments)
        try #require(result.status == 0, "\(arguments.joined(separator: " ")): \(result.errors)")
        return result
    }

    /// Runs a command once for each shard; the parts in reverse order, which must not matter.
    private func shards(_ count: Int, _ name: String, _ arguments: [String]) throws -> [String] {
        try RowShard.all(count).map { shard in
            let part = path("\(name)-\(shard.index)")
            try succeed(arguments + ["--quiet", "--shard", "\(shard)", "--output", part])
            return part
        }.reversed()
    }

    private static let rail = ["--method", "rail-primal", "--hidden", "200"]

    private func learn(_ model: String, _ options: [String]) -> [String] {
        ["learn", "--model", path(model), "--data", data] + options
    }

    @Test(arguments: [1, 2, 5]) func aModelOfShardsIsTheModelOfOneProcess(_ count: Int) throws {
        // A task of some of the classes, then one of others that also updates, on the model of the first.
        for (task, options) in [["--classes", "dress,coat,sandal"], ["--classes", "coat,handbag", "--update"]].enumerated() {
            try succeed(learn("one", options + (task == 0 ? Self.rail : []) + ["--quiet"]))
            let parts = try shards(count, "task\(task)", learn("many", options + (task == 0 ? Self.rail : [])))
            try succeed(["merge"] + parts + ["--model", path("many")])
        }
        let (one, many) = (try ModelArchive(contentsOf: folder.path("one")), try ModelArchive(contentsOf: folder.path("many")))
        #expect(one.classNames == many.classNames)
        #expect(try one.integers("class_rows") == many.integers("class_rows"))
        expectClose(try many.doubleMatrix("weights"), try one.doubleMatrix("weights"), relative: 1e-3)
        let test = data + "/test.safetensors"
        let answers = try ["one", "many"].map {
            try succeed(["classify", "--model", path($0), "--features", test, "--quiet"]).output.split(separator: "\n")
                .map { $0.split(separator: ",") }
        }
        let same = zip(answers[0], answers[1]).count { $0[1] == $1[1] }
        #expect(same >= answers[0].count - 1)
        let probabilities = answers.map { $0.dropFirst().map { Double($0[2]) ?? .nan } }
        expectClose(probabilities[1], probabilities[0], absolute: 5e-3)
    }

    @Test func modelPartsThatDoNotBelongTogetherAreRefused() throws {
        let parts = try shards(3, "p", learn("m", Self.rail))
        let other = try shards(3, "q", learn("m", Self.rail + ["--lambda", "3"]))
        func refused(_ files: [String], _ options: [String] = []) throws -> (Int32, String) {
            let result = try CommandLineTool.run(["merge"] + files + (options.isEmpty ? ["--model", path("m")] : options))
            return (result.status, result.errors)
        }
        for (files, text) in [
            ([parts[0], parts[2]], "shard 2 of 3 is missing"), (parts + [parts[1]], "both shard 2/3"),
            ([parts[0], other[1], parts[2]], "the regulariser is"), ([data + "/test.safetensors"] + parts, "no part"),
        ] {
            let (status, errors) = try refused(files)
            #expect(status == 65 || status == 66, "\(errors)")
            #expect(errors.contains(text), "\(errors)")
            #expect(!FileManager.default.fileExists(atPath: path("m")))
        }
        #expect(try refused([path("none")] + parts).0 == 66)
        let inspected = try CommandLineTool.run("inspect", parts[0])
        #expect(inspected.status == 65 && inspected.errors.contains("credence merge"), "\(inspected.errors)")
        #expect(try refused(parts, ["--output", parts[0]]).0 == 64)
        #expect(try refused(parts, ["--output", path("no/m")]).0 == 73)
        // Leaving out on purpose, and what happens where parts are merged again.
        try succeed(["merge", parts[0], parts[2], "--partial", "--output", path("partial"), "--quiet"])
        let told = try succeed(["merge"] + parts + ["--model", path("m"), "--json"])
        #expect(told.output.contains("\"rows\" : 600"))
        let again = try refused(parts)
        #expect(again.0 == 65 && again.1.contains("has learnt already"), "\(again.1)")
        // Damage and truncation.
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: parts[1])))
        for (name, damaged) in [("cut", Array(bytes.dropLast(5))), ("empty", [])] {
            let url = try folder.file(name, damaged)
            let result = try refused([parts[0], url.path, parts[2]], ["--output", path("n")])
            #expect(result.0 == 65 && result.1.contains(name), "\(result.1)")
        }
    }

    @Test(arguments: [
        (["--method", "clap", "--shard", "1/2", "--output", "p"], "rail-primal"), (["--shard", "1/2"], "--output"),
        (["--method", "rail", "--shard", "0/2", "--output", "p"], "counted from 1"),
        (["--method", "rail", "--shard", "3/2", "--output", "p"], "1 to 2"), (["--method", "rail", "--shard", "x", "--output", "p"], "i/n"),
        (["--method", "rail", "--output", "p"], "--shard"), (["--shard", "1/2", "--output", "p"], "--method rail-primal"),
        (["--method", "rail", "--shard", "1/2", "--output", "p", "--exemplars", "e"], "--exemplars"),
    ])
    func optionsThatDoNotFitAreRefused(_ options: [String], _ text: String) throws {
        let result = try CommandLineTool.run(learn("m", options.map { $0 == "p" ? path("p") : $0 }))
        #expect(result.status == 64, "\(options)")
        #expect(result.errors.contains(text), "\(result.errors)")
        #expect(folder.names.isEmpty)
    }

    // MARK: Rows

    /// Ten thousand rows: the test rows over and over, each a little changed.
    private func manyRows() throws -> String {
        let file = try SafetensorsFile(contentsOf: URL(filePath: data + "/test.safetensors"))
        let features: Matrix<Float> = try file.matrix("image_features")
        var noise = NormalNoise(seed: 4)
        let spread: Matrix<Float> = .standardNormal(rows: 10_000, columns: features.columns, noise: &noise)
        let rows = features.selectingRows((0..<10_000).map { $0 % features.rows }) + 0.01 * spread
        let writer = try SafetensorsWriter(
            to: folder.path("rows.safetensors"), tensors: [.init("image_features", .float16, [rows.rows, rows.columns])])
        try writer.append(rows, to: "image_features")
        try writer.finish()
        return path("rows.safetensors")
    }

    @Test func predictionsOfShardsAreTheBytesOfOneProcess() throws {
        let rows = try manyRows()
        try succeed(learn("m", ["--method", "linear", "--epochs", "2", "--quiet"]))
        try succeed(["calibrate", "--model", path("m"), "--data", data, "--method", "temperature", "--quiet"])
        for (format, options) in [
            ("csv", ["--top-k", "2", "--conformal", "0.1"]), ("jsonl", ["--probabilities"]),
            ("npy", ["--top-k", "3", "--conformal", "0.1", "--abstain", "2"]), ("safetensors", ["--probabilities"]),
        ] {
            let verb = ["classify", "--model", path("m"), "--features", rows, "--format", format] + options
            try succeed(verb + ["--quiet", "--output", path("one")])
            // Seven shards of five blocks: some are empty.
            for count in [1, 3, 7] {
                let parts = try shards(count, format, verb)
                try succeed(["merge"] + parts + ["--output", path("many"), "--quiet"])
                #expect(
                    try Data(contentsOf: folder.path("many")) == Data(contentsOf: folder.path("one")), "\(format), \(count)")
            }
        }
        let parts = try shards(3, "csv", ["classify", "--model", path("m"), "--features", rows, "--format", "csv"])
        // A part is a table of its own, with the numbers that its rows have among all.
        let text = try String(contentsOfFile: parts[1], encoding: .utf8).split(separator: "\n")
        #expect(text[0].hasPrefix("row,class,") && text[1].hasPrefix("4096,"))
        let other = try shards(3, "other", ["classify", "--model", path("m"), "--features", rows, "--format", "csv", "--uncalibrated"])
        func refused(_ files: [String], _ text: String, _ status: Int32 = 65) throws {
            let result = try CommandLineTool.run(["merge"] + files + ["--output", path("refused")])
            #expect(result.status == status && result.errors.contains(text), "\(result.errors)")
            #expect(!folder.names.contains("refused"))
        }
        try refused([parts[0], parts[2]], "shard 2 of 3 is missing")
        try refused(parts + [parts[1]], "both shard 2/3")
        try refused([parts[0], other[1], parts[2]], "--uncalibrated is true, there false")
        try refused(parts.map { $0 == parts[1] ? path("one") : $0 }, "no", 66)
        try Data("tampered".utf8).write(to: URL(filePath: parts[1]))
        try refused(parts, "has changed since")
        try Data("{".utf8).write(to: URL(filePath: parts[1] + ".part.json"))
        try refused(parts, "not the note of a part")
    }

    @Test func scoresOfShardsAreTheBytesOfOneProcess() throws {
        let rows = try manyRows()
        try succeed(learn("m", ["--method", "linear", "--epochs", "2", "--quiet"]))
        try succeed(["novelty", "fit", "--model", path("m"), "--data", data, "--score", "energy", "mahalanobis", "--quiet"])
        for format in ["csv", "jsonl", "npy", "safetensors"] {
            let verb = [
                "novelty", "score", "--model", path("m"), "--features", rows, "--format", format, "--block-rows", "1000",
                "--p-values", "randomised",
            ]
            try succeed(verb + ["--quiet", "--output", path("one")])
            let parts = try shards(3, format, verb)
            try succeed(["merge"] + parts + ["--output", path("many"), "--quiet"])
            #expect(try Data(contentsOf: folder.path("many")) == Data(contentsOf: folder.path("one")), "\(format)")
        }
        for option in [["--fdr", "0.1"], ["--cusum", "100"], ["--drift", "0.1"]] {
            let result = try CommandLineTool.run(
                ["novelty", "score", "--model", path("m"), "--features", rows, "--shard", "1/2", "--output", path("p")] + option)
            #expect(result.status == 64 && result.errors.contains(option[0]), "\(result.errors)")
        }
    }

    // MARK: Detectors

    @Test func aDetectorOfShardsIsTheDetectorOfOneProcess() throws {
        try succeed(learn("m", ["--method", "linear", "--epochs", "2", "--quiet", "--classes", "dress,coat,sandal,sneaker"]))
        let fit = ["novelty", "fit", "--model", path("m"), "--data", data]
        try succeed(fit + ["--quiet", "--output", path("one")])
        let parts = try shards(3, "fit", fit)
        try succeed(["merge"] + parts + ["--model", path("m"), "--output", path("many"), "--quiet"])
        let (one, many) = (try Detector(contentsOf: folder.path("one")), try Detector(contentsOf: folder.path("many")))
        #expect(one.parts.map(\.name) == many.parts.map(\.name) && one.dataFingerprint == many.dataFingerprint)
        for (a, b) in zip(one.parts, many.parts) { expectClose(b.knownScores, a.knownScores, relative: 5e-3) }
        // Into the model, and without a model.
        let told = try succeed(["merge"] + parts + ["--model", path("m")])
        #expect(told.errors.contains("novel above"))
        try succeed(["novelty", "score", "--model", path("m"), "--features", data + "/test.safetensors", "--output", path("s.csv")])
        let bare = try shards(2, "bare", ["novelty", "fit", "--data", data, "--score", "mahalanobis"])
        try succeed(["merge"] + bare + ["--output", path("bare"), "--quiet"])
        for (arguments, text) in [
            (["merge"] + parts + ["--output", path("x")], "--model"), (["merge"] + bare + ["--model", path("m")], "--model"),
            (fit + ["--score", "openmax", "--shard", "1/2", "--output", path("x")], "openmax"),
            (fit + ["--shard", "1/2"], "--output"),
        ] {
            let result = try CommandLineTool.run(arguments)
            #expect(result.status == 64 && result.errors.contains(text), "\(result.errors)")
        }
        let mixed = try CommandLineTool.run(["merge", parts[0], bare[0], "--output", path("x")])
        #expect(mixed.status != 0)
    }
}
