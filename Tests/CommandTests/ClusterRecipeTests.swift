import FeatureData
import Foundation
import Prediction
import TestSupport
import Testing

/// `Examples/cluster` on this machine: what each recipe joins is what one process makes.
@Suite struct ClusterRecipeTests {
    private let folder: TemporaryFolder
    private let data = CommandLineTool.data
    private static let recipes = Golden.packageRoot.appending(path: "Examples/cluster")
    private static let bash = URL(filePath: "/bin/bash")

    init() throws { folder = try TemporaryFolder() }

    private func path(_ name: String) -> String { folder.path(name).path }

    /// Runs a program that finds `credence` under its name.
    private func run(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:], timeout: Double = 120
    ) throws -> CommandResult {
        let binary = try #require(credenceExecutable)
        let own = "\(path("bin")):\(binary.deletingLastPathComponent().path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        let result = try runProgram(
            program, arguments, environment: environment.merging(["PATH": own]) { $1 }, timeout: timeout)
        #expect(result.status == 0, "\(result.stderr)")
        return result
    }

    private func learn(_ model: String) -> [String] {
        ["learn", "--model", path(model), "--data", data, "--method", "rail-primal", "--hidden", "100"]
    }

    /// The model of one process, and that every recipe's has its weights to rounding.
    private func expectTheModel(_ model: String) throws {
        let result = try CommandLineTool.run(learn("one") + ["--quiet"])
        #expect(result.status == 0, "\(result.errors)")
        let (one, other) = (try ModelArchive(contentsOf: folder.path("one")), try ModelArchive(contentsOf: folder.path(model)))
        #expect(one.classNames == other.classNames)
        expectClose(try other.doubleMatrix("weights"), try one.doubleMatrix("weights"), relative: 1e-3)
    }

    @Test func xargs() throws {
        _ = try run(
            Self.bash, [Self.recipes.appending(path: "parallel.sh").path, "3", path("parts"), "--model \(path("m"))", "--"] + learn("m"))
        try expectTheModel("m")
        let classify = ["classify", "--model", path("m"), "--features", data + "/test.safetensors", "--format", "csv"]
        _ = try run(
            Self.bash, [Self.recipes.appending(path: "parallel.sh").path, "2", path("rows"), "--output \(path("p.csv"))", "--"] + classify)
        let one = try CommandLineTool.run(classify + ["--quiet"])
        #expect(try String(contentsOf: folder.path("p.csv"), encoding: .utf8) == one.output)
    }

    /// A stand-in for `sbatch` that runs what it is given at once.
    @Test func slurm() throws {
        try FileManager.default.createDirectory(at: folder.path("bin"), withIntermediateDirectories: true)
        let sbatch = try folder.file("bin/sbatch", Array("""
            #!/bin/bash
            set -euo pipefail
            [ "$1" = --parsable ]
            case "$2" in
            --array=1-*)
                count=${2#--array=1-}
                for task in $(seq 1 "$count"); do
                    SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=$count bash "${@:3}"
                done
                echo 17 ;;
            --dependency=afterok:17) bash -c "$4"; echo 18 ;;
            *) exit 1 ;;
            esac
            """.utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: sbatch.path)
        let result = try run(
            Self.bash,
            [Self.recipes.appending(path: "slurm-submit.sh").path, "3", path("parts"), "--model \(path("m"))", "--"] + learn("m"))
        #expect(result.stdout == "18\n")
        try expectTheModel("m")
    }

    /// The commands of the Jobs, as the pods of an indexed Job run them.
    @Test(.enabled(if: PythonModule.isThere("yaml"), "python3 has no PyYAML")) func kubernetes() throws {
        let script = """
            import json, sys, yaml
            jobs = list(yaml.safe_load_all(open(sys.argv[1])))
            assert [job["kind"] for job in jobs] == ["Job", "Job"]
            spec = jobs[0]["spec"]
            assert spec["completionMode"] == "Indexed"
            for job in jobs:
                pod = job["spec"]["template"]["spec"]
                assert pod["restartPolicy"] == "Never"
                for volume in pod["containers"][0]["volumeMounts"]:
                    assert volume["name"] in [known["name"] for known in pod["volumes"]]
            containers = [job["spec"]["template"]["spec"]["containers"][0] for job in jobs]
            print(json.dumps({
                "count": spec["completions"],
                "shares": next(v["value"] for v in containers[0]["env"] if v["name"] == "SHARES"),
                "commands": [c["command"] + c["args"] for c in containers]}))
            """
        struct Jobs: Decodable {
            var count: Int
            var shares: String
            var commands: [[String]]
        }
        let read = try runProgram(
            URL(filePath: "/usr/bin/env"),
            ["python3", "-c", script, Self.recipes.appending(path: "kubernetes.yaml").path])
        try #require(read.status == 0, "\(read.stderr)")
        let jobs = try JSONDecoder().decode(Jobs.self, from: Data(read.stdout.utf8))
        #expect("\(jobs.count)" == jobs.shares)
        var environment = ["SHARES": jobs.shares, "DATA": data, "PARTS": path("parts"), "MODEL": path("m")]
        for index in 0..<jobs.count {
            environment["JOB_COMPLETION_INDEX"] = "\(index)"
            // Fewer units than the default, for a fast test.
            let command = jobs.commands[0].map { $0.replacing("--quiet", with: "--quiet --hidden 100") }
            _ = try run(URL(filePath: "/usr/bin/env"), command, environment: environment)
        }
        _ = try run(URL(filePath: "/usr/bin/env"), jobs.commands[1], environment: environment)
        try expectTheModel("m")
    }

    /// On a cluster of two workers on this machine. `CREDENCE_PYSPARK` names a Python that has PySpark.
    @Test(.enabled(if: PySpark.python != nil, "no Python with PySpark (CREDENCE_PYSPARK names one)"))
    func spark() throws {
        let python = try #require(PySpark.python)
        let result = try run(
            URL(filePath: "/usr/bin/env"),
            [
                python, Self.recipes.appending(path: "spark_shards.py").path, "--shards", "3", "--parts", path("parts"),
                "--merge-model", path("m"), "--",
            ] + learn("m"),
            environment: [
                "PYSPARK_SUBMIT_ARGS": "--master local-cluster[2,1,1024] pyspark-shell", "PYSPARK_PYTHON": python,
                "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": path("work"), "SPARK_LOCAL_DIRS": path("local"),
            ],
            timeout: 300)
        #expect(result.stderr.contains("merged 3 parts of 600 rows"))
        try expectTheModel("m")
    }
}

private enum PythonModule {
    static func isThere(_ name: String) -> Bool {
        (try? runProgram(URL(filePath: "/usr/bin/env"), ["python3", "-c", "import \(name)"]))?.status == 0
    }
}

/// A Python that can drive Spark.
private enum PySpark {
    static let python: String? = {
        if let named = ProcessInfo.processInfo.environment["CREDENCE_PYSPARK"] { return named }
        return PythonModule.isThere("pyspark") ? "python3" : nil
    }()
}
