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
        try next.forEachPart {
            try $0.learn($0 is any LeaveOneOutHead ? task : part, seed: seed, progress: progress)
        }

        next.logitScale = scale
        next.classesPerTask.append(task.classes.count)
        if task.classes.count > 0 { next.textFeatures = textFeatures.appendingRows(task.classes.meanFeatures()) }
        try next.taskDensities.add(rows.features)
        next.gateScales.append(next.scale(ofLatestTask: heldOut.features))
        next.heldOut.add(heldOut, most: recipe.heldOutRows, random: random.split(1))
        let unseen = try next.fitWeights()
        try next.fitGate(rows, unseen)
        self = next
    }

    public mutating func consolidate(
        on exemplars: LabelledFeatures, seed: UInt64, progress: LearningObserver
    ) throws {
        var next = self
        let rows = heldOut.excluding(from: exemplars)
        guard rows.count > 0 else { return }
        try next.forEachPart {
            try $0.consolidate(on: $0 is any LeaveOneOutHead ? exemplars : rows, seed: seed, progress: progress)
        }
        try next.fitWeights()
        self = next
    }

    /// - Returns: what the combination then says of the rows held out, as if no part had learnt them.
    @discardableResult
    private mutating func fitWeights() throws -> LogitPosterior {
        let rows = heldOut.rows
        let unseen = try parts.map { part in
            try (part as? any LeaveOneOutHead)?.leaveOneOutPosterior(of: rows) ?? part.posterior(for: rows.features)
        }
        weights = .fit(unseen, labels: rows.labels, tasks: taskOfClass, rule: recipe.weights)
        return weights.combine(unseen, tasks: taskOfClass)
    }

    // MARK: - Gate

    private func scale(ofLatestTask rows: Matrix<Float>) -> CalibratedGate.Scale {
        let gaussian = taskDensities.gaussians[taskDensities.count - 1]
        return CalibratedGate.Scale(rows.rows > 0 ? gaussian.logDensities(Matrix<Double>(rows)) : [], of: gaussian)
    }

    /// Fits the calibrated gate: every task in turn is taken for unknown, classes from afar, and each half of every task's
    /// classes, near ones.
    ///
    /// - Parameters:
    ///   - rows: the newest task's, as its density has them.
    ///   - unseen: what the combination says of the rows held out.
    private mutating func fitGate(_ rows: LabelledFeatures, _ unseen: LogitPosterior) throws {
        guard recipe.gate == .calibrated else { return }
        if classesPerTask.last ?? 0 > 1 { nearExamples += try halves(rows, unseen) }
        let all = heldOut.rows
        var groups = nearExamples
        // The densities of tasks that brought classes; rows of other tasks may be of any class.
        let own = classesPerTask.indices.filter { classesPerTask[$0] > 0 }
        if own.count > 1, all.count > 0 {
            let text = zeroShot(all.features)
            let logDensities = taskDensities.logDensities(all.features)
            let tasks = taskOfClass
            for unknown in own.indices {
                let others = own.indices.filter { $0 != unknown }.map { own[$0] }
                groups.append(
                    GateExamples(
                        typicality: CalibratedGate.typicality(logDensities, gateScales, tasks: others), head: unseen,
                        text: text, isUnknown: tasks.map { $0 == unknown }, labels: all.labels))
            }
        }
        if let found = CalibratedGate.Coefficients.fit(groups) { gateCoefficients = found }
    }

    /// Examples from the newest task alone: a density of every other one of its classes, the rest taken for unknown.
    private func halves(_ rows: LabelledFeatures, _ unseen: LogitPosterior) throws -> [GateExamples] {
        let newest = classNames.count - (classesPerTask.last ?? 0)..<classNames.count
        let places = heldOut.rows.labels.indices.filter { newest.contains(heldOut.rows.labels[$0]) }
        let new = heldOut.rows.selecting(places)
        guard new.count > 0 else { return [] }
        let text = zeroShot(new.features, newest)
        let head = unseen.selecting(rows: places, classes: newest)
        return try (0..<2).compactMap { half in
            func isKnown(_ label: Int) -> Bool { newest.contains(label) && label % 2 != half }
            let known = rows.labels.indices.filter { isKnown(rows.labels[$0]) }
            guard !known.isEmpty else { return nil }
            let gaussian = try TaskGaussian(rows.features.selectingRows(known), recipe.covariance)
            let values = gaussian.logDensities(Matrix<Double>(new.features))
            let scale = CalibratedGate.Scale(
                new.labels.indices.filter { isKnown(new.labels[$0]) }.map { values[$0] }, of: gaussian)
            return GateExamples(
                typicality: values.map { max(($0 - scale.mean) / scale.deviation, -30) }, head: head, text: text,
                isUnknown: newest.map { !isKnown($0) }, labels: new.labels.map { $0 - newest.lowerBound })
        }
    }

    private func zeroShot(_ features: Matrix<Float>, _ classes: Range<Int>? = nil) -> Matrix<Float> {
        features.multiplied(
            by: textFeatures.rows(classes ?? 0..<textFeatures.rows), .transposed, scaledBy: logitScale)
    }
}

extension LogitPosterior {
    fileprivate func selecting(rows: [Int], classes: Range<Int>) -> LogitPosterior {
        func part(_ matrix: Matrix<Float>) -> Matrix<Float> {
            Matrix(
                rows: rows.count, columns: classes.count, elements: rows.flatMap { row in classes.map { matrix[row, $0] } })
        }
        return LogitPosterior(mean: part(mean), variance: part(variance))
    }
}
