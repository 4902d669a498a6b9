import Credence
import Foundation

/// One measured figure, printed as a line of JSON (read by `peers/summary.py`) or as a line of text.
struct Measurement: Encodable {
    var name: String
    var implementation = "Credence"
    var threads: Int
    /// The median over the repetitions of the time of one unit of work.
    var seconds: Double
    var classes: Int?
    /// What was worked on, such as the shape of a product.
    var detail: String?
    /// A rate or cost derived from `seconds`, and its unit.
    var value: Double?
    var unit: String?
    var rowsPerSecond: Double?
    /// The work of matrix products per second as a share of the fastest product measured on as many threads.
    var peakShare: Double?
    /// The rows that a selection took.
    var chosen: [Int]?

    enum CodingKeys: String, CodingKey {
        case name, implementation, threads, seconds, classes, detail, value, unit, chosen
        case rowsPerSecond = "rows_per_second"
        case peakShare = "peak_share"
    }

    var text: String {
        var parts = [name, detail, classes.map { "\($0) classes" }].compactMap { $0 }.joined(separator: ", ")
        parts = parts.padding(toLength: max(58, parts.count), withPad: " ", startingAt: 0)
        var figures = String(format: "%d thread%@ %10.4f ms", threads, threads == 1 ? " " : "s", seconds * 1000)
        if let value, let unit { figures += String(format: "  %.2f ", value) + unit }
        if let rowsPerSecond { figures += String(format: "  %.0f rows/s", rowsPerSecond) }
        if let peakShare { figures += String(format: "  %.0f %% of the product peak", peakShare * 100) }
        return parts + figures
    }
}

/// How to measure: threads, repetitions, and where figures go.
struct Harness {
    var threads: Int
    var repetitions: Int
    var printsJSON: Bool
    /// Processor time instead of the clock's, for one thread on a busy machine.
    var countsProcessorTime = false

    /// The median time of `work`, in seconds, after warm-up runs of a tenth of a second or one, whichever is longer.
    func median(_ work: () throws -> Void) rethrows -> Double {
        try Parallelism.withThreads(threads) {
            let clock = ContinuousClock()
            let warmUpEnd = clock.now + .milliseconds(100)
            repeat { try work() } while clock.now < warmUpEnd
            var seconds: [Double] = []
            for _ in 0..<max(1, repetitions) {
                let before = processorSeconds
                let elapsed = try clock.measure { try work() }.inSeconds
                seconds.append(countsProcessorTime ? processorSeconds - before : elapsed)
            }
            return Self.median(of: seconds)
        }
    }

    /// Of the process so far, user's and system's.
    private var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The median of a list that is not empty.
    static func median(of values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    func report(_ measurement: Measurement) throws {
        guard printsJSON else { return print(measurement.text) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(measurement), as: UTF8.self))
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
