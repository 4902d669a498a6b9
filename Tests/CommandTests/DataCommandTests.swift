import Foundation
import TestSupport
import Testing

/// `credence data convert` and `validate` as a user runs them.
@Suite struct DataCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String...) throws -> CommandLineTool.Result { try CommandLineTool.run(["data"] + arguments) }

    @Test func convertedDataValidate() throws {
        let out = folder.path("out").path
        let result = try run(
            "convert", CommandLineTool.data, "--type", "f16", "--shards", "3", "--classes", "coat,dress,sandal", "--output", out)
        #expect(result.status == 0 && result.output == "", "\(result.errors)")
        #expect(result.errors.contains("wrote 180 train and 120 test rows, 3 classes, F16 of length 512"))
        #expect(result.errors.contains("left out 700 rows"))
        let validated = try run("validate", out, CommandLineTool.data)
        #expect(validated.status == 0 && validated.errors == "", "\(validated.output)")
        #expect(validated.output.contains("train (3 files)") && validated.output.contains("no problem found"))
        let json = try run("validate", "--json", out)
        let list = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect((list.first?["groups"] as? [[String: Any]])?.first?["rows"] as? Int == 180)
    }

    @Test func conversionsAreSummedUpAsJSON() throws {
        let file = folder.path("rows.npy").path
        let told = try run("convert", CommandLineTool.data + "/test.safetensors", "--output", file, "--json", "--quiet")
        let summary = try #require(JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any])
        #expect(summary["train_rows"] as? Int == 400 && summary["dimension"] as? Int == 512)
        #expect((summary["files"] as? [String])?.count == 3 && told.errors == "")
    }

    @Test func warningsFailWhereAsked() throws {
        let out = folder.path("out").path
        // The test rows are in the training file, too.
        let test = CommandLineTool.data + "/test.safetensors"
        let result = try run(
            "convert", test, "--test", test, "--text", CommandLineTool.data + "/text.safetensors", "--output", out)
        #expect(result.status == 0, "\(result.errors)")
        let loose = try run("validate", out)
        #expect(loose.status == 0 && loose.output.contains("400 rows are training rows"))
        let strict = try run("validate", "--strict", out)
        #expect(strict.status == 65 && strict.output == loose.output)
        #expect(strict.errors.contains("training rows") && strict.errors.split(separator: "\n").count == 1)
    }

    @Test func damagedDataFail() throws {
        let bytes = try Data(contentsOf: URL(filePath: CommandLineTool.data + "/test.safetensors"))
        let cut = try folder.file("cut.safetensors", Array(bytes.prefix(5000)))
        let validated = try run("validate", cut.path)
        #expect(validated.status == 65 && validated.output.contains("error: ") && validated.errors.contains("cut.safetensors"))
        let converted = try run("convert", cut.path, "--output", folder.path("out.safetensors").path)
        #expect(converted.status == 65 && converted.errors.contains("cut.safetensors"))
        #expect(try run("validate", folder.path("nothing").path).status == 66)
        #expect(try run("convert", folder.path("nothing").path, "--output", folder.path("out").path).status == 66)
        #expect(folder.names == ["cut.safetensors"])
    }

    @Test(arguments: [
        (["--shards", "2", "--output", "o.npy"], "--shards"), (["--shards", "0", "--output", "o"], "--shards"),
        (["--test-share", "1", "--output", "o"], "--test-share"), (["--type", "f64", "--output", "o"], "f64"),
        (["--type", "bf16", "--output", "o.npy"], "bf16"), (["--test-labels", "y", "--output", "o"], "--test-labels"),
        (["--logit-scale", "0", "--output", "o"], "--logit-scale"), (["--output", "o.safetensors"], "--only"),
        (["--test-share", "0.5", "--output", "o"], "--test-share"), ([], "--output"),
        (["--classes", "a", "--classes-file", "b", "--output", "o"], "--classes-file"),
    ] as [([String], String)])
    func mistakesAreNamed(_ options: [String], _ culprit: String) throws {
        let result = try CommandLineTool.run(["data", "convert", CommandLineTool.data] + options)
        #expect(result.status == 64 && result.errors.contains(culprit), "\(result.errors)")
    }

    @Test func textIsAskedFor() throws {
        let result = try run("convert", CommandLineTool.data + "/test.safetensors", "--output", folder.path("out").path)
        #expect(result.status == 66 && result.errors.contains("--class-means-as-text"))
        let means = try run(
            "convert", CommandLineTool.data + "/test.safetensors", "--class-means-as-text", "--output", folder.path("out").path)
        #expect(means.status == 0, "\(means.errors)")
    }

    /// A full disk, a closed folder, a stop in the middle: nothing is left.
    @Test func whatFailsLeavesNothing() throws {
        let rows = folder.path("rows.npy")
        try big(rows, count: 200_000)
        let before = folder.names
        let full = try CommandLineTool.run(
            ["data", "convert", rows.path, "--output", folder.path("o.safetensors").path], fileSizeLimit: 1 << 20)
        #expect(full.status == 74, "\(full.errors)")
        let out = try CommandLineTool.run(
            ["data", "convert", rows.path, "--output", folder.path("out").path, "--text", CommandLineTool.data + "/text.safetensors"])
        #expect(out.status == 65 && out.errors.contains("length 64"), "\(out.errors)")
        let stopped = try CommandLineTool.run(
            ["data", "convert", rows.path, "--type", "f16", "--drop-bad-rows", "--output", folder.path("o.safetensors").path],
            signal: (SIGINT, 0.05))
        // On a fast machine it may have finished before the signal.
        if stopped.status == 130 {
            #expect(stopped.errors.contains("interrupted"))
            #expect(folder.names == before)
        } else {
            #expect(stopped.status == 0)
        }
        #expect(try run("convert", rows.path, "--output", "/proc/none/o.safetensors").status == 73)
    }

    /// 51 MB of rows pass through little memory.
    @Test func memoryIsBounded() throws {
        let rows = folder.path("rows.npy")
        try big(rows, count: 400_000)
        let result = try CommandLineTool.run([
            "data", "convert", rows.path, "--type", "bf16", "--normalize", "--output", folder.path("o.safetensors").path,
        ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.peakMemory < 80 << 20, "\(result.peakMemory)")
    }

    /// Rows `[count, 64]` of F16 without a zero.
    private func big(_ url: URL, count: Int) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 128)
        for row in 0..<count {
            for column in 0..<64 {
                // 1 and something: the mantissa's bits vary.
                bytes.append(UInt8(truncatingIfNeeded: row &* 31 &+ column &* 7))
                bytes.append(0x3c)
            }
        }
        _ = try folder.file(url.lastPathComponent, NumPyBytes.npy("<f2", [count, 64], data: bytes))
    }
}
