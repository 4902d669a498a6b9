import Prediction

/// Times learning: the whole, and each step from one report of progress to the next.
struct TrainingStopwatch {
    private(set) var seconds = 0.0
    /// Seconds spent choosing exemplars.
    private(set) var selectionSeconds = 0.0
    private var rows = 0
    private var steps: [Double] = []
    private var last: ContinuousClock.Instant?
    private let clock = ContinuousClock()

    /// Times `body`, which calls `step` after each step.
    mutating func measure(_ body: (inout TrainingStopwatch) throws -> Void) rethrows {
        let start = clock.now
        last = nil
        try body(&self)
        seconds += (clock.now - start).seconds
    }

    mutating func measureSelection(_ body: () throws -> Void) rethrows {
        let start = clock.now
        try body()
        selectionSeconds += (clock.now - start).seconds
    }

    mutating func step(_ progress: LearningProgress) {
        let now = clock.now
        // The first report of a task also covers its preparation, so it does not count as a step.
        if let last, progress.phase == .train { steps.append((now - last).seconds) }
        last = now
        rows += progress.rows
    }

    /// Median seconds of a training step; `nil` where none was taken.
    var stepMedian: Double? {
        guard !steps.isEmpty else { return nil }
        let sorted = steps.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    var rowsPerSecond: Double? { seconds > 0 && rows > 0 ? Double(rows) / seconds : nil }
}

extension Duration {
    /// As a number of seconds.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
