import Credence
import Foundation
import TestSupport
import Testing

/// The analytic heads from the command line: everything works on their models unchanged.
@Suite struct RAILCommandTests {
    private let folder: TemporaryFolder
    private static let test = CommandLineTool.data + "/test.safetensors"

    init() throws {
        folder = try TemporaryFolder()
    }

    private func path(_ name: String) -> String { folder.path(name).path }

    private func learn(_ model: String, _ options: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(
            ["learn", "--model", path(model), "--data", CommandLineTool.data, "--quiet"] + options)
    }

    private func accuracy(_ model: String, _ options: String...) throws -> Double {
        let result = try CommandLineTool.run(
            ["evaluate", "--model", path(model), "--data", CommandLineTool.data, "--json", "--quiet"] + options)
        #expect(result.status == 0, "\(result.errors)")
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        return try #require((json["figures"] as? [String: Any])?["accuracy"] as? Double)
    }

    static let methods: [[String]] = [
        ["--method", "rail-primal", "--hidden", "300"], ["--method", "rail-dual"],
        ["--method", "rail-dual", "--exact-rows", "200", "--landmarks", "150"],
        ["--method", "rail-primal", "--hidden", "200", "--lambda", "marginal-likelihood", "--fusion-weight", "0.8"],
    ]

    @Test(arguments: methods) func everyVerbWorksOnTheModel(_ method: [String]) throws {
        for classes in ["dress,coat,sandal,sneaker", "handbag,shirt"] {
            let result = try CommandLineTool.run(
                ["learn", "--model", path("m"), "--data", CommandLineTool.data, "--quiet", "--classes", classes]
                    + (folder.names.isEmpty ? method : []))
            #expect(result.status == 0, "\(result.errors)")
        }
        #expect(try accuracy("m") > 0.7)
        let verbs: [[String]] = [
            ["inspect", path("m")],
            ["calibrate", "--model", path("m"), "--data", CommandLineTool.data, "--method", "temperature"],
            ["evaluate", "--model", path("m"), "--data", CommandLineTool.data],
            ["classify", "--model", path("m"), "--features", Self.test, "--output", path("p.csv")],
            ["novelty", "fit", "--model", path("m"), "--data", CommandLineTool.data],
            ["novelty", "score", "--model", path("m"), "--features", Self.test, "--output", path("n.csv")],
        ]
        for verb in verbs {
            let result = try CommandLineTool.run(verb)
            #expect(result.status == 0, "\(verb[0]): \(result.errors)")
        }
        #expect(try String(contentsOf: folder.path("p.csv"), encoding: .utf8).split(separator: "\n").count == 401)
        // And it learns on, known classes too.
        #expect(try learn("m", "--update").status == 0)
        #expect(try accuracy("m") > 0.7)
    }

    @Test(arguments: ["rail-primal", "rail-dual"]) func benchmarks(_ method: String) throws {
        let result = try CommandLineTool.run(
            [
                "benchmark", "--data", CommandLineTool.data, "--tasks", "5", "--method", method, "--output", path("out"),
                "--json", "--quiet",
            ] + (method == "rail-primal" ? ["--hidden", "300"] : []))
        #expect(result.status == 0, "\(result.errors)")
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(try #require(json["last"] as? Double) > 0.75)
        #expect(try #require(json["ece"] as? Double) < 0.12)
        let options = try #require(json["options"] as? [String: String])
        #expect(options["budget"] == "0")
        if method == "rail-primal" { #expect(options["hidden"] == "300") }
    }

    @Test(arguments: [["--method", "rail-primal", "--hidden", "300"], ["--method", "rail-dual"]])
    func theSameSeedGivesTheSameBytesWhateverTheThreads(_ method: [String]) throws {
        for (model, threads) in [("one", "1"), ("two", "2")] {
            for classes in ["dress,coat", "sandal,sneaker"] {
                let known = folder.names.contains(model)
                let result = try CommandLineTool.run(
                    ["learn", "--model", path(model), "--data", CommandLineTool.data, "--quiet", "--threads", threads,
                        "--classes", classes] + (known ? [] : method))
                #expect(result.status == 0, "\(result.errors)")
            }
        }
        #expect(try Data(contentsOf: folder.path("one")) == Data(contentsOf: folder.path("two")))
    }

    @Test(arguments: [["--method", "rail-primal", "--hidden", "300"], ["--method", "rail-dual"]])
    func unlearningAClassIsNeverHavingLearntIt(_ method: [String]) throws {
        for (model, classes) in [("all", "dress,coat,handbag"), ("never", "dress,coat")] {
            let result = try CommandLineTool.run(
                ["learn", "--model", path(model), "--data", CommandLineTool.data, "--quiet", "--classes", classes] + method)
            #expect(result.status == 0, "\(result.errors)")
        }
        let before = try Data(contentsOf: folder.path("all"))
        let result = try CommandLineTool.run(
            "unlearn", "--model", path("all"), "--data", CommandLineTool.data, "--classes", "handbag", "--output", path("less"),
            "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("forgot 1 class and their 60 rows"))
        #expect(try Data(contentsOf: folder.path("all")) == before)
        let (less, never) = (
            try ModelArchive(contentsOf: folder.path("less")), try ModelArchive(contentsOf: folder.path("never"))
        )
        #expect(less.classNames == never.classNames)
        let name = method[1] == "rail-primal" ? "weights" : "coefficients"
        expectClose(try less.doubleMatrix(name), try never.doubleMatrix(name), relative: 1e-3)
        // In place, by rows.
        let rows = try CommandLineTool.run(
            "unlearn", "--model", path("less"), "--data", CommandLineTool.data, "--rows", rowsOfDress(5))
        #expect(rows.status == 0, "\(rows.errors)")
        #expect(rows.errors.contains("forgot 5 rows"))
    }

    /// The first training rows of a class, as `--rows` takes them.
    private func rowsOfDress(_ count: Int) throws -> String {
        let data = try Dataset.open(FeatureDataFolder.example, splits: [.train])
        let label = try #require(data.classNames.firstIndex(of: "dress"))
        let labels = try #require(try data.rows(.train).labels())
        return labels.indices.filter { labels[$0] == label }.prefix(count).map(String.init).joined(separator: ",")
    }

    @Test func badUnlearningIsRefusedAndNamed() throws {
        _ = try learn("m", "--method", "rail-primal", "--hidden", "100", "--classes", "dress,coat")
        _ = try learn("z", "--method", "zero-shot", "--classes", "dress,coat")
        func refused(_ model: String, _ options: String...) throws -> (Int32, String) {
            let result = try CommandLineTool.run(
                ["unlearn", "--model", path(model), "--data", CommandLineTool.data] + options)
            return (result.status, result.errors)
        }
        for (options, status, text) in [
            (["--classes", "handbag"], Int32(65), "does not know class 'handbag'"), (["--classes", "yak"], 65, "'yak'"),
            (["--rows", "9999"], 65, "row 9999"), (["--rows", "5-2"], 64, "5-2"), ([], 64, "--classes"),
            (["--rows", "1", "--classes", "coat"], 64, "--classes"),
            (["--rows-file", path("none")], 66, "no such file"),
        ] as [([String], Int32, String)] {
            let result = try CommandLineTool.run(
                ["unlearn", "--model", path("m"), "--data", CommandLineTool.data] + options)
            #expect(result.status == status, "\(options)")
            #expect(result.errors.contains(text), "\(result.errors)")
        }
        let (status, errors) = try refused("z", "--classes", "coat")
        #expect(status == 64)
        #expect(errors.contains("cannot unlearn"))
    }

    @Test(arguments: [
        (["--method", "rail-primal", "--kernel", "linear"], "--kernel"),
        (["--method", "rail-dual", "--hidden", "10"], "--hidden"),
        (["--method", "rail-primal", "--epochs", "3"], "--epochs"), (["--method", "clap", "--lambda", "1"], "--lambda"),
        (["--method", "rail-primal", "--lambda", "0"], "regulariser"),
        (["--method", "rail-dual", "--gamma", "0"], "gamma"), (["--method", "rail-dual", "--degree", "2"], "--degree"),
        (["--method", "rail-primal", "--fusion-weight", "1.5"], "fusion weight"),
        (["--method", "rail-primal", "--budget", "20"], "--budget"),
    ])
    func optionsThatDoNotFitAreRefused(_ options: [String], _ text: String) throws {
        let result = try CommandLineTool.run(
            ["learn", "--model", path("m"), "--data", CommandLineTool.data] + options)
        #expect(result.status == 64)
        #expect(result.errors.contains(text), "\(result.errors)")
        #expect(folder.names.isEmpty)
    }
}
