import Matrices
import Prediction

/// A linear classifier and the mean of the known rows: the model of scores that look at a row from that mean.
public struct CentredClassifier: NoveltyModel {
    public let classifier: LinearClassifier
    /// D.
    public let mean: [Float]

    init(classifier: LinearClassifier, mean: [Float]) {
        self.classifier = classifier
        self.mean = mean
    }

    init(_ rows: KnownRows, notes: inout [String]) throws {
        classifier = try rows.linearClassifier(notes: &notes)
        mean = try rows.statistics().mean.map { Float($0) }
    }

    public func write(to archive: inout ScoreArchive) throws {
        try classifier.write(to: &archive)
        archive.set(mean, as: "mean")
    }

    public init(archive: ScoreArchive) throws {
        classifier = try LinearClassifier(archive: archive)
        mean = try archive.vector("mean", count: classifier.dimension)
    }
}
