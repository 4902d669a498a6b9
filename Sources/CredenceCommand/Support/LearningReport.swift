import Credence
import Foundation

/// Turns a head's progress into the line a user watches, at most ten times a second, and lets Ctrl-C stop it.
final class LearningReport {
    private let terminal: Terminal
    private let clock = ContinuousClock()
    private var title = ""
    private var started: ContinuousClock.Instant
    private var drawn: ContinuousClock.Instant?
    private var rows = 0

    init(terminal: Terminal) {
        self.terminal = terminal
        started = clock.now
    }

    /// Starts the line of one piece of work, such as "task 2 of 5".
    func begin(_ title: String) {
        self.title = title
        started = clock.now
        drawn = nil
        rows = 0
    }

    func observe(_ progress: LearningProgress) throws {
        try Interruption.check()
        rows += progress.rows
        guard terminal.showsProgress else { return }
        let now = clock.now
        if let drawn, now - drawn < .milliseconds(100) { return }
        drawn = now
        let seconds = max((now - started).inSeconds, 1e-6)
        let left = seconds / Double(max(progress.step, 1)) * Double(progress.steps - progress.step)
        let phase = progress.phase == .train ? "" : ", fine-tuning"
        terminal.redraw(
            "\(title)\(phase): epoch \(progress.epoch)/\(progress.epochs), step \(progress.step)/\(progress.steps), "
                + (progress.loss.isFinite ? "loss \(Format.fixed(progress.loss, 4)), " : "")
                + "\(Int(Double(rows) / seconds)) rows/s, "
                + "\(Format.duration(left)) left")
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
