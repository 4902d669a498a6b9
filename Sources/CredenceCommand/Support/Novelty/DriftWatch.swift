import Credence
import Foundation

/// A drift alarm over the rows of a run, kept in a file from one run to the next where one is named.
final class DriftWatch {
    private var alarm: DriftAlarm
    private let file: URL?

    /// - Throws: `CommandFailure` where the file is no state of the alarm that is asked for.
    init(known: [Double], probability: Double, file: URL?, seed: UInt64) throws {
        let rule = DriftAlarm.Rule.eProcess(falseAlarmProbability: probability)
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
                "\(file.relativePath): is the state of another alarm: other known rows, another score or another "
                    + "probability")
        }
    }

    /// Adds scores in the order of rows, and says so where the alarm is raised.
    func add(_ scores: [Float], _ terminal: Terminal) throws {
        for score in scores where try alarm.add(Double(score)) {
            terminal.warn(
                "drift: the scores have risen, noticed at row \(alarm.rows - 1) of the stream (counted from 0)")
        }
    }

    func save() throws {
        guard let file else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try AtomicFile.write(encoder.encode(alarm), to: file)
    }
}
