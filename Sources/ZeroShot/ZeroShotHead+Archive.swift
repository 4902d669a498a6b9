import Matrices
import Prediction

/// The model file: tensor `text_features` [classes, D], everything else in the configuration.
extension ZeroShotHead: ArchivableHead {
    public static var method: String { "zero-shot" }

    private struct Configuration: Codable {
        var featureDimension: Int
        var logitScale: Float
        var classesPerTask: [Int]
    }

    public func archive() throws -> ModelArchive {
        var archive = ModelArchive(
            method: Self.method, classNames: classNames, tensors: ["text_features": ArchivedTensor(textFeatures)])
        try archive.setConfiguration(
            Configuration(
                featureDimension: featureDimension, logitScale: logitScale, classesPerTask: classesPerTask))
        return archive
    }

    public init(archive: ModelArchive) throws {
        try archive.require(method: Self.method)
        let configuration: Configuration = try archive.configuration()
        let features = try archive.matrix(
            "text_features", rows: archive.classNames.count, columns: configuration.featureDimension)
        try NewClasses.check(
            classesPerTask: configuration.classesPerTask, classes: archive.classNames.count, archive)
        self.init(
            classNames: archive.classNames, textFeatures: features, logitScale: configuration.logitScale,
            classesPerTask: configuration.classesPerTask)
    }
}
