import Foundation
import Matrices

/// Accuracy and calibration of predictions that come block by block. Memory does not grow with the rows.
struct Tally {
    private let tasks: [Range<Int>]
    private var correctPerTask: [Int]
    private var rowsPerTask: [Int]
    private var zeroShotCorrect = 0
    private var logLoss = 0.0
    private var brier = 0.0
    private var bins = [Bin](repeating: Bin(), count: Tally.binCount + 1)

    static let binCount = 15

    private struct Bin {
        var rows = 0
        var confidence = 0.0
        var correct = 0
    }

    /// - Parameter tasks: the classes of each task learnt so far.
    init(tasks: [Range<Int>]) {
        self.tasks = tasks
        correctPerTask = tasks.map { _ in 0 }
        rowsPerTask = tasks.map { _ in 0 }
    }

    /// Counts one row of `probabilities` `[rows, classes]` and of the zero-shot cosines. On a tie the first class wins.
    mutating func add(label: Int, probabilities: Matrix<Float>, zeroShot: Matrix<Float>, row: Int) {
        let classes = probabilities.columns
        let p = UnsafeBufferPointer(start: probabilities.pointer + row * classes, count: classes)
        let best = Self.largest(p)
        let isCorrect = best == label
        guard let task = tasks.firstIndex(where: { $0.contains(label) }) else { return }
        rowsPerTask[task] += 1
        if isCorrect { correctPerTask[task] += 1 }
        let cosines = UnsafeBufferPointer(start: zeroShot.pointer + row * zeroShot.columns, count: zeroShot.columns)
        if Self.largest(cosines) == label { zeroShotCorrect += 1 }

        logLoss -= log(Double(p[label]))
        var squares = 0.0
        for column in 0..<classes {
            let difference = Double(p[column]) - (column == label ? 1 : 0)
            squares += difference * difference
        }
        brier += squares
        // Bin b holds b/15 ≤ confidence < (b + 1)/15; confidence 1 has one of its own, as in torchmetrics.
        let confidence = p[best]
        let bin = min(max(Int(confidence * Float(Self.binCount)), 0), Self.binCount)
        bins[bin].rows += 1
        bins[bin].confidence += Double(confidence)
        if isCorrect { bins[bin].correct += 1 }
    }

    func summarise(into result: inout Evaluation) {
        let rows = rowsPerTask.reduce(0, +)
        result.rows = rows
        result.accuracyPerTask = zip(correctPerTask, rowsPerTask).map { $1 > 0 ? Double($0) / Double($1) : nil }
        guard rows > 0 else { return }
        let count = Double(rows)
        result.accuracy = Double(correctPerTask.reduce(0, +)) / count
        result.zeroShotAccuracy = Double(zeroShotCorrect) / count
        result.nll = logLoss / count
        result.brier = brier / count
        result.ece = bins.reduce(0) { $0 + abs($1.confidence - Double($1.correct)) } / count
    }

    private static func largest(_ values: UnsafeBufferPointer<Float>) -> Int {
        var best = 0
        for index in values.indices.dropFirst() where values[index] > values[best] { best = index }
        return best
    }
}
