import Foundation
import TestSupport
import Testing

/// What `--help` says, word for word. `RECORD_SNAPSHOTS=1 swift test …` writes the files anew.
@Suite struct HelpTests {
    @Test(arguments: [
        [], ["learn"], ["unlearn"], ["merge"], ["classify"], ["calibrate"], ["evaluate"], ["benchmark"], ["report"], ["serve"], ["inspect"], ["data"], ["data", "inspect"],
        ["data", "validate"], ["data", "convert"],
        ["novelty"], ["novelty", "fit"], ["novelty", "score"], ["novelty", "evaluate"], ["novelty", "list"],
        ["exemplars"], ["exemplars", "compare"], ["exemplars", "select"], ["exemplars", "add"], ["exemplars", "list"],
        ["exemplars", "stats"], ["exemplars", "export"], ["exemplars", "import"], ["exemplars", "prune"],
        ["exemplars", "verify"],
    ])
    func helpIsAsRecorded(_ verb: [String]) throws {
        let result = try CommandLineTool.run(verb + ["--help"])
        #expect(result.status == 0)
        #expect(result.errors == "")
        let name = (["credence"] + verb).joined(separator: "-") + ".txt"
        let snapshot = Golden.packageRoot.appending(path: "Tests/CommandTests/Snapshots/\(name)")
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            try Data(result.output.utf8).write(to: snapshot)
        }
        #expect(result.output == String(decoding: try Data(contentsOf: snapshot), as: UTF8.self))
    }

    @Test(arguments: [
        ["learn"], ["unlearn"], ["merge"], ["classify"], ["calibrate"], ["evaluate"], ["benchmark"], ["report"], ["serve"], ["inspect"], ["data", "inspect"],
        ["data", "validate"], ["data", "convert"], ["novelty", "fit"], ["novelty", "score"], ["novelty", "evaluate"], ["novelty", "list"],
        ["exemplars", "compare"], ["exemplars", "select"], ["exemplars", "add"],
        ["exemplars", "list"], ["exemplars", "stats"], ["exemplars", "export"], ["exemplars", "import"],
        ["exemplars", "prune"], ["exemplars", "verify"],
    ])
    func helpTeachesByExample(_ verb: [String]) throws {
        let help = try CommandLineTool.run(verb + ["--help"]).output
        #expect(help.contains("EXAMPLE"))
        #expect(help.contains("credence \(verb.joined(separator: " ")) "))
    }

    @Test func versionIsTold() throws {
        let result = try CommandLineTool.run("--version")
        #expect(result.status == 0)
        #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }
}

/// Mistakes in the command line itself: exit code 64, and a line that names the mistake.
@Suite struct UsageTests {
    @Test(arguments: [
        (["lern"], "lern"),
        (["learn", "--model", "m", "--data", "d", "--modle", "m"], "--modle"),
        (["learn", "--data", "d"], "--model"),
        (["learn", "--model", "m", "--data", "d", "--method", "svm"], "svm"),
        (["learn", "--model", "m", "--data", "d", "--epochs", "0"], "--epochs"),
        (["learn", "--model", "m", "--data", "d", "--budget", "-1"], "--budget"),
        (["learn", "--model", "m", "--data", "d", "--seed", "x"], "--seed"),
        (["learn", "--model", "m", "--data", "d", "--threads", "0"], "--threads"),
        (["learn", "--model", "m", "--data", "d", "--classes", "a", "--classes-file", "b"], "--classes"),
        (["learn", "--model", "m", "--data", "d", "--recipe", "best"], "best"),
        (["classify", "--model", "m", "--features", "f", "--top-k", "0"], "--top-k"),
        (["classify", "--model", "m", "--features", "f", "--output", "p.parquet"], "p.parquet"),
        (["classify", "--model", "m"], "--features"),
        (["classify", "--model", "m", "--features", "f", "--conformal", "1"], "--conformal"),
        (["classify", "--model", "m", "--features", "f", "--abstain", "3"], "--abstain"),
        (["classify", "--model", "m", "--features", "f", "--conformal", "0.1", "--abstain", "0"], "--abstain"),
        (["classify", "--model", "m", "--features", "f", "--conformal", "0.1", "--uncalibrated"], "--uncalibrated"),
        (["calibrate", "--model", "m"], "--data"),
        (["calibrate", "--model", "m", "--data", "d", "--remove"], "--remove"),
        (["calibrate", "--model", "m", "--data", "d", "--method", "platform"], "platform"),
        (["calibrate", "--model", "m", "--data", "d", "--method", "none", "--conformal", "none"], "--remove"),
        (["calibrate", "--model", "m", "--data", "d", "--penalty", "-1"], "--penalty"),
        (["calibrate", "--model", "m", "--data", "d", "--part", "3/2"], "3/2"),
        (["calibrate", "--model", "m", "--data", "d", "--split", "valid"], "valid"),
        (["evaluate", "--model", "m"], "--data"),
        (["evaluate", "--model", "m", "--data", "d", "--bins", "0"], "--bins"),
        (["evaluate", "--model", "m", "--data", "d", "--bootstrap", "-1"], "--bootstrap"),
        (["evaluate", "--model", "m", "--data", "d", "--conformal", "nan"], "--conformal"),
        (["benchmark", "--data", "d", "--output", "o", "--tasks", "0"], "--tasks"),
        (["benchmark", "--data", "d", "--output", "o", "--tasks", "2", "--tasks-file", "t"], "--tasks-file"),
        (["exemplars", "select", "--data", "d", "--store", "s"], "--budget"),
        (["exemplars", "select", "--data", "d", "--store", "s", "--budget", "1", "--per-class", "1"], "--per-class"),
        (["exemplars", "select", "--data", "d", "--store", "s", "--budget", "1", "--selector", "best"], "best"),
        (["exemplars", "select", "--data", "d", "--store", "s", "--budget", "1", "--pq-bytes", "4"], "--encoding pq"),
        (["exemplars", "add", "--data", "d", "--store", "s", "--rows", "a"], "--rows"),
        (["exemplars", "add", "--data", "d", "--store", "s", "--rows", "1", "--pin", "--unpin"], "--unpin"),
        (["exemplars", "list", "--store", "s", "--tasks", "x"], "--tasks"),
        (["exemplars", "prune", "--store", "s", "--budget", "-1"], "--budget"),
        (["exemplars", "export", "--store", "s", "--output", "o.csv"], "o.csv"),
        (["data", "lookat"], "lookat"), (["data", "validate"], "path"),
    ] as [([String], String)])
    func mistakesAreNamed(_ arguments: [String], _ culprit: String) throws {
        let result = try CommandLineTool.run(arguments)
        #expect(result.status == 64)
        #expect(result.output == "")
        #expect(result.errors.contains(culprit))
    }

    @Test func moreTasksThanClasses() throws {
        let folder = try TemporaryFolder()
        let result = try CommandLineTool.run(
            "benchmark", "--data", CommandLineTool.data, "--output", folder.path("out").path, "--tasks", "11")
        #expect(result.status == 64)
        #expect(result.errors.contains("--tasks 11"))
    }

    @Test func optionsThatTheMethodDoesNotHave() throws {
        let folder = try TemporaryFolder()
        let result = try CommandLineTool.run(
            "learn", "--model", folder.path("m").path, "--data", CommandLineTool.data, "--method", "zero-shot",
            "--epochs", "3")
        #expect(result.status == 64)
        #expect(result.errors.contains("--epochs does not apply"))
        #expect(folder.names == [])
    }
}
