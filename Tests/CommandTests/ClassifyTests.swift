import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct ClassifyTests {
    private let folder: TemporaryFolder
    private let features = CommandLineTool.data + "/test.safetensors"

    init() throws {
        folder = try TemporaryFolder()
        let result = try CommandLineTool.run(
            "learn", "--quiet", "--model", folder.path("m").path, "--data", CommandLineTool.data, "--method", "clap",
            "--epochs", "2")
        try #require(result.status == 0, "\(result.errors)")
    }

    private func classify(_ options: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(
            ["classify", "--quiet", "--model", folder.path("m").path, "--features", features] + options)
    }

    @Test func bothFormatsPrintTheSameNumbers() throws {
        let csv = try classify("--top-k", "2")
        let json = try classify("--top-k", "2", "--json")
        #expect(csv.status == 0 && json.status == 0)
        let lines = csv.output.split(separator: "\n")
        #expect(
            lines[0]
                == "row,class,probability,entropy,aleatoric,epistemic,energy,class_2,probability_2")
        let objects = json.output.split(separator: "\n")
        #expect(lines.count == 401)
        #expect(objects.count == 400)
        for (line, text) in zip(lines.dropFirst(), objects) {
            let cells = line.split(separator: ",").map(String.init)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(object["class"] as? String == cells[1])
            for (key, index) in [
                ("row", 0), ("probability", 2), ("entropy", 3), ("aleatoric", 4), ("epistemic", 5), ("energy", 6),
            ] {
                #expect(object[key] as? Double == Double(cells[index]))
            }
            let second = (object["top"] as? [[String: Any]])?[1]
            #expect(second?["class"] as? String == cells[7])
            #expect(second?["probability"] as? Double == Double(cells[8]))
        }
    }

    @Test func figuresAreWhatTheyClaim() throws {
        let output = try classify("--top-k", "10").output
        for line in output.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: ",").map(String.init)
            let numbers = try cells.indices.filter { $0 != 1 && ($0 < 7 || $0 % 2 == 0) }
                .map { try #require(Double(cells[$0])) }
            let (entropy, aleatoric, epistemic) = (numbers[2], numbers[3], numbers[4])
            let probabilities = [numbers[1]] + numbers[6...]
            expectClose(probabilities.reduce(0, +), 1, absolute: 1e-4)
            #expect(zip(probabilities, probabilities.dropFirst()).allSatisfy { $0 >= $1 })
            let expected = -probabilities.reduce(0) { $0 + ($1 > 0 ? $1 * log($1) : 0) }
            expectClose(entropy, expected, absolute: 1e-4)
            expectClose(aleatoric + epistemic, entropy, absolute: 1e-4)
            #expect(aleatoric >= 0 && epistemic >= -1e-6)
        }
    }

    @Test func filesAndStandardOutputAreTheSame() throws {
        let file = folder.path("p.csv")
        #expect(try classify("--output", file.path).status == 0)
        #expect(String(decoding: try Data(contentsOf: file), as: UTF8.self) == (try classify().output))
        #expect(folder.names == ["m", "p.csv"])
    }

    @Test func threadsChangeNothing() throws {
        #expect(try classify("--threads", "1").output == classify("--threads", "2").output)
    }

    @Test func numPyFilesAreTheSameRows() throws {
        let rows: Matrix<Float> = try SafetensorsFile(contentsOf: URL(filePath: features)).matrix("image_features")
        let file = folder.path("rows.npy")
        let writer = try NumPyWriter(to: file, elementType: .float16, shape: [rows.rows, rows.columns])
        try writer.append(rows)
        try writer.finish()
        let npy = try CommandLineTool.run(
            "classify", "--quiet", "--model", folder.path("m").path, "--features", file.path)
        #expect(try npy.output == classify().output)
    }

    @Test func severalFilesAreNumberedThrough() throws {
        let twice = try classify(features)
        let lines = twice.output.split(separator: "\n")
        #expect(lines.count == 801)
        #expect(lines[401].hasPrefix("400,"))
        #expect(lines[401].dropFirst(4) == lines[1].dropFirst(2))
    }

    /// 40,000 rows in 100 files: more than 80 MB as Float, if they were held.
    @Test func memoryDoesNotGrowWithTheRows() throws {
        let few = try classify("--output", folder.path("few.csv").path)
        let many = try CommandLineTool.run(
            ["classify", "--quiet", "--model", folder.path("m").path, "--output", folder.path("many.csv").path]
                + ["--features"] + Array(repeating: features, count: 100))
        #expect(many.status == 0)
        #expect(many.peakMemory < few.peakMemory + (60 << 20))
        #expect(many.peakMemory < 300 << 20)
    }

    @Test func aReaderThatLeavesEarlyIsNoError() throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = [
            "-c",
            "\"$0\" classify --quiet --model \"$1\" --features \"$2\" \"$2\" \"$2\" 2>\"$3\" | head -n 1 >/dev/null",
            try #require(credenceExecutable).path, folder.path("m").path, features, folder.path("errors").path,
        ]
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        #expect(try Data(contentsOf: folder.path("errors")).isEmpty)
    }
}
