import Credence
import Foundation

/// A drift alarm over the rows of a run, kept in a file from one run to the next where one is named.
final class DriftWatch {
    /// What is told of the stream when the rows are done; rows are counted from 0 over all runs of one state.
    struct Summary: Encodable {
        var rule: String
        /// Of `e-process`: the probability of an alarm ever where nothing has changed.
        var falseAlarmProbability: Double?
        /// Of `cusum`: rows from one alarm to the next, on average and at least, where nothing has changed.
        var rowsBetweenFalseAlarms: Double?
        /// Rows of the stream so far.
        var rows: Int
        var alarms: Int
        var firstAlarmRow: Int?
        /// Of this run: the first hundred of them.
        var alarmRows: [Int]
        /// The natural logarithm of the evidence against "nothing has changed".
        var logEvidence: Double
    }

    private var alarm: DriftAlarm
    private let file: URL?
    private var alarmRows: [Int] = []
    private var alarmsOfRun = 0

    /// - Throws: `CommandFailure` where the file is no state of the alarm that is asked for.
    init(known: [Double], rule: DriftAlarm.Rule, file: URL?, seed: UInt64) throws {
        let fresh = try DriftAlarm(known: known, rule: rule, seed: seed)
        self.file = file
        guard let file, FileManager.default.fileExists(atPath: file.path) else {
            alarm = fresh
            return
        }
        do {
            alarm = try JSONDecoder().decode(DriftAlarm.self, from: Data(contentsOf: file))
        } catch {
            throw CommandFailure(.badData, "\(file.relativePath): is not the state of a drift alarm")
        }
        guard alarm.rule == rule, alarm.hasSameKnownRows(as: fresh) else {
            throw CommandFailure(
                .badData,
                "\(file.relativePath): is the state of another alarm: other known rows, another score, another rule or "
                    + "another false alarm rate")
        }
    }

    /// Adds scores in the order of rows, and says so where the alarm is raised.
    func add(_ scores: [Float], _ terminal: Terminal) throws {
        for score in scores where try alarm.add(Double(score)) {
            alarmsOfRun += 1
            if alarmRows.count < Self.listed { alarmRows.append(alarm.rows - 1) }
            guard alarmsOfRun <= Self.told else { continue }
            var line = "drift: the scores have risen, noticed at row \(alarm.rows - 1) of the stream (counted from 0)"
            if case .cusum = alarm.rule { line += ", since about row \(alarm.riseSince)" }
            terminal.warn(line)
            if alarmsOfRun == Self.told { terminal.warn("drift: further alarms of this run are counted only") }
        }
    }

    /// Alarms that are told one by one, and those that the summary lists: CUSUM goes on, and a stream that has changed for
    /// good raises it again and again.
    private static let (told, listed) = (10, 100)

    var summary: Summary {
        var summary = Summary(
            rule: "", rows: alarm.rows, alarms: alarm.alarms, firstAlarmRow: alarm.firstAlarm.map { $0 - 1 },
            alarmRows: alarmRows, logEvidence: max(alarm.logEvidence, -.greatestFiniteMagnitude))
        switch alarm.rule {
        case .eProcess(let probability): (summary.rule, summary.falseAlarmProbability) = ("e-process", probability)
        case .cusum(let rows): (summary.rule, summary.rowsBetweenFalseAlarms) = ("cusum", rows)
        }
        return summary
    }

    func save() throws {
        guard let file else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try AtomicFile.write(encoder.encode(alarm), to: file)
    }
}
