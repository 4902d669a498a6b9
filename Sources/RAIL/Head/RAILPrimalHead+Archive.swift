import FeatureData
import Matrices
import Prediction

/// The model file: tensors `gram` [h(h + 1)/2], the upper triangle row by row, F32 where sums are kept in single precision
/// and F64 else; `cross_products` [classes, h] F64, the sums of φ; `class_rows` [classes]; `weights` [classes, h] F64, the
/// solution; `noise_variances` [classes] F64; `text_features` [classes, D]; and `expansion_weights` [h, D] only where they
/// were not drawn from a seed.
extension RAILPrimalHead: ArchivableHead {
    public static var method: String { "rail-primal" }

    private struct Configuration: Codable {
        var featureDimension: Int
        var logitScale: Float
        var classesPerTask: [Int]
        var recipe: RAILRecipe
        var expansion: FeatureExpansion.Kind?
        var precision: RidgePrecision?
        var regulariser: Double?
        var link: ScoreLink
    }

    public func archive() throws -> ModelArchive {
        var archive = ModelArchive(method: Self.method, classNames: classNames)
        if let system {
            archive.tensors["gram"] = system.archivedGram
            archive.tensors["cross_products"] = ArchivedTensor(system.cross)
            archive.tensors["class_rows"] = ArchivedTensor(system.counts)
            archive.tensors["weights"] = ArchivedTensor(solution.weights)
            archive.tensors["noise_variances"] = ArchivedTensor(
                Matrix(rows: 1, columns: solution.noise.count, elements: solution.noise), shape: [solution.noise.count])
        }
        archive.tensors["text_features"] = ArchivedTensor(textFeatures)
        if case .givenWeights = expansion?.kind, let weights = expansion?.weights {
            archive.tensors["expansion_weights"] = ArchivedTensor(weights)
        }
        try archive.setConfiguration(
            Configuration(
                featureDimension: featureDimension, logitScale: logitScale, classesPerTask: classesPerTask,
                recipe: recipe, expansion: expansion?.kind, precision: system?.precision,
                regulariser: solution.regulariser, link: solution.link))
        return archive
    }

    public init(archive: ModelArchive) throws { try self.init(archive: archive, factorizing: true) }

    /// - Parameter factorizing: without, the head has no factor and cannot answer until it has learnt: for those who only add
    ///   to its sums, h³/3 operations less.
    package init(archive: ModelArchive, factorizing: Bool) throws {
        try archive.require(method: Self.method)
        let configuration: Configuration = try archive.configuration()
        func fault(_ reason: String) -> ModelArchiveError { .configuration(file: archive.place, reason: reason) }
        let dimension = configuration.featureDimension
        guard dimension > 0 else { throw fault("feature dimension \(dimension), expected at least 1") }
        if let reason = configuration.recipe.fault { throw fault(reason) }
        let classes = archive.classNames.count
        let text = try archive.matrix("text_features", rows: classes, columns: dimension)
        let expansion = try configuration.expansion.map { kind -> FeatureExpansion in
            switch kind {
            case .identity: return .identity(dimension: dimension)
            case .randomUnits(let hidden, let seed):
                guard (1...FeatureExpansion.maximumHidden).contains(hidden) else { throw fault("\(hidden) hidden units") }
                return .randomUnits(hidden, seed: seed, inputDimension: dimension)
            case .givenWeights(let hidden):
                return .givenWeights(try archive.matrix("expansion_weights", rows: hidden, columns: dimension))
            }
        }
        try self.init(recipe: configuration.recipe, featureDimension: dimension, expansion: expansion)
        (classNames, logitScale, textFeatures) = (archive.classNames, configuration.logitScale, text)
        solution.link = configuration.link
        guard configuration.link.isUsable else { throw fault("a link of slope and width that are not positive") }
        guard classes > 0 else { return }
        try NewClasses.check(classesPerTask: configuration.classesPerTask, classes: classes, archive)
        classesPerTask = configuration.classesPerTask
        guard let expansion, let precision = configuration.precision, let regulariser = configuration.regulariser,
            regulariser > 0, regulariser.isFinite
        else { throw fault("expansion, precision or regulariser missing") }
        let system = try RidgeSystem(archive: archive, dimension: expansion.dimension, precision: precision)
        solution.weights = try archive.doubleMatrix("weights", rows: classes, columns: expansion.dimension)
        solution.noise = try archive.doubleMatrix("noise_variances", columns: classes).elements
        guard solution.noise.count == classes, solution.noise.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw fault("noise variances that are negative or not finite")
        }
        solution.regulariser = regulariser
        self.system = system
        guard factorizing else { return }
        do {
            try self.system?.factorize(regulariser: regulariser)
        } catch {
            throw fault("the Gram matrix is not one: \(error)")
        }
    }
}

extension RidgeSystem {
    init(archive: ModelArchive, dimension: Int, precision: RidgePrecision) throws {
        let classes = archive.classNames.count
        let packed = dimension * (dimension + 1) / 2
        let counts = try archive.integers("class_rows", count: classes)
        if let bad = counts.first(where: { $0 < 0 }) {
            throw ModelArchiveError.configuration(file: archive.place, reason: "a class with \(bad) rows")
        }
        let cross = try archive.doubleMatrix("cross_products", rows: classes, columns: dimension)
        if precision == .single {
            self.init(
                RidgeSums(
                    dimension: dimension, packed: try archive.matrix("gram", rows: 1, columns: packed), cross: cross,
                    counts: counts))
        } else {
            self.init(
                RidgeSums(
                    dimension: dimension, packed: try archive.doubleMatrix("gram", rows: 1, columns: packed), cross: cross,
                    counts: counts),
                precision: precision)
        }
    }
}

extension ScoreLink {
    var isUsable: Bool { slope > 0 && slope.isFinite && width > 0 && width.isFinite }
}

extension ModelArchive {
    /// The file for messages.
    var place: String { path }
}
