import Credence
import Foundation

/// RAIL's primal head learning ten tasks of ten classes from end to end: hidden features, Gram matrix, a solution with its
/// variances and the fitted link after every task. `peers/ridge.py` learns the same rows by the published recursion.
enum Ridge {
    private static let (tasks, classesPerTask, dimension) = (10, 10, 512)

    /// - Parameters:
    ///   - rows: of all tasks together.
    ///   - solvesOnce: all classes are learnt as one task.
    static func run(_ harness: Harness, hidden: Int, rows: Int, solvesOnce: Bool) throws {
        let peak = Products.peak(harness).value ?? .infinity
        let count = solvesOnce ? 1 : tasks
        let all = (0..<count).map { task in Self.task(task, of: count, rows: rows / count) }
        var recipe = RAILRecipe()
        recipe.hidden = hidden
        let clock = ContinuousClock()
        var seconds = 0.0
        var precision = ""
        try Parallelism.withThreads(harness.threads) {
            var head = try RAILPrimalHead(recipe: recipe, featureDimension: dimension)
            for task in all { seconds += try clock.measure { try head.learn(task, seed: 1) { _ in } }.inSeconds }
            precision = head.precision?.rawValue ?? ""
        }
        let (n, h) = (Double(rows), Double(hidden))
        let perTask = h * h * h / 3 + Double(min(2048, rows / count)) * h * h
        let work = 2 * n * h * Double(dimension) + n * h * h + Double(count) * perTask
        let after = Products.peak(harness).value ?? .infinity
        try harness.report(
            Measurement(
                name: "ridge learning", threads: harness.threads, seconds: seconds, classes: tasks * classesPerTask,
                detail: "\(hidden) hidden, \(rows) rows in \(count) \(count == 1 ? "task" : "tasks"), \(precision)",
                value: work / seconds / 1e9, unit: "GFLOP/s", rowsPerSecond: n / seconds,
                peakShare: work / seconds / 1e9 / ((peak + after) / 2)))
        try harness.report(
            Measurement(
                name: "ridge memory", threads: harness.threads, seconds: 0, detail: "\(hidden) hidden, \(precision)",
                value: Double(RunEnvironment.peakResidentBytes()) / 1e6, unit: "MB at most"))
    }

    private static func task(_ index: Int, of count: Int, rows: Int) -> LearningTask {
        let classes = tasks * classesPerTask / count
        var noise = NormalNoise(seed: 9, stream: UInt64(index))
        let centres: Matrix<Float> = noise.matrix(rows: classes, columns: dimension)
        let labels = (0..<rows).map { $0 % classes }
        let spread: Matrix<Float> = noise.matrix(rows: rows, columns: dimension)
        let features = (centres.selectingRows(labels) + 1.5 * spread).normalizedRows()
        let unit = centres.normalizedRows()
        return LearningTask(
            classes: ClassPrompts(
                classNames: (0..<classes).map { "class \(index * classes + $0)" },
                features: (0..<classes).map { unit.rows($0..<$0 + 1) }, logitScale: 20),
            rows: LabelledFeatures(features: features, labels: labels.map { index * classes + $0 }))
    }
}
