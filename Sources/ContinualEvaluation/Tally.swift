import Matrices
import Prediction

/// Accuracy per task, zero-shot accuracy and calibration of predictions that come block by block. Memory does not grow
/// with the rows.
struct Tally {
    private let tasks: [Range<Int>]
    private var metrics = ClassificationMetrics()
    private var correctPerTask: [Int]
    private var rowsPerTask: [Int]
    private var zeroShotCorrect = 0

    /// - Parameter tasks: the classes of each task learnt so far.
    init(tasks: [Range<Int>]) {
        self.tasks = tasks
        correctPerTask = tasks.map { _ in 0 }
        rowsPerTask = tasks.map { _ in 0 }
    }

    /// Counts rows of known classes, with their `probabilities` `[rows, classes]`, also as logarithms where the
    /// probabilities themselves may be too small for Float, and the class that zero-shot predicts. On a tie the first class
    /// wins.
    mutating func add(
        labels: [Int], probabilities: Matrix<Float>, logProbabilities: Matrix<Float>?, zeroShot: [Int]
    ) throws {
        try metrics.add(probabilities: probabilities, logProbabilities: logProbabilities, labels: labels)
        let predicted = probabilities.rowArgmaxima()
        for (row, label) in labels.enumerated() {
            guard let task = tasks.firstIndex(where: { $0.contains(label) }) else { continue }
            rowsPerTask[task] += 1
            if predicted[row] == label { correctPerTask[task] += 1 }
            if zeroShot[row] == label { zeroShotCorrect += 1 }
        }
    }

    func summarise(into result: inout Evaluation) {
        result.rows = metrics.count
        result.accuracyPerTask = zip(correctPerTask, rowsPerTask).map { $1 > 0 ? Double($0) / Double($1) : nil }
        result.accuracy = metrics.accuracy
        result.zeroShotAccuracy = metrics.count > 0 ? Double(zeroShotCorrect) / Double(metrics.count) : nil
        result.nll = metrics.nll
        result.brier = metrics.brier
        result.ece = metrics.ece
    }
}
