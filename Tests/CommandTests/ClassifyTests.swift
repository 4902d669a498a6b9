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
                == "row,class,probability,entropy,aleatoric,epistemic,energy,margin,variance,class_2,probability_2")
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
                ("margin", 7), ("variance", 8),
            ] {
                #expect(object[key] as? Double == Double(cells[index]))
            }
            let second = (object["top"] as? [[String: Any]])?[1]
            #expect(second?["class"] as? String == cells[9])
            #expect(second?["probability"] as? Double == Double(cells[10]))
        }
    }

    @Test func figuresAreWhatTheyClaim() throws {
        let output = try classify("--top-k", "10").output
        for line in output.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: ",").map(String.init)
            let numbers = try cells.indices.filter { $0 != 1 && ($0 < 9 || $0 % 2 == 0) }
                .map { try #require(Double(cells[$0])) }
            let (entropy, aleatoric, epistemic) = (numbers[2], numbers[3], numbers[4])
            let probabilities = [numbers[1]] + numbers[8...]
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

    /// Arrays hold the numbers that the text prints, in the same rows.
    @Test func arraysHoldWhatTheTextPrints() throws {
        let lines = try classify("--top-k", "2", "--probabilities").output.split(separator: "\n").dropFirst()
            .map { $0.split(separator: ",").map(String.init) }
        let tensors = folder.path("p.safetensors")
        let records = folder.path("p.npy")
        for file in [tensors, records] {
            #expect(try classify("--top-k", "2", "--probabilities", "--output", file.path).status == 0)
        }
        let stored = try SafetensorsFile(contentsOf: tensors)
        let names = try #require(stored.metadata["class_names"])
        let classes = try #require(try JSONSerialization.jsonObject(with: Data(names.utf8)) as? [String])
        let places = try stored.integers("class")
        let probability: Matrix<Float> = try stored.matrix("probability")
        let probabilities: Matrix<Float> = try stored.matrix("probabilities")
        let bytes = try Data(contentsOf: records)
        let start = 12 + Int(bytes[8]) + Int(bytes[9]) << 8
        let header = String(decoding: bytes[12..<start], as: UTF8.self)
        #expect(header.hasPrefix("{'descr': [('class', '<i4', (2,)), ('probability', '<f4', (2,)), ('entropy', '<f4'), "))
        #expect(header.contains("('probabilities', '<f4', (10,))]"))
        #expect(header.contains("'shape': (400,)") && start % 64 == 0)
        let recordBytes = 4 * (2 + 2 + 6 + 10)
        try #require(bytes.count == start + 400 * recordBytes)
        let columns = ["entropy", "aleatoric", "epistemic", "energy", "margin", "variance"]
        let figures = try columns.map { try stored.tensor($0).values(of: Float.self) }
        for (row, cells) in lines.enumerated() {
            #expect([classes[places[2 * row]], classes[places[2 * row + 1]]] == [cells[1], cells[9]])
            #expect(["\(probability[row, 0])", "\(probability[row, 1])"] == [cells[2], cells[10]])
            #expect(figures.map { "\($0[row])" } == Array(cells[3..<9]))
            #expect(probabilities.row(row).map { "\($0)" } == Array(cells[11...]))
            let record = bytes[(start + row * recordBytes)..<(start + (row + 1) * recordBytes)]
            let words = record.withUnsafeBytes { raw in (0..<20).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) } }
            #expect(words[0..<2].map { Int($0) } == Array(places[(2 * row)..<(2 * row + 2)]))
            #expect(words[2...].map { "\(Float(bitPattern: $0))" } == [cells[2], cells[10]] + cells[3..<9] + cells[11...])
        }
    }

    @Test func arraysNeedAFileAndKnownFormats() throws {
        let piped = try classify("--format", "npy")
        #expect(piped.status == 64 && piped.errors.contains("--format npy needs --output."))
        let unknown = try classify("--output", folder.path("p.parquet").path)
        #expect(unknown.status == 64 && unknown.errors.contains("none of .csv, .jsonl, .npy and .safetensors"))
        #expect(folder.names == ["m"])
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
