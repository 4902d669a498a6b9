import FeatureData
import Foundation
import Matrices
import Prediction

extension RAILPrimalHead {
    /// Adds the task's rows to the sums and solves. Exemplars are not learnt again: those of earlier classes help to fit
    /// the link from scores to logits, beside the task's rows.
    ///
    /// What `progress` throws stops the learning as long as rows are being added; the head is then unchanged. The
    /// solving after that is not interrupted.
    public mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws {
        let scale = try NewClasses.check(
            task, known: classNames, featureDimension: featureDimension, logitScale: logitScale)
        let hadFactor = system?.hasFactor ?? false
        let before = (expansion, system?.dimension)
        let expansion = self.expansion ?? recipe.expansion(seed: seed, inputDimension: featureDimension)
        self.expansion = expansion
        let classes = classNames.count + task.classes.count
        do {
            try stage(
                task.rows, classes: classes, expansion: expansion,
                precision: recipe.precision ?? sufficientPrecision(adding: task.rows.count, like: task.rows.features, expansion), progress: progress)
        } catch {
            // Only the triangle of the factor was written to.
            (self.expansion, _) = before
            if before.1 == nil {
                system = nil
            } else if hadFactor, let regulariser = solution.regulariser {
                try? system?.factorize(regulariser: regulariser)
            }
            throw error
        }
        let known = (classNames, classesPerTask, textFeatures, logitScale, solution)
        system?.commit()
        logitScale = scale
        if task.classes.count > 0 { textFeatures = textFeatures.appendingRows(task.classes.meanFeatures()) }
        classNames += task.classes.classNames
        classesPerTask.append(task.classes.count)
        do {
            try solve(checkedOn: LinkRows.chosen(from: task, classes: classes))
        } catch {
            (classNames, classesPerTask, textFeatures, logitScale, solution) = known
            try takeBack(task.rows, classes: classes, expansion: expansion, wasEmpty: before.1 == nil)
            throw HeadError.invalidTask(
                "the ridge system cannot be solved (\(error)): use a larger regulariser or a higher precision")
        }
    }

    /// Takes out rows that were committed, to rounding.
    private mutating func takeBack(
        _ rows: LabelledFeatures, classes: Int, expansion: FeatureExpansion, wasEmpty: Bool
    ) throws {
        guard let precision, !wasEmpty else { return system = nil }
        try stage(rows, classes: classes, expansion: expansion, precision: precision) { _ in }
        system?.commit(subtracting: true)
        system?.removeClasses(Set(classNames.count..<classes))
        if let regulariser = solution.regulariser { try system?.factorize(regulariser: regulariser) }
    }

    /// Begins sums of `rows` and adds them up in blocks; of several ranks (`Parallelism.ranks`) each its share of the rows, and
    /// then all of them their sums.
    mutating func stage(
        _ rows: LabelledFeatures, classes: Int, expansion: FeatureExpansion, precision: RidgePrecision,
        progress: LearningObserver
    ) throws {
        if system == nil { system = RidgeSystem(dimension: expansion.dimension, precision: precision) }
        system?.raise(to: precision)
        system?.stage(classes: classes)
        let ranks = Parallelism.ranks
        let own = ranks.share(of: rows.count)
        // At least four blocks, so that a small task can be watched and stopped too.
        let block = max(1, min(2048, (own.count + 3) / 4))
        let steps = (own.count + block - 1) / block
        for (step, start) in stride(from: own.lowerBound, to: own.upperBound, by: block).enumerated() {
            let range = start..<min(start + block, own.upperBound)
            system?.add(
                rows.features.rows(range), labels: Array(rows.labels[range]), expansion: expansion)
            try progress(
                LearningProgress(
                    phase: .train, epoch: 1, epochs: 1, step: step + 1, steps: steps, loss: .nan, rows: range.count))
        }
        try system?.sumStaged(over: ranks)
    }

    /// Rows whose norms stand for those of all.
    static var precisionSample: Int { 64 }

    /// The precision that the condition of the system with `count` more rows asks for, the first of which are `rows`.
    func sufficientPrecision(adding count: Int, like rows: Matrix<Float>, _ expansion: FeatureExpansion) -> RidgePrecision {
        let sample = expansion.single(rows.rows(0..<min(Self.precisionSample, rows.rows)))
        let norm = sample.rowSquaredNorms().reduce(0) { $0 + Double($1) } / Double(max(1, sample.rows))
        let trace = (system?.trace ?? 0) + norm * Double(count)
        let least = solution.regulariser.map { min($0, recipe.regulariser.least) } ?? recipe.regulariser.least
        return .sufficient(forCondition: 1 + trace / least)
    }

    /// Solves for weights and noise by the λ in use, or as the recipe says where that needs no rows.
    mutating func resolve() throws {
        let none = LabelledFeatures(features: Matrix(rows: 0, columns: featureDimension), labels: [])
        try solve(checkedOn: none)
    }

    /// Solves for weights and noise, and fits the link to leave-one-out predictions of rows that were learnt.
    mutating func solve(checkedOn rows: LabelledFeatures) throws {
        guard let expansion else { return }
        let features = expansion.single(rows.features)
        try chooseRegulariser(features, labels: rows.labels)
        guard let system else { return }
        solution.weights = system.weights()
        solution.noise = system.noiseVariances()
        guard rows.count > 0 else { return }
        let (scores, leverages) = leaveOneOut(features, rows, system)
        solution.link = ScoreLink.fitted(
            scores: scores, leverages: leverages, noise: solution.noise, labels: rows.labels
        ).link
    }

    /// Leaves the factor of the chosen λ in the system.
    private mutating func chooseRegulariser(_ features: Matrix<Float>, labels: [Int]) throws {
        let chosen: Double
        switch recipe.regulariser {
        case .fixed(let value): chosen = value
        case .marginalLikelihood: chosen = try searchRegulariser { -$0.logMarginalLikelihood(regulariser: $1) }
        case .leaveOneOut:
            guard !labels.isEmpty else {
                chosen = solution.regulariser ?? 1
                break
            }
            chosen = try searchRegulariser { system, _ in system.leaveOneOutError(features, labels: labels) }
        }
        try factorize(regulariser: chosen)
        solution.regulariser = chosen
    }

    /// Where the precision is left to the head and does not suffice after all, the next one is tried.
    private mutating func factorize(regulariser: Double) throws(LinearAlgebraError) {
        while true {
            do {
                return try system?.factorize(regulariser: regulariser) ?? ()
            } catch {
                guard recipe.precision == nil, let precision,
                    let next = RidgePrecision.allCases.first(where: { $0 > precision })
                else { throw error }
                system?.raise(to: next)
            }
        }
    }

    /// The λ with the least `loss`, which is given a system factorised for λ. Near the λ in use where there is one.
    private mutating func searchRegulariser(_ loss: (RidgeSystem, Double) -> Double) throws -> Double {
        let whole = RidgeParameter.searchRange
        var range = log(whole.lowerBound)...log(whole.upperBound)
        if let present = solution.regulariser {
            range = max(range.lowerBound, log(present) - 2)...min(range.upperBound, log(present) + 2)
        }
        var failure: LinearAlgebraError?
        let found = GoldenSection.minimum(in: range, steps: solution.regulariser == nil ? 12 : 8) { logarithm in
            do {
                try system?.factorize(regulariser: exp(logarithm))
                return system.map { loss($0, exp(logarithm)) } ?? .infinity
            } catch {
                failure = error as? LinearAlgebraError
                return .infinity
            }
        }
        if !found.value.isFinite, let failure { throw failure }
        return exp(found.at)
    }
}

extension RAILRecipe {
    func expansion(seed: UInt64, inputDimension: Int) -> FeatureExpansion {
        hidden == 0
            ? .identity(dimension: inputDimension)
            : .randomUnits(hidden, seed: seed, inputDimension: inputDimension)
    }
}

extension RidgeParameter {
    /// The least λ that may be used.
    var least: Double { if case .fixed(let value) = self { value } else { Self.searchRange.lowerBound } }
}

/// Rows that were learnt, to fit the link on.
enum LinkRows {
    /// Their number at most: their leverages cost h² operations each.
    static var limit: Int { 2048 }

    /// Rows of the task and exemplars, evenly spaced; classes in equal numbers where exemplars of earlier ones are there.
    static func chosen(from task: LearningTask, classes: Int) -> LabelledFeatures {
        guard task.exemplars.count > 0 else { return spaced(task.rows, limit) }
        var perClass = [[Int]](repeating: [], count: classes)
        for (row, label) in (task.rows.labels + task.exemplars.labels).enumerated() { perClass[label].append(row) }
        let present = perClass.filter { !$0.isEmpty }
        let least = present.map(\.count).min() ?? 0
        let share = max(1, min(limit / max(1, present.count), max(least, 8)))
        let both = LabelledFeatures(
            features: task.rows.features.appendingRows(task.exemplars.features),
            labels: task.rows.labels + task.exemplars.labels)
        return both.selecting(present.flatMap { rows in positions(rows.count, share).map { rows[$0] } })
    }

    private static func spaced(_ rows: LabelledFeatures, _ count: Int) -> LabelledFeatures {
        rows.count <= count ? rows : rows.selecting(positions(rows.count, count))
    }

    /// At most `wanted` of `count` positions, evenly spaced.
    static func positions(_ count: Int, _ wanted: Int) -> [Int] {
        count <= wanted ? Array(0..<count) : (0..<wanted).map { $0 * count / wanted }
    }
}
