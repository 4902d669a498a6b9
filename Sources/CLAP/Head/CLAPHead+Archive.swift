import FeatureData
import Matrices
import Prediction

/// A CLAP head as a model file: parameters under PyTorch's names and shapes, the prompts and the context as tensors, the
/// recipe as configuration.
extension CLAPHead: ArchivableHead {
    public static let method = "clap"

    /// What models of earlier versions do not have is optional.
    private struct Stored: Codable {
        var recipe: CLAPRecipe
        var classesPerTask: [Int]
        var rowsPerClass: [Int]?
        var promptsPerClass: [Int]
        var logitScale: Float
        var densities: ClassDensities.Description?
        var discriminantWeights: DiscriminantWeights?
    }

    public func archive() throws -> ModelArchive {
        var archive = ModelArchive(method: Self.method, classNames: classNames)
        try archive.setConfiguration(
            Stored(
                recipe: recipe, classesPerTask: classesPerTask, rowsPerClass: rowsPerClass,
                promptsPerClass: prompts.map(\.rows), logitScale: logitScale, densities: classDensities?.description,
                discriminantWeights: discriminantWeights))
        classDensities?.write(to: &archive)
        for (name, value) in parameters {
            // PyTorch's vectors have one dimension.
            let isVector = name.hasSuffix("bias") || name.contains(".norm")
            archive.tensors[name] = ArchivedTensor(value, shape: isVector ? [value.columns] : nil)
        }
        archive.tensors["context"] = ArchivedTensor(context)
        archive.tensors["text.prompts"] = ArchivedTensor(
            Matrix(stacking: [Matrix(rows: 0, columns: featureDimension)] + prompts))
        return archive
    }

    public init(archive: ModelArchive) throws {
        try archive.require(method: Self.method)
        var complete = archive
        complete.configurationJSON = CLAPRecipe.completing(configuration: archive.configurationJSON)
        let stored: Stored = try complete.configuration()
        let recipe = stored.recipe
        let width = recipe.configuration.featureDimension
        let classes = archive.classNames.count
        try NewClasses.check(classesPerTask: stored.classesPerTask, classes: classes, archive)
        guard stored.promptsPerClass.count == classes, stored.promptsPerClass.allSatisfy({ $0 > 0 && $0 <= Int(Int32.max) }) else {
            throw ModelArchiveError.configuration(
                file: archive.url?.relativePath ?? "the model",
                reason: "prompts of \(stored.promptsPerClass) per class, expected one count for each of \(classes)")
        }
        guard stored.rowsPerClass?.count ?? classes == classes, stored.rowsPerClass?.allSatisfy({ $0 > 0 }) ?? true else {
            throw ModelArchiveError.configuration(
                file: archive.url?.relativePath ?? "the model",
                reason: "rows of \(stored.rowsPerClass ?? []) per class, expected one count for each of \(classes)")
        }
        var parameters: [String: Matrix<Float>] = [:]
        if classes > 0 {
            let tasks = stored.classesPerTask.count { $0 > 0 }
            for (name, shape) in ParameterShapes(recipe.configuration, tasks: tasks, classes: classes).all {
                parameters[name] = try archive.matrix(name, rows: shape.rows, columns: shape.columns)
            }
        }
        let all = try archive.matrix("text.prompts", rows: stored.promptsPerClass.reduce(0, +), columns: width)
        var start = 0
        let prompts = stored.promptsPerClass.map { count in
            defer { start += count }
            return all.rows(start..<start + count)
        }
        try self.init(
            recipe: recipe, classNames: archive.classNames, classesPerTask: stored.classesPerTask,
            rowsPerClass: stored.rowsPerClass ?? Array(repeating: 0, count: classes), prompts: prompts,
            logitScale: stored.logitScale, parameters: parameters,
            context: try archive.matrix("context", rows: classes, columns: width),
            densities: try stored.densities.map {
                try ClassDensities($0, archive: archive, dimension: width, classes: classes)
            } ?? (classes == 0 ? recipe.emptyDensities : nil),
            discriminantWeights: stored.discriminantWeights ?? DiscriminantWeights())
    }
}
