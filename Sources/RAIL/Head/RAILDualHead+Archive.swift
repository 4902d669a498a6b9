import FeatureData
import Matrices
import Prediction

/// The model file: tensors `rows` [n, D] and `labels` [n], all rows learnt; `coefficients` F64, [classes, n], or
/// [classes, landmarks] with `landmarks` [landmarks], indices of rows: scores are the kernel of a row with the rows (or
/// landmarks) times them; `blocks`, how the exact factor grew; `text_features` [classes, D]. The factor is made again on
/// loading, n³/3 operations or n·m² with landmarks.
extension RAILDualHead: ArchivableHead {
    public static var method: String { "rail-dual" }

    private struct Configuration: Codable {
        var featureDimension: Int
        var logitScale: Float
        var classesPerTask: [Int]
        var recipe: RAILDualRecipe
        var kernel: Kernel
        var regulariser: Double?
        var link: ScoreLink
    }

    public func archive() throws -> ModelArchive {
        var archive = ModelArchive(method: Self.method, classNames: classNames)
        archive.tensors["rows"] = ArchivedTensor(rows.features)
        archive.tensors["labels"] = ArchivedTensor(rows.labels)
        archive.tensors["text_features"] = ArchivedTensor(textFeatures)
        switch engine {
        case .none: break
        case .exact(let ridge, let blocks):
            archive.tensors["coefficients"] = ArchivedTensor(ridge.coefficients)
            archive.tensors["blocks"] = ArchivedTensor(blocks)
        case .nystrom(let ridge, let landmarks):
            archive.tensors["coefficients"] = ArchivedTensor(ridge.coefficients)
            archive.tensors["landmarks"] = ArchivedTensor(landmarks)
        }
        try archive.setConfiguration(
            Configuration(
                featureDimension: featureDimension, logitScale: logitScale, classesPerTask: classesPerTask,
                recipe: recipe, kernel: kernel, regulariser: regulariser, link: link))
        return archive
    }

    public init(archive: ModelArchive) throws {
        try archive.require(method: Self.method)
        let configuration: Configuration = try archive.configuration()
        func fault(_ reason: String) -> ModelArchiveError { .configuration(file: archive.place, reason: reason) }
        let dimension = configuration.featureDimension
        guard dimension > 0 else { throw fault("feature dimension \(dimension), expected at least 1") }
        if let reason = configuration.recipe.fault ?? configuration.kernel.fault { throw fault(reason) }
        guard configuration.link.isUsable else { throw fault("a link of slope and width that are not positive") }
        try self.init(recipe: configuration.recipe, featureDimension: dimension)
        let classes = archive.classNames.count
        (classNames, logitScale) = (archive.classNames, configuration.logitScale)
        (kernel, regulariser, link) = (configuration.kernel, configuration.regulariser, configuration.link)
        textFeatures = try archive.matrix("text_features", rows: classes, columns: dimension)
        let labels = try archive.integers("labels")
        rows = LabelledFeatures(
            features: try archive.matrix("rows", rows: labels.count, columns: dimension), labels: labels)
        if let bad = labels.first(where: { $0 < 0 || $0 >= classes }) {
            throw fault("a row of class \(bad), expected 0 to \(classes - 1)")
        }
        guard classes > 0 else { return }
        try NewClasses.check(classesPerTask: configuration.classesPerTask, classes: classes, archive)
        classesPerTask = configuration.classesPerTask
        guard let regulariser, regulariser > 0, regulariser.isFinite else { throw fault("no regulariser") }
        guard rows.features.isFinite else { throw fault("tensor 'rows' holds a number that is not finite") }
        do {
            if archive.tensors["landmarks"] != nil {
                let landmarks = try archive.integers("landmarks")
                guard !landmarks.isEmpty, landmarks.allSatisfy({ (0..<labels.count).contains($0) }) else {
                    throw fault("landmarks that are not rows")
                }
                try solve(landmarks: landmarks, Matrix<Double>(rows.features)) {}
            } else {
                try solveAgain(blocks: archive.integers("blocks"), fault)
            }
        } catch let error as LinearAlgebraError {
            throw fault("the kernel matrix cannot be solved: \(error)")
        }
    }

    /// The exact solution as it grew block by block.
    private mutating func solveAgain(blocks: [Int], _ fault: (String) -> ModelArchiveError) throws {
        guard blocks.allSatisfy({ (0...rows.count).contains($0) }), blocks.reduce(0, +) == rows.count else {
            throw fault("blocks of \(blocks) rows, expected \(rows.count) in all")
        }
        var ridge = KernelRidge(kernel: kernel, regulariser: regulariser ?? 1, dimension: featureDimension)
        var start = 0
        for block in blocks {
            let range = start..<start + block
            try ridge.learn(
                Matrix<Double>(rows.features.rows(range)), labels: Array(rows.labels[range]), classes: classNames.count)
            start += block
        }
        engine = .exact(ridge, blocks: blocks)
    }
}
