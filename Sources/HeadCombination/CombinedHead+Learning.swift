import FeatureData
import Matrices
import Prediction
import Probability

extension CombinedHead: ContinualHead {
    public mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws {
        let scale = try NewClasses.check(
            task, known: classNames, featureDimension: featureDimension, logitScale: logitScale)
        var next = self
        // Numbered by the letters of "combine": the parts draw from the seed's first children.
        let random = RandomStream(seed: seed).split(0x636f_6d62_696e_65 as UInt64).split(classesPerTask.count)
        let (rows, heldOut) = HeldOutRows.split(
            task.rows, share: recipe.heldOutShare, most: recipe.heldOutRows, random: random.split(0))
        let part = LearningTask(
            classes: task.classes, rows: rows, exemplars: next.heldOut.excluding(from: task.exemplars))
        try next.forEachPart { try $0.learn(part, seed: seed, progress: progress) }

        next.logitScale = scale
        next.classesPerTask.append(task.classes.count)
        if task.classes.count > 0 { next.textFeatures = textFeatures.appendingRows(task.classes.meanFeatures()) }
        try next.taskDensities.add(rows.features)
        next.gateScales.append(next.scale(ofLatestTask: heldOut.features))
        next.heldOut.add(heldOut, most: recipe.heldOutRows, random: random.split(1))
        try next.fitGate(rows)
        try next.fitWeights()
        self = next
    }

    public mutating func consolidate(
        on exemplars: LabelledFeatures, seed: UInt64, progress: LearningObserver
    ) throws {
        var next = self
        let rows = heldOut.excluding(from: exemplars)
        guard rows.count > 0 else { return }
        try next.forEachPart { try $0.consolidate(on: rows, seed: seed, progress: progress) }
        try next.fitWeights()
        self = next
    }

    private mutating func fitWeights() throws {
        let rows = heldOut.rows
        guard rows.count > 0 else {
            weights = .equal(parts.count)
            return
        }
        weights = .fit(
            try parts.map { try $0.posterior(for: rows.features) }, labels: rows.labels, tasks: taskOfClass,
            rule: recipe.weights)
    }

    // MARK: - Gate

    private func scale(ofLatestTask rows: Matrix<Float>) -> CalibratedGate.Scale {
        let gaussian = taskDensities.gaussians[taskDensities.count - 1]
        return CalibratedGate.Scale(rows.rows > 0 ? gaussian.logDensities(Matrix<Double>(rows)) : [], of: gaussian)
    }

    /// Fits the calibrated gate: every task in turn is taken for unknown; where there is only one, each half of its classes.
    ///
    /// - Parameter rows: the newest task's, as its parts have learnt them.
    private mutating func fitGate(_ rows: LabelledFeatures) throws {
        let heldOut = heldOut.rows
        guard recipe.gate == .calibrated, heldOut.count > 0 else { return }
        let text = heldOut.features.multiplied(by: textFeatures, .transposed, scaledBy: logitScale)
        let tasks = taskOfClass
        var fit = GateFit()
        // The densities of tasks that brought classes; rows of other tasks may be of any class.
        let own = classesPerTask.indices.filter { classesPerTask[$0] > 0 }
        if own.count > 1 {
            let logDensities = taskDensities.logDensities(heldOut.features)
            for unknown in own.indices {
                let others = own.indices.filter { $0 != unknown }.map { own[$0] }
                fit.add(
                    typicality: CalibratedGate.typicality(logDensities, gateScales, tasks: others), text: text,
                    isUnknown: tasks.map { $0 == unknown }, labels: heldOut.labels)
            }
        } else if classNames.count > 1 {
            for half in 0..<2 {
                let known = rows.labels.indices.filter { rows.labels[$0] % 2 != half }
                let heldOutKnown = heldOut.labels.indices.filter { heldOut.labels[$0] % 2 != half }
                guard !known.isEmpty else { continue }
                let gaussian = try TaskGaussian(rows.features.selectingRows(known), recipe.covariance)
                let values = gaussian.logDensities(Matrix<Double>(heldOut.features))
                let scale = CalibratedGate.Scale(heldOutKnown.map { values[$0] }, of: gaussian)
                fit.add(
                    typicality: values.map { max(($0 - scale.mean) / scale.deviation, -30) }, text: text,
                    isUnknown: classNames.indices.map { $0 % 2 == half }, labels: heldOut.labels)
            }
        }
        if let found = fit.coefficients() { gateCoefficients = found }
    }
}
