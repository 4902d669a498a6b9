import Credence
import Foundation

/// What a benchmark shows while it runs, and its summary at the end.
final class BenchmarkReport {
    private let terminal: Terminal
    private let learning: LearningReport
    private var tasks = 0

    init(terminal: Terminal) {
        self.terminal = terminal
        learning = LearningReport(terminal: terminal)
    }

    func observe(_ event: ContinualBenchmark.Event) throws {
        try Interruption.check()
        switch event {
        case .learning(let task, let tasks):
            self.tasks = tasks
            learning.begin("task \(task + 1) of \(tasks)")
        case .progress(let progress):
            try learning.observe(progress)
        case .evaluating(let task, let tasks, _):
            terminal.redraw("task \(task + 1) of \(tasks): evaluating")
        case .finished(let figures, let zeroShot):
            terminal.say(
                "task \(figures.task + 1) of \(tasks): \(figures.classes.count) classes, \(figures.trainRows) rows, "
                    + "\(Format.fixed(figures.secondsTrain, 1)) s; accuracy \(Format.fixed(figures.accuracy, 3)) "
                    + "(zero-shot \(Format.fixed(zeroShot, 3))), ECE \(Format.fixed(figures.ece, 3))")
        }
    }

    /// The figures for people: the accuracy matrix, then one line a figure.
    static func summary(of results: BenchmarkResults) -> String {
        let examined = results.options["holdout"] == nil ? "test" : "held-out training"
        var text = "accuracy after each task (rows) on the \(examined) rows of each task (columns)\n"
        for (task, row) in results.accuracyMatrix.enumerated() {
            let cells = row.map { $0.map { Format.fixed($0, 3) } ?? "    ·" }
            text += "  task \(pad(String(task + 1), 3)) \(cells.joined(separator: " "))\n"
        }
        func line(_ name: String, _ value: String) {
            text += name.padding(toLength: max(29, name.count + 1), withPad: " ", startingAt: 0) + value + "\n"
        }
        if let domains = results.domains { text += table(of: domains) }
        line("average, last", "\(Format.fixed(results.average, 3)), \(Format.fixed(results.last, 3))")
        line(
            "zero-shot average, last",
            "\(Format.fixed(results.zeroShot.average, 3)), \(Format.fixed(results.zeroShot.accuracy, 3))")
        line(
            "backward transfer", "\(Format.fixed(results.backwardTransfer, 3)), forgetting "
                + Format.fixed(results.forgetting, 3))
        line(
            "calibration", "ECE \(Format.fixed(results.ece, 3)), NLL \(Format.fixed(results.nll, 3)), Brier "
                + Format.fixed(results.brier, 3))
        // All where few were asked for, else those that people know best.
        let measured = results.novelty.first.map { $0.scores.keys.sorted() } ?? []
        let shown = ["class-contrast-energy", "energy", "entropy", "mutual-information", "mahalanobis"]
        for name in measured.count <= 8 ? measured : shown {
            let scores = results.novelty.compactMap { $0.scores[name] }
            guard !scores.isEmpty else { continue }
            line(
                "novelty, \(name)",
                "AUROC \(mean(scores.map(\.auroc))), AUPR in \(mean(scores.map(\.auprIn))), "
                    + "out \(mean(scores.map(\.auprOut))), FPR95 \(mean(scores.map(\.fpr95)))")
        }
        line(
            "time", "\(Format.fixed(results.seconds.train, 1)) s to learn, "
                + "\(Int(results.rowsPerSecond.predict ?? 0)) rows/s predicted, peak memory "
                + Format.mebibytes(results.peakRssBytes))
        return text
    }

    /// Transfer, Average and Last by task, with their means, and what they are.
    private static func table(of domains: BenchmarkResults.Domains) -> String {
        func row(_ name: String, _ values: [Double?], _ mean: Double?) -> String {
            let cells = values.map { $0.map { Format.fixed($0, 3) } ?? "    ·" }
            return "  \(name.padding(toLength: 9, withPad: " ", startingAt: 0)) \(cells.joined(separator: " "))  mean "
                + Format.fixed(mean, 3) + "\n"
        }
        let compete = domains.protocol == ContinualProtocol.multiDomain.rawValue ? "of its own domain" : "of all domains"
        return "over domains, a row's class among those \(compete); Transfer is before a task is learnt\n"
            + row("Transfer", domains.transferPerTask, domains.transfer)
            + row("Average", domains.averagePerTask, domains.average)
            + row("Last", domains.lastPerTask, domains.last)
            + row("zero-shot", domains.zeroShotPerTask, Self.average(domains.zeroShotPerTask))
            + "  forward transfer \(Format.fixed(domains.forwardTransfer, 3)) (Transfer less zero-shot's "
            + "\(Format.fixed(domains.zeroShotTransfer, 3)))\n"
    }

    private static func average(_ values: [Double?]) -> Double? {
        let known = values.compactMap { $0 }
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }

    private static func mean(_ values: [Double?]) -> String {
        Format.fixed(average(values), 3)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
