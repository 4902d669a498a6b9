import FeatureData
import Matrices
import NoveltyDetection
import Prediction

/// A detector with the head it asks.
public struct LoadedDetector: Sendable {
    public let detector: Detector
    public let head: (any Head)?
    /// The file it came from, for messages.
    public let source: String
    /// Of the head.
    private let modelFingerprint: String?

    /// The detector in a file of its own, or the one in a model; each with its file's name.
    ///
    /// - Parameter modelFingerprint: of the model's head where it is known already: working it out reads all of the head.
    /// - Throws: `ModelUseError` where there is none, or it is of another model or needs one.
    public init(
        model: (name: String, file: ModelFile)?, detector: (name: String, detector: Detector)? = nil,
        modelFingerprint: String? = nil
    ) throws {
        source = detector?.name ?? model?.name ?? ""
        guard let found = detector?.detector ?? model?.file.detector else { throw ModelUseError.noDetector(file: source) }
        guard !found.parts.isEmpty else { throw ModelUseError.emptyDetector(file: source) }
        if let head = model?.file.head {
            self.modelFingerprint = try Self.check(found, of: source, fits: head, modelFingerprint)
        } else if let part = found.parts.first(where: { $0.score.needs.contains(.posterior) }) {
            throw ModelUseError.needsModel(file: source, score: part.name)
        } else {
            self.modelFingerprint = nil
        }
        self.detector = found
        head = model?.file.head
    }

    /// - Returns: the head's fingerprint.
    private static func check(
        _ detector: Detector, of source: String, fits head: any ArchivableHead, _ known: String?
    ) throws -> String {
        let fingerprint = try known ?? head.archive().fingerprint()
        do {
            try detector.check(classNames: head.classNames, dimension: head.featureDimension, fingerprint: fingerprint)
        } catch {
            throw ModelUseError.otherModel(file: source, reason: "\(error)")
        }
        return fingerprint
    }

    /// Of detector and head, by content.
    public func fingerprint() throws -> String {
        var archive = ModelArchive(method: Detector.method, classNames: detector.classNames)
        try detector.store(in: &archive)
        return try archive.fingerprint() + " " + (modelFingerprint ?? "")
    }

    /// The scores of rows `[rows, D]`, one array a part, each row's the same to the bit whatever rows are asked for with it.
    public func scores(for features: Matrix<Float>) throws -> [[Float]] {
        try detector.scores(for: features, asking: head)
    }

    /// The place of the score that decides: the named one, or the first.
    ///
    /// - Throws: `ModelUseError.unknownScore` where there is no such score.
    public func decisive(_ name: String?) throws -> Int {
        guard let name else { return 0 }
        guard let place = detector.parts.firstIndex(where: { $0.name == name }) else {
            throw ModelUseError.unknownScore(file: source, name, known: detector.parts.map(\.name))
        }
        return place
    }
}
