import Foundation

@testable import ContinualEvaluation

/// Results made up for the tests: everything a report can show, without a run.
enum SampleRuns {
    /// Accuracies fall by `loss` a step on tasks learnt before; other figures go with `shift`.
    static func run(
        method: String = "clap", seed: UInt64 = 1, tasks: Int = 4, shift: Double = 0, dataset: [String] = ["data/animals"],
        classNames: (Int) -> String = { "class \($0)" }, options: [String: String] = ["budget": "100"],
        withDiagnostics: Bool = true
    ) -> BenchmarkResults {
        func accuracy(_ step: Int, _ task: Int) -> Double? {
            let lost = 0.04 * Double(step - task) + 0.01 * Double(task)
            return task <= step ? max(0, 0.9 - lost + shift) : nil
        }
        let matrix: [[Double?]] = (0..<tasks).map { step in (0..<tasks).map { accuracy(step, $0) } }
        let names = (0..<(2 * tasks)).map(classNames)
        let accuracies = matrix.map { row in
            let seen = row.compactMap { $0 }
            return seen.reduce(0, +) / Double(max(seen.count, 1))
        }
        let zeroShot: [Double?] = (0..<tasks).map { max(0, 0.8 - 0.05 * Double($0)) }
        let middle = (tasks - 1) / 2
        let novelty = (0..<max(0, tasks - 1)).map {
            Self.novelty(after: $0, shift: shift, withCurves: withDiagnostics && $0 == middle)
        }
        let figures = (0..<tasks).map { task in
            BenchmarkResults.TaskFigures(
                task: task, classes: Array(names[(2 * task)..<(2 * task + 2)]), trainRows: 100, testRows: 50 * (task + 1),
                accuracy: accuracies[task], ece: 0.03, nll: 0.7, brier: 0.3, exemplars: 100, secondsTrain: 3)
        }
        return BenchmarkResults(
            method: method, dataset: dataset, seed: seed, classesPerTask: Array(repeating: 2, count: tasks),
            accuracyMatrix: matrix, average: accuracies.reduce(0, +) / Double(max(tasks, 1)), last: accuracies.last,
            backwardTransfer: tasks > 1 ? -0.05 : nil, forgetting: tasks > 1 ? 0.05 : nil, ece: 0.04, nll: 0.8, brier: 0.3,
            zeroShot: .init(accuracy: 0.6, accuracyAfterTask: zeroShot, average: 0.7),
            novelty: novelty,
            seconds: .init(train: 12, trainStepMedian: 0.004, select: 1, predict: 0.5),
            rowsPerSecond: .init(train: 5000, predict: 100_000), peakRssBytes: 200 << 20,
            environment: ["processor": "a processor", "cores": "2"],
            tasks: figures, options: options, diagnostics: withDiagnostics ? diagnostics(names, shift: shift) : nil)
    }

    private static func novelty(after task: Int, shift: Double, withCurves: Bool) -> BenchmarkResults.Novelty {
        let curves = BenchmarkResults.Novelty.Curves(
            lowest: -2, highest: 3, known: [5, 20, 15, 8, 2], novel: [1, 4, 15, 20, 10], threshold: 1.5,
            falsePositiveRates: [0, 0.05, 0.2, 0.5, 1], truePositiveRates: [0, 0.3, 0.7, 0.9, 1])
        return .init(
            afterTask: task, knownRows: 50, novelRows: 50,
            scores: [
                "energy": .init(auroc: 0.8 + shift, auprIn: 0.7, auprOut: 0.75, fpr95: 0.6),
                "entropy": .init(auroc: 0.7, auprIn: 0.6, auprOut: 0.65, fpr95: 0.8),
            ], curves: withCurves ? ["energy": curves, "entropy": curves] : nil)
    }

    private static func diagnostics(_ names: [String], shift: Double) -> BenchmarkResults.Diagnostics {
        let shown = Array(names.prefix(3))
        let right = (0..<200).map { Double($0 % 10) < 7 + 20 * shift }
        let points = (1...10).map { BenchmarkResults.RiskPoint(coverage: Double($0) / 10, risk: 0.02 * Double($0)) }
        let counts = shown.indices.map { i in shown.indices.map { $0 == i ? 40 : 5 } }
        return BenchmarkResults.Diagnostics(
            reliability: [.init(rows: 20, confidence: 0.45, accuracy: 0.4), .init(rows: 180, confidence: 0.93, accuracy: 0.88)],
            calibrated: .init(
                rows: 200, reliability: [.init(rows: 50, confidence: 0.5, accuracy: 0.52), .init(rows: 150, confidence: 0.9, accuracy: 0.9)],
                ece: 0.01, eceBefore: 0.04, temperatures: [1.1, 1.2]),
            riskCoverage: points,
            confusion: .init(classes: shown, counts: counts, rows: shown.map { _ in 52 }),
            outcomes: RowOutcomes(
                isRight: right, classNames: right.indices.map { names.isEmpty ? "" : names[$0 % names.count] }))
    }

    static var comparison: SelectorComparison {
        var comparison = SelectorComparison(settings: ["dataset": "data/animals", "holdout": "0.2"])
        for seed in 1...3 as ClosedRange<UInt64> {
            for budget in [100, 200] {
                for (place, selector) in ["random", "herding", "k-center"].enumerated() {
                    var results = run(seed: seed, shift: 0.01 * Double(place) + 0.002 * Double(seed))
                    results.seconds.select = Double(place)
                    comparison.add(.init(.init(budget: budget, selector: selector, seed: seed), results))
                }
            }
        }
        return comparison
    }
}
