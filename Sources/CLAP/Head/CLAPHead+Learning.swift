import FeatureData
import Foundation
import Matrices
import Prediction
import Probability

extension CLAPHead {
    public mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws {
        try recipe.validate()
        let scale = try NewClasses.check(
            task, known: classNames, featureDimension: featureDimension, logitScale: logitScale)
        var next = self
        let random = RandomStream(seed: seed).split(classesPerTask.count)
        let newClasses = classNames.count..<classNames.count + task.classes.count
        next.logitScale = scale
        next.classNames += task.classes.classNames
        next.classesPerTask.append(task.classes.count)
        next.prompts += task.classes.features
        let pseudo = try pseudoRows(random: random.split(3))
        try next.remember(task.rows)

        let text = CLAPText(prompts: next.prompts, dimension: featureDimension)
        let rows = TrainingRows(
            task: task.rows, exemplars: task.exemplars, pseudo: pseudo, seen: rowsPerClass,
            classesWithNewPrior: recipe.classPrior.known == .anew ? 0..<newClasses.upperBound : newClasses)
        if !newClasses.isEmpty {
            next.addParameters(text: text, task: next.classesPerTask.count { $0 > 0 } - 1, random: random.split(0))
        }
        let classPrior =
            recipe.configuration.latents == .classVectors
            ? try next.startClassVectors(newClasses, text: text, rows: task.rows) : nil
        var objective = CLAPObjective(
            network: try next.network(), text: text, logitScale: scale,
            previous: classNames.count > 0 && recipe.configuration.distillationWeight > 0 ? try network() : nil)
        objective.classPrior = classPrior
        objective.learning = objective.network.tasks(of: Set(task.rows.labels))
        var trainer = CLAPTrainer(
            recipe: recipe, objective: objective, phase: .train, rows: rows, random: random.split(1))
        try trainer.run(progress: progress)
        next.parameters = objective.network.values
        try next.refreshPosterior()
        self = next
    }

    public mutating func consolidate(
        on exemplars: LabelledFeatures, seed: UInt64, progress: LearningObserver
    ) throws {
        // After the first task every row has just been seen, and nothing is out of balance.
        guard classesPerTask.count > 1, recipe.fineTuneEpochs > 0, exemplars.count > 0, let text else { return }
        guard exemplars.features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: exemplars.features.columns)
        }
        if let bad = exemplars.labels.first(where: { $0 < 0 || $0 >= classNames.count }) {
            throw HeadError.invalidTask("an exemplar has label \(bad), outside the \(classNames.count) known classes")
        }
        var next = self
        let random = RandomStream(seed: seed).split(classesPerTask.count - 1)
        var objective = CLAPObjective(network: try network(), text: text, logitScale: logitScale)
        objective.classPrior = classVectorPosterior
        var trainer = CLAPTrainer(
            recipe: recipe, objective: objective, phase: .fineTune,
            rows: TrainingRows(task: exemplars),
            random: random.split(2))
        try trainer.run(progress: progress)
        next.parameters = objective.network.values
        try next.refreshPosterior()
        self = next
    }

    // MARK: - What is remembered of rows

    /// Draws from the densities of the classes known before the task.
    private func pseudoRows(random: RandomStream) throws -> LabelledFeatures? {
        guard let rehearsal = recipe.pseudoRehearsal, let densities = classDensities, densities.classes > 0 else { return nil }
        return try densities.sample(
            densities.counts.map { $0 > 0 ? rehearsal.rowsPerClass : 0 }, random: random)
    }

    /// Takes the rows into class means and densities.
    private mutating func remember(_ rows: LabelledFeatures) throws {
        let (known, width) = (rowsPerClass, featureDimension)
        rowsPerClass += Array(repeating: 0, count: classNames.count - rowsPerClass.count)
        for label in rows.labels { rowsPerClass[label] += 1 }
        var means = context.appendingRows(Matrix(rows: classNames.count - context.rows, columns: width))
        let m = means.mutablePointer()
        // A class met again: its unit-length mean counts as many rows as it was made of.
        for (label, count) in known.enumerated() where rowsPerClass[label] > count {
            Float.Kernels.scale(m + label * width, Float(count), width)
        }
        for (row, label) in rows.labels.enumerated() {
            let target = m + label * width
            Float.Kernels.combine(target, 1, target, 1, rows.features.pointer + row * width, width)
        }
        context = means.normalizedRows()
        try classDensities?.update(with: rows, classes: classNames.count)
    }

    // MARK: - Parameters

    /// The parameters a new task brings: its adapters and token, and at the first task everything that tasks share.
    private mutating func addParameters(text: CLAPText<Float>, task: Int, random: RandomStream) {
        let configuration = recipe.configuration
        let width = featureDimension
        if task == 0, configuration.usesAttention {
            parameters.merge(Initialization.attention(configuration, random: random.split(0))) { $1 }
            if configuration.gatesAttention { parameters[ParameterShapes.gate] = Matrix(rows: 1, columns: 1) }
        }
        func adapters(_ suffix: String, _ stream: Int) -> [String: Matrix<Float>] {
            Initialization.adapters(
                suffix: suffix, text: text, rule: recipe.initialization, logitScale: Double(logitScale),
                random: random.split(stream))
        }
        switch configuration.latents {
        case .adapters:
            if configuration.adapterPerTask || task == 0 {
                parameters.merge(adapters("adapters.\(task)", 1)) { $1 }
            }
        case .classVectors:
            if configuration.usesSharedAdapter, task == 0 {
                parameters["mu_adapters.0.weight"] = Matrix(rows: width, columns: width)
                parameters["mu_adapters.0.bias"] = Matrix(rows: 1, columns: width)
            }
        }
        if configuration.isHierarchical, task == 0 {
            parameters.merge(adapters("global_adapter", 2)) { $1 }
        }
        if configuration.usesTaskTokens {
            parameters["task_tokens.\(task)"] = Initialization.token(width: width, random: random.split(3))
        }
    }
}
