import ArgumentParser
import Credence
import Foundation

/// `credence calibrate`: corrects a model's probabilities and gives it prediction sets, on held-out rows.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Correct a model's probabilities on held-out rows, and make it able to give prediction sets.",
        discussion: """
            Fits a map of the class probabilities and stores it in the model with the rows' fingerprint; classify and \
            evaluate then use it. Scores for prediction sets (classify --conformal) are stored too. Where both are \
            wanted, half of the rows, by --seed, fit the map and the other half give the scores, so that the sets keep \
            their coverage. Rows of classes that the model does not know are left out. Learning another task removes \
            both.

            EXAMPLE
              credence calibrate --model m.safetensors --data Examples/Data/fashion-mnist-mini --part 1/2
              credence evaluate --model m.safetensors --data Examples/Data/fashion-mnist-mini --part 2/2
            """)

    @Option(help: ArgumentHelp("The model file; it is replaced.", valueName: "file"), completion: .file())
    var model: String

    @OptionGroup var rows: LabelledRowsOptions

    @Option(
        help: """
            temperature (one factor), task-temperature, vector, matrix, matrix-odir; or each class against the rest by \
            platt, beta, isotonic or histogram; or none.
            """)
    var method = MapChoice.temperature

    @Option(
        help: """
            How closely vector (default 0.001), matrix (0.1) and matrix-odir (about the square of the classes) are held \
            to the identity.
            """)
    var penalty: Double?

    @Option(help: "Bins of histogram.")
    var bins = 15

    @Option(help: "The score of the prediction sets: lac (smallest sets), aps, raps or saps; or none.")
    var conformal = ScoreChoice.lac

    @Option(help: "Whether coverage is promised over all rows (marginal), for every class or for every task.")
    var condition = ConformalPredictor.Condition.marginal

    @Option(help: "The most rows to take; of more, so many are chosen at random.")
    var limit = 100_000

    @Flag(help: "Take calibration and prediction sets out of the model.")
    var remove = false

    @Flag(help: "Print what was fitted as JSON.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let penalty, !(penalty > 0 && penalty.isFinite) {
            throw ValidationError("--penalty must be above 0, not \(penalty).")
        }
        if bins < 1 { throw ValidationError("--bins must be at least 1, not \(bins).") }
        if limit < 1 { throw ValidationError("--limit must be at least 1, not \(limit).") }
        if remove {
            if rows.data != nil { throw ValidationError("--remove needs no --data.") }
        } else {
            try rows.require()
            if method == .none, conformal == .none {
                throw ValidationError("--method none and --conformal none leave nothing to do; see --remove.")
            }
        }
    }

    func run() throws {
        try common.run { terminal in
            let url = URL(filePath: model)
            try OutputCheck.canWrite(url)
            var file = try ModelFile.load(url)
            if remove {
                guard file.calibration != nil || file.conformal != nil else {
                    throw CommandFailure(.badData, "\(model): has no calibration to remove")
                }
                file.forgetCalibration()
                try file.save(to: url)
                return terminal.say("\(model): calibration removed")
            }
            let summary = try calibrate(&file, terminal)
            try Interruption.check()
            try file.save(to: url)
            for line in summary.lines { terminal.say(line) }
            if json { print(try JSONOutput.text(summary)) }
        }
    }

    private func calibrate(_ file: inout ModelFile, _ terminal: Terminal) throws -> CalibrationSummary {
        let source = try LabelledRows(rows, head: file.head, model: model, seed: common.seed, limit: limit)
        if limit < source.countInPart { terminal.say("\(limit) of \(source.countInPart) rows are taken, by --limit") }
        let progress = RowProgress(terminal: terminal, verb: "calibrating", rows: source.count)
        let head = file.head
        let way = PredictiveProbabilities(method: head.predictive, calibration: nil)
        var (logs, labels, unknown): ([Double], [Int], Int) = ([], [], 0)
        var fingerprint = RowsFingerprint()
        try source.forEachBlock { block in
            fingerprint.add(block)
            logs += way(block.posterior).elements.map(Double.init)
            labels += block.labels
            unknown += block.unknown
            progress.reached(block.position)
        }
        guard !labels.isEmpty else {
            throw CommandFailure(.badData, "\(source.folder): no rows of classes that the model \(model) knows")
        }
        let all = Matrix<Double>(rows: labels.count, columns: head.classNames.count, elements: logs)
        let both = method != .none && conformal != .none
        var selection = RowPart(1, of: 2).selection(rows: labels.count, seed: common.seed &+ 1)
        let half = labels.indices.map { _ in selection.next() }
        func part(_ first: Bool) -> (logs: Matrix<Double>, labels: [Int]) {
            let chosen = labels.indices.filter { !both || half[$0] == first }
            return (all.selectingRows(chosen), chosen.map { labels[$0] })
        }
        file.forgetCalibration()
        let tasks = head.taskOfClass
        do {
            if let method = method.method {
                let (logs, labels) = part(true)
                file.calibration = try Calibration.fit(
                    method, logProbabilities: logs, labels: labels,
                    options: .init(penalty: penalty, bins: bins, tasks: tasks), fingerprint: fingerprint.text)
            }
            if let score = conformal.score {
                let (logs, labels) = part(false)
                let calibrated = file.calibration?.logProbabilities(logs) ?? logs
                file.conformal = try ConformalPredictor(
                    score, condition: condition, probabilities: calibrated.exp(), labels: labels, tasks: tasks)
                file.conformalFingerprint = fingerprint.text
            }
        } catch {
            throw CommandFailure(.badData, "\(source.folder): \(Self.named(error, head.classNames))")
        }
        return CalibrationSummary(model: model, rows: labels.count, unknown: unknown, file: file)
    }
}

extension CalibrateCommand {
    /// The library numbers classes; people know their names.
    fileprivate static func named(_ error: CalibrationError, _ names: [String]) -> String {
        switch error {
        case .oneSided(let k) where names.indices.contains(k), .separable(_, let k?) where names.indices.contains(k):
            "class '\(names[k])': \(error)"
        default: "\(error)"
        }
    }
}

/// What `calibrate` tells at the end.
private struct CalibrationSummary: Encodable {
    var model: String
    var rows: Int
    var rowsOfUnknownClasses: Int
    var method: String?
    var nllBefore: Double?
    var nllAfter: Double?
    /// Of temperature scaling; one a task of task temperatures.
    var temperatures: [Double]?
    var conformal: String?
    var conformalRows: Int?
    var condition: String?
    var fingerprint: String?

    init(model: String, rows: Int, unknown: Int, file: ModelFile) {
        (self.model, self.rows, rowsOfUnknownClasses) = (model, rows, unknown)
        method = file.calibration?.method.rawValue
        nllBefore = file.calibration?.source.nllBefore
        nllAfter = file.calibration?.source.nllAfter
        if case .scaling(.temperature(let temperatures, _)) = file.calibration?.map { self.temperatures = temperatures }
        conformal = file.conformal?.score.name
        conformalRows = file.conformal?.rows
        condition = file.conformal?.condition.rawValue
        fingerprint = file.calibration?.source.fingerprint ?? file.conformalFingerprint
    }

    var lines: [String] {
        var lines: [String] = []
        if let method {
            let values = temperatures.map { " " + $0.map { Format.fixed($0, 3) }.joined(separator: ", ") } ?? ""
            lines.append(
                "\(method)\(values): NLL \(Format.fixed(nllBefore, 4)) before, \(Format.fixed(nllAfter, 4)) after")
        }
        if let conformal, let conformalRows, let condition {
            lines.append("prediction sets: \(conformal), \(condition), on \(conformalRows) rows")
        }
        if rowsOfUnknownClasses > 0 {
            lines.append("\(rowsOfUnknownClasses) rows of classes that the model does not know were left out")
        }
        return lines
    }
}

/// A calibration method or none.
enum MapChoice: Equatable, ExpressibleByArgument {
    case none
    case map(CalibrationMethod)

    static let temperature = MapChoice.map(.temperature)

    init?(argument: String) {
        if argument == "none" {
            self = .none
        } else {
            guard let method = CalibrationMethod(rawValue: argument) else { return nil }
            self = .map(method)
        }
    }

    var method: CalibrationMethod? { if case .map(let method) = self { method } else { nil } }
    var defaultValueDescription: String { method?.rawValue ?? "none" }
    static var allValueStrings: [String] { CalibrationMethod.allCases.map(\.rawValue) + ["none"] }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// A conformal score or none.
enum ScoreChoice: String, CaseIterable, ExpressibleByArgument {
    case lac, aps, raps, saps, none

    var score: ConformalScore? {
        switch self {
        case .lac: .lac
        case .aps: .aps
        case .raps: .raps()
        case .saps: .saps()
        case .none: nil
        }
    }
}

extension ConformalPredictor.Condition: ExpressibleByArgument {}

extension ArchivableHead {
    /// The task of each class.
    var taskOfClass: [Int] { classesPerTask.filter { $0 > 0 }.enumerated().flatMap { Array(repeating: $0, count: $1) } }
}
