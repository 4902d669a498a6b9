import Matrices
import Prediction

/// The model file: tensor `weights` [classes, D], everything else in the configuration.
extension LinearHead: ArchivableHead {
    public static var method: String { "linear" }

    private struct Configuration: Codable {
        var featureDimension: Int
        var logitScale: Float
        var classesPerTask: [Int]
        var recipe: LinearRecipe
    }

    public func archive() throws -> ModelArchive {
        var archive = ModelArchive(
            method: Self.method, classNames: classNames, tensors: ["weights": ArchivedTensor(weights)])
        try archive.setConfiguration(
            Configuration(
                featureDimension: featureDimension, logitScale: logitScale, classesPerTask: classesPerTask,
                recipe: recipe))
        return archive
    }

    public init(archive: ModelArchive) throws {
        try archive.require(method: Self.method)
        let configuration: Configuration = try archive.configuration()
        let weights = try archive.matrix(
            "weights", rows: archive.classNames.count, columns: configuration.featureDimension)
        try NewClasses.check(
            classesPerTask: configuration.classesPerTask, classes: archive.classNames.count, archive)
        self.init(
            recipe: configuration.recipe, classNames: archive.classNames, weights: weights,
            logitScale: configuration.logitScale, classesPerTask: configuration.classesPerTask)
    }
}
