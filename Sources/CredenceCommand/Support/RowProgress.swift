import Foundation

/// The progress line of work that goes through rows, at most ten times a second.
final class RowProgress {
    private let terminal: Terminal
    private let verb: String
    private let rows: Int
    /// Rows that were done before.
    private let first: Int
    private let clock = ContinuousClock()
    private let started: ContinuousClock.Instant
    private var drawn: ContinuousClock.Instant

    init(terminal: Terminal, verb: String, rows: Int, from first: Int = 0) {
        self.terminal = terminal
        self.verb = verb
        self.rows = rows
        self.first = first
        started = clock.now
        drawn = started
    }

    /// All rows before `position` are done.
    func reached(_ position: Int) {
        let now = clock.now
        guard terminal.showsProgress, now - drawn > .milliseconds(100) else { return }
        drawn = now
        let rate = Double(position - first) / seconds
        terminal.redraw(
            "\(verb): \(position) of \(rows) rows, \(Int(rate)) rows/s, "
                + "\(Format.duration(Double(rows - position) / max(rate, 1e-6))) left")
    }

    /// Rows, time and rate when all is done.
    var summary: String {
        "\(rows - first) rows in \(Format.fixed(seconds, 1)) s (\(Int(Double(rows - first) / seconds)) rows/s)"
    }

    private var seconds: Double { max((clock.now - started).inSeconds, 1e-6) }
}
