import FeatureData
import Matrices
import Prediction

/// The model file: every part's tensors under `parts.0.`, `parts.1.` …, its configuration as JSON text in the
/// combination's own; tensors `held_out.features` [rows, D], `held_out.labels` [rows], `text_features` [classes, D] and
/// those of the task densities and the gate's examples. The method is those of the parts joined by `+`, such as `clap+linear`.
extension CombinedHead: ArchivableHead {
    public static var method: String { "combined" }

    private struct Stored: Codable {
        struct Part: Codable {
            var method: String
            var configuration: String
        }
        var parts: [Part]
        var recipe: CombinationRecipe
        var weights: CombinationWeights
        var classesPerTask: [Int]
        var gateCoefficients: CalibratedGate.Coefficients
        var gateScales: [CalibratedGate.Scale]
        var logitScale: Float
    }

    /// The methods of the parts joined by `+`.
    public var combinedMethod: String { parts.map { type(of: $0).method }.joined(separator: "+") }

    public func archive() throws -> ModelArchive {
        let archives = try parts.map { try $0.archive() }
        var archive = ModelArchive(method: combinedMethod, classNames: classNames)
        for (index, part) in archives.enumerated() {
            for (name, tensor) in part.tensors { archive.tensors[Self.prefix(index) + name] = tensor }
        }
        archive.tensors["held_out.features"] = ArchivedTensor(heldOut.rows.features)
        archive.tensors["held_out.labels"] = ArchivedTensor(heldOut.rows.labels)
        archive.tensors["text_features"] = ArchivedTensor(textFeatures)
        taskDensities.write(to: &archive)
        archive.tensors["gate.examples"] = ArchivedTensor(
            Matrix(stacking: [Matrix(rows: 0, columns: GateExamples.columns)] + nearExamples.map(\.table)))
        archive.tensors["gate.example_counts"] = ArchivedTensor(nearExamples.map(\.count))
        try archive.setConfiguration(
            Stored(
                parts: archives.map { Stored.Part(method: $0.method, configuration: $0.configurationJSON) },
                recipe: recipe, weights: weights, classesPerTask: classesPerTask, gateCoefficients: gateCoefficients,
                gateScales: gateScales, logitScale: logitScale))
        return archive
    }

    public init(archive: ModelArchive) throws {
        let stored: Stored = try archive.configuration()
        try archive.require(method: stored.parts.map(\.method).joined(separator: "+"))
        func bad(_ reason: String) -> ModelArchiveError { .configuration(file: archive.path, reason: reason) }
        guard !stored.parts.isEmpty else { throw bad("there are no parts") }
        if let fault = stored.recipe.fault { throw bad(fault) }

        let parts = try stored.parts.enumerated().map { index, stored in
            let prefix = Self.prefix(index)
            var part = ModelArchive(method: stored.method, classNames: archive.classNames)
            part.configurationJSON = stored.configuration
            part.url = archive.url
            for (name, tensor) in archive.tensors where name.hasPrefix(prefix) {
                part.tensors[String(name.dropFirst(prefix.count))] = tensor
            }
            return try Catalogue.load(part)
        }
        let (classes, dimension) = (archive.classNames.count, parts[0].featureDimension)
        guard parts.allSatisfy({ $0.featureDimension == dimension }) else {
            throw bad("parts of \(parts.map(\.featureDimension)) dimensions, expected equal ones")
        }
        try NewClasses.check(classesPerTask: stored.classesPerTask, classes: classes, archive)
        let labels = try archive.integers("held_out.labels")
        let features = try archive.matrix("held_out.features", rows: labels.count, columns: dimension)
        if let label = labels.first(where: { $0 < 0 || $0 >= classes }) {
            throw bad("a held-out row has label \(label), expected 0 to \(classes - 1)")
        }
        let densities = try TaskDensities(archive: archive, dimension: dimension, covariance: stored.recipe.covariance)
        guard densities.count == stored.classesPerTask.count, stored.gateScales.count == densities.count,
            stored.gateScales.allSatisfy({ $0.mean.isFinite && $0.deviation > 0 })
        else {
            throw bad("densities of \(densities.count) tasks, expected \(stored.classesPerTask.count)")
        }
        let counts = try archive.integers("gate.example_counts")
        // Bounded so that their sum is a number; it must then be the examples' own.
        guard counts.allSatisfy({ (0...Int(Int32.max)).contains($0) }) else { throw bad("groups of \(counts) examples of the gate") }
        let examples = try archive.doubleMatrix("gate.examples", rows: counts.reduce(0, +), columns: GateExamples.columns)
        try stored.weights.check(heads: parts.count, tasks: stored.classesPerTask.count { $0 > 0 }, classes: classes, bad)
        self.init(
            parts: parts, recipe: stored.recipe, weights: stored.weights, taskDensities: densities,
            heldOut: HeldOutRows(LabelledFeatures(features: features, labels: labels)),
            textFeatures: try archive.matrix("text_features", rows: classes, columns: dimension))
        classesPerTask = stored.classesPerTask
        var next = 0
        nearExamples = counts.map { count in
            defer { next += count }
            return GateExamples(table: examples.rows(next..<next + count))
        }
        (gateCoefficients, gateScales, logitScale) = (stored.gateCoefficients, stored.gateScales, stored.logitScale)
    }

    private static func prefix(_ part: Int) -> String { "parts.\(part)." }
}

extension CombinationWeights {
    fileprivate func check(heads: Int, tasks: Int, classes: Int, _ bad: (String) -> ModelArchiveError) throws {
        guard self.heads.count == heads, self.heads.allSatisfy({ $0 >= 0 && $0.isFinite }), scale > 0, scale.isFinite
        else {
            throw bad("weights \(self.heads) with scale \(scale), expected one from 0 for each of \(heads) parts")
        }
        guard corrections.isEmpty || corrections.count == tasks,
            corrections.allSatisfy({ $0.count == heads && $0.allSatisfy(\.isFinite) })
        else {
            throw bad("corrections of \(corrections.count) tasks, expected \(heads) numbers for each of \(tasks)")
        }
        guard constants.isEmpty || constants.count == classes, constants.allSatisfy(\.isFinite) else {
            throw bad("\(constants.count) constants, expected a number for each of \(classes) classes")
        }
    }
}
