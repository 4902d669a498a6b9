import ContinualEvaluation
import Foundation
import Prediction
import TestSupport
import Testing

@testable import CredenceCommand

/// Sketches below the tables: where they stand, what they are made of, and that what scripts read has none.
@Suite struct ChartTests {
    private static let plain = ChartCanvas(isScreen: false, width: 80, hasColour: false, hasUnicode: true)
    private static let ascii = ChartCanvas(isScreen: false, width: 80, hasColour: false, hasUnicode: false)

    /// Variables, whether standard output is a terminal, its columns; what follows: a screen, its width, colour, Unicode.
    private typealias Case = (String, Bool, Int?, Bool, Int, Bool, Bool)
    private static let cases: [Case] = [
        ("TERM=xterm LANG=en_GB.UTF-8", true, 100, true, 100, true, true),
        ("TERM=xterm LANG=C", true, nil, true, 80, true, false),
        ("TERM=dumb LANG=C.utf8", true, 90, false, 90, false, true),
        ("LANG=C.UTF-8", true, 90, false, 90, false, true),
        ("TERM=xterm NO_COLOR=1", true, 90, true, 90, false, false),
        ("TERM=xterm NO_COLOR=", true, 90, true, 90, true, false),
        ("TERM=xterm", false, nil, false, 80, false, false),
        ("COLUMNS=120", true, 90, false, 120, false, false),
        ("COLUMNS=wide", true, 90, false, 90, false, false),
        ("COLUMNS=3", true, 90, false, 40, false, false),
        ("LC_ALL=C LANG=en_GB.UTF-8", false, nil, false, 80, false, false),
        ("LC_ALL= LC_CTYPE=de_DE.utf8", false, nil, false, 80, false, true),
    ]

    @Test(arguments: cases.indices) func canvasFollowsTheEnvironment(index: Int) {
        let (variables, isTerminal, columns, isScreen, width, hasColour, hasUnicode) = Self.cases[index]
        let pairs = variables.split(separator: " ").map { text in
            text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        }
        let environment = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
        let canvas = ChartCanvas(environment: environment, isTerminal: isTerminal, columns: columns)
        let expected = ChartCanvas(isScreen: isScreen, width: width, hasColour: hasColour, hasUnicode: hasUnicode)
        #expect(canvas == expected, "\(variables)")
    }

    @Test func columnsAndBars() {
        #expect(BlockGraph.columns([0, 1, 2, 4, 8, 9], top: 8, height: 1, Self.plain) == [" ▁▂▄██"])
        #expect(BlockGraph.columns([0, 8, 16, 12, 0.001], top: 16, height: 2, Self.plain) == ["  █▄ ", " ███▁"])
        #expect(BlockGraph.columns([0, 1, 2, 3, 0.1], top: 3, height: 1, Self.ascii) == [" .:#."])
        #expect(BlockGraph.columns([0, 0], top: 0, height: 1, Self.plain) == ["  "])
        #expect(BlockGraph.bar(0.5, width: 4, Self.plain) == "██  ")
        #expect(BlockGraph.bar(0.53125, width: 4, Self.plain) == "██▏ ")
        #expect(BlockGraph.bar(1.5, width: 4, Self.plain) == "████")
        #expect(BlockGraph.bar(0.5, width: 4, Self.ascii) == "##  ")
        #expect(BlockGraph.ruler(("0", "mid", "1"), width: 11) == "0   mid   1")
        #expect(BlockGraph.ruler(("0", "a long title", "1"), width: 8) == "0      1")
    }

    @Test func reliabilityIsWhatWasCounted() {
        var bins = CalibrationBins(bins: 4, rule: .upperEdge)
        // 100 rows at 0.9, half of them right: far too sure. 10 rows at 0.4, four right: as it should be.
        for row in 0..<100 { bins.add(confidence: 0.9, isCorrect: row < 50) }
        for row in 0..<10 { bins.add(confidence: 0.4, isCorrect: row < 4) }
        let lines = ReliabilitySketch(bins).lines(Self.plain)
        #expect(lines.count == 5)
        #expect(lines[2].hasPrefix("0.25-0.50  ") && lines[2].hasSuffix("0.400  +0.000    10"))
        #expect(lines[3].hasPrefix("0.75-1.00  ") && lines[3].hasSuffix("0.500  +0.400*  100"))
        #expect(lines.allSatisfy { $0.count <= 80 })
        // The bar fills half of its width, the mark stands at nine tenths.
        let bar = Array(lines[3].dropFirst(11))
        let width = bar.firstIndex { $0.isNumber }.map { $0 - 5 } ?? 0
        #expect(bar.filter { $0 == "█" }.count == width / 2)
        #expect(bar.firstIndex(of: "│") == Int(0.9 * Double(width)))
        // Many bins are put together, and none is lost.
        var fine = CalibrationBins(bins: 100, rule: .upperEdge)
        for row in 0..<1000 { fine.add(confidence: (Float(row) + 0.5) / 1000, isCorrect: true) }
        #expect(ReliabilitySketch(fine).lines(Self.plain).filter { $0.hasSuffix(" 50") }.count == 20)
    }

    @Test func riskCoverageOfNoErrorsAndOfSome() {
        let none = SelectivePrediction(confidences: [0.9, 0.8], correct: [true, true])
        #expect(RiskCoverageSketch(none).lines(Self.plain) == ["risk-coverage: errors among the most confident share of rows: none"])
        let half = SelectivePrediction(confidences: (0..<100).map { 1 - Double($0) / 100 }, correct: (0..<100).map { $0 < 50 })
        let lines = RiskCoverageSketch(half).lines(Self.ascii)
        #expect(lines.count == 7 && lines.allSatisfy { $0.allSatisfy(\.isASCII) })
        // Nothing in the confident half, the top at full coverage.
        #expect(lines[1].hasPrefix("0.500 |") && lines[1].last != " ")
        #expect(lines[4].dropFirst(7).prefix(29).allSatisfy { $0 == " " })
    }

    @Test func detectionSketchShowsBothSetsAndTheThreshold() throws {
        let (known, novel): ([Float], [Float]) = ((0..<100).map { Float($0) / 100 }, (0..<100).map { 1 + Float($0) / 100 })
        let sketch = try DetectionSketch(name: "energy", known: known, novel: novel, threshold: 0.95)
        #expect(sketch.area == 1)
        let lines = sketch.lines(Self.ascii)
        #expect(lines.count == 7 && lines.allSatisfy { $0.allSatisfy(\.isASCII) && $0.count <= 80 })
        #expect(lines[0].contains("area 1.000"))
        let axis = Array(lines[5].dropFirst(6))
        let knownLine = Array(lines[2].dropFirst(6).prefix(42)), novelLine = Array(lines[4].dropFirst(6).prefix(42))
        let threshold = try #require(axis.firstIndex(of: "^"))
        #expect(try #require(knownLine.lastIndex { $0 != " " }) <= threshold + 2)
        #expect(try #require(novelLine.firstIndex { $0 != " " }) >= threshold)
        // Equal scores, and infinite ones, have a place.
        _ = try DetectionSketch(name: "x", known: [1, 1], novel: [1], threshold: 1).lines(Self.plain)
        _ = try DetectionSketch(name: "x", known: [1, -.infinity], novel: [.infinity], threshold: .infinity).lines(Self.plain)
    }
}

/// Sketches as a user gets them, in pipes and in windows.
@Suite struct ChartCommandTests {
    private let folder: TemporaryFolder
    /// `evaluate` of a small model.
    private let command: [String]

    init() throws {
        folder = try TemporaryFolder()
        let model = folder.path("m.safetensors").path
        let learnt = try CommandLineTool.run(
            "learn", "--quiet", "--model", model, "--data", CommandLineTool.data, "--method", "linear", "--epochs", "3")
        try #require(learnt.status == 0, "\(learnt.errors)")
        command = ["evaluate", "--quiet", "--model", model, "--data", CommandLineTool.data, "--bootstrap", "0"]
    }

    @Test func pipesGetTheTableAlone() throws {
        let piped = try CommandLineTool.run(command)
        #expect(piped.status == 0)
        #expect(!piped.output.contains("reliability:") && !piped.output.contains("\u{1B}"))
        #expect(piped.output.hasSuffix("\n"))
        let asked = try runCommand(
            command + ["--charts", "always"], environment: ["COLUMNS": "70", "LC_ALL": "C.UTF-8", "TERM": "xterm"])
        #expect(asked.stdout.hasPrefix(piped.output))
        #expect(asked.stdout.contains("█") && !asked.stdout.contains("\u{1B}"))
        let sketches = asked.stdout.dropFirst(piped.output.count)
        #expect(sketches.split(separator: "\n").allSatisfy { $0.count <= 70 })
        // JSON stays JSON.
        let json = try CommandLineTool.run(command + ["--json", "--charts", "always"])
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.output.utf8)) }
    }

    @Test func terminalsGetSketchesInTheirOwnTerms() throws {
        let table = try CommandLineTool.run(command).output
        let colour = try PseudoTerminal.run(command, columns: 80, environment: ["LANG": "C.UTF-8"])
        #expect(colour.status == 0 && colour.output.hasPrefix(table))
        #expect(colour.output.contains("\u{1B}[1mreliability\u{1B}[0m") && colour.output.contains("█"))
        let mono = try PseudoTerminal.run(command, columns: 80, environment: ["LANG": "C.UTF-8", "NO_COLOR": "1"])
        #expect(mono.output == colour.output.replacing(/\u{1B}\[[0-9]*m/, with: ""))
        #expect(mono.output.dropFirst(table.count).split(separator: "\n").allSatisfy { $0.count <= 80 })
        let ascii = try PseudoTerminal.run(command, columns: 60, environment: ["LANG": "C", "NO_COLOR": "1"])
        let sketches = ascii.output.dropFirst(table.count)
        #expect(sketches.contains("#") && sketches.allSatisfy(\.isASCII))
        #expect(sketches.split(separator: "\n").allSatisfy { $0.count <= 60 })
        #expect(try PseudoTerminal.run(command, columns: 80, environment: ["TERM": "dumb"]).output == table)
        #expect(try PseudoTerminal.run(command + ["--charts", "never"], columns: 80).output == table)
    }

    @Test func comparisonsOfSelectorsAreDrawn() throws {
        let command = [
            "exemplars", "compare", "--quiet", "--data", CommandLineTool.data, "--tasks", "5", "--method", "linear", "--epochs", "2",
            "--budget", "20", "--selector", "random", "herding", "--seeds", "2", "--charts",
        ]
        let drawn = try runCommand(command + ["always"], environment: ["LC_ALL": "C", "COLUMNS": "80"]).stdout
        let table = try runCommand(command + ["never"]).stdout
        // The last column but the table's end are seconds: compare what does not vary.
        #expect(table.contains("herding") && !table.contains("last accuracy, budget"))
        let sketch = try #require(drawn.range(of: "last accuracy, budget 20: mean and 95 % interval; : random"))
        let lines = drawn[sketch.lowerBound...].split(separator: "\n")
        #expect(lines.count == 4 && lines.allSatisfy { $0.allSatisfy(\.isASCII) && $0.count <= 80 })
        #expect(lines.suffix(2).allSatisfy { $0.contains("o") })
    }
}
