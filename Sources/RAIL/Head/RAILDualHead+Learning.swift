import FeatureData
import Foundation
import Matrices
import Prediction
import Probability

extension RAILDualHead {
    /// Adds the task's rows to those kept and solves again. Exemplars are not learnt: their rows are there already.
    public mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws {
        let scale = try NewClasses.check(
            task, known: classNames, featureDimension: featureDimension, logitScale: logitScale)
        var learnt = self
        learnt.logitScale = scale
        if task.classes.count > 0 { learnt.textFeatures = textFeatures.appendingRows(task.classes.meanFeatures()) }
        learnt.classNames += task.classes.classNames
        learnt.classesPerTask.append(task.classes.count)
        learnt.rows = LabelledFeatures(
            features: rows.features.appendingRows(task.rows.features), labels: rows.labels + task.rows.labels)
        var step = 0
        func report() throws {
            step += 1
            try progress(
                LearningProgress(
                    phase: .train, epoch: 1, epochs: 1, step: step, steps: max(4, step), loss: .nan,
                    rows: step == 1 ? task.rows.count : 0))
        }
        try report()
        do {
            try learnt.chooseParameters(seed: seed)
            try report()
            try learnt.solve(adding: task.rows.count, seed: seed, from: engine) { try report() }
        } catch let error as LinearAlgebraError {
            throw HeadError.invalidTask("the kernel matrix cannot be solved with λ = \(learnt.regulariser ?? 0): \(error)")
        }
        try report()
        learnt.fitLink()
        self = learnt
    }

    /// Solves for all rows; the last `count` of them are new. An exact factor grows where kernel and λ are as they were.
    mutating func solve(
        adding count: Int, seed: UInt64, from before: KernelEngine, progress: () throws -> Void
    ) throws {
        let (classes, regulariser) = (classNames.count, regulariser ?? 1)
        if rows.count <= recipe.exactRows {
            var (ridge, blocks) = (
                KernelRidge(kernel: kernel, regulariser: regulariser, dimension: featureDimension), [Int]()
            )
            if case .exact(let known, let knownBlocks) = before, known.kernel == kernel, known.regulariser == regulariser,
                known.count == rows.count - count
            {
                (ridge, blocks) = (known, knownBlocks)
            }
            let added = rows.features.rows(ridge.count..<rows.count)
            blocks.append(added.rows)
            try ridge.learn(Matrix<Double>(added), labels: Array(rows.labels[ridge.count...]), classes: classes)
            engine = .exact(ridge, blocks: blocks)
        } else {
            let all = Matrix<Double>(rows.features)
            let landmarks = recipe.landmarkSelection.indices(
                of: all, labels: rows.labels, count: recipe.landmarks,
                random: RandomStream(seed: seed).split(classesPerTask.count))
            try solve(landmarks: landmarks, all, progress: progress)
        }
    }

    mutating func solve(landmarks: [Int], _ all: Matrix<Double>, progress: () throws -> Void) throws {
        engine = .nystrom(
            try NystromRidge(
                kernel: kernel, regulariser: regulariser ?? 1, landmarks: all.selectingRows(landmarks), rows: all,
                labels: rows.labels, classes: classNames.count) { _ in try progress() },
            landmarks: landmarks)
    }

    /// Fits the link to leave-one-out predictions of rows kept, in equal numbers a class.
    mutating func fitLink() {
        var perClass = [[Int]](repeating: [], count: classNames.count)
        for (row, label) in rows.labels.enumerated() { perClass[label].append(row) }
        let share = max(1, LinkRows.limit / max(1, classNames.count))
        let chosen = perClass.flatMap { rows in LinkRows.positions(rows.count, share).map { rows[$0] } }
        let chosenRows = rows.selecting(chosen)
        let (scores, variances) = leaveOneOut(chosenRows)
        link = ScoreLink.fitted(scores: scores, leverages: variances, noise: scales, labels: chosenRows.labels).link
    }
}
