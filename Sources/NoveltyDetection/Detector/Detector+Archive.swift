import FeatureData
import Foundation
import Matrices
import Prediction

/// A detector in a file: the tensors and settings of its scores under `novelty.0.`, `novelty.1.`, …, known scores as
/// `novelty.known.0`, …, the rest as the attachment `novelty`. Either in the model's file or in a file of its own, which
/// is a `ModelArchive` with the method `novelty-detector`.
extension Detector {
    /// The newest version of a stored detector that this version reads.
    public static let currentVersion = 1
    /// The method of files that hold a detector only.
    public static let method = "novelty-detector"
    /// The names of its tensors and attachments start with this.
    public static let prefix = "novelty."

    /// Puts the detector into a model's archive, in the place of one that is there.
    public func store(in archive: inout ModelArchive) throws {
        Self.remove(from: &archive)
        var scores = ScoreArchive(archive, prefix: Self.prefix)
        for (index, part) in parts.enumerated() {
            try scores.setScore(part.score, as: "\(index)")
            scores.set(part.knownScores, as: "known.\(index)")
        }
        archive = scores.archive
        try archive.attach(
            Stored(
                version: Self.currentVersion, scores: parts.map(\.name), classNames: classNames, dimension: dimension,
                modelFingerprint: modelFingerprint, dataFingerprint: dataFingerprint,
                truePositiveRate: truePositiveRate),
            as: "novelty")
    }

    /// Takes a detector out of an archive, if there is one.
    public static func remove(from archive: inout ModelArchive) {
        for name in archive.tensors.keys.filter({ $0.hasPrefix(prefix) }) { archive.tensors[name] = nil }
        for name in archive.attachments.keys.filter({ $0 == "novelty" || $0.hasPrefix(prefix) }) {
            archive.attachments[name] = nil
        }
    }

    /// The detector of a model; `nil` where it has none.
    ///
    /// - Throws: `ModelArchiveError` where it is damaged, of a newer version, or has a score that this version does not
    ///   know.
    public init?(archive: ModelArchive) throws {
        guard archive.attachments["novelty"] != nil else { return nil }
        func refuse(_ reason: String) -> ModelArchiveError {
            .metadata(file: archive.path, key: "novelty", reason: reason)
        }
        // The version first: a newer one may have other contents.
        let version = try archive.attachment("novelty", as: Version.self)?.version ?? 0
        guard version >= 1, version <= Self.currentVersion else {
            throw refuse("is of version \(version), this version reads 1 to \(Self.currentVersion)")
        }
        guard let stored = try archive.attachment("novelty", as: Stored.self) else { return nil }
        guard stored.truePositiveRate > 0, stored.truePositiveRate < 1, stored.dimension > 0 else {
            throw refuse("has a true-positive rate or a dimension out of range")
        }
        let scores = ScoreArchive(archive, prefix: Self.prefix)
        do {
            let parts = try stored.scores.indices.map { index in
                let known = try archive.vector(Self.prefix + "known.\(index)")
                if known.contains(where: \.isNaN) { throw scores.damaged("known.\(index)", "an element is NaN") }
                return Part(score: try scores.score("\(index)"), knownScores: known)
            }
            try self.init(
                parts: parts,
                classNames: stored.classNames, dimension: stored.dimension,
                modelFingerprint: stored.modelFingerprint, dataFingerprint: stored.dataFingerprint,
                truePositiveRate: stored.truePositiveRate)
        } catch let error as NoveltyError {
            throw refuse("does not fit: \(error)")
        }
    }

    /// Writes a file of its own, complete or not at all. The same detector gives the same bytes.
    ///
    /// - Throws: `FeatureDataError` (`cannotWrite`, `inputOutput`).
    public func write(to url: URL) throws {
        var archive = ModelArchive(method: Self.method, classNames: classNames)
        try store(in: &archive)
        try archive.write(to: url)
    }

    /// Reads a file that `write` wrote, or a model with a detector in it.
    ///
    /// - Throws: `FeatureDataError` where the file is missing or no safetensors file; `ModelArchiveError` where it is
    ///   damaged, of a newer version, or has no detector.
    public init(contentsOf url: URL) throws {
        let archive = try ModelArchive(contentsOf: url)
        guard let detector = try Detector(archive: archive) else {
            throw ModelArchiveError.metadata(
                file: archive.path, key: "attachments", reason: "has no 'novelty': the file holds no detector")
        }
        self = detector
    }

    private struct Version: Codable {
        var version: Int
    }

    private struct Stored: Codable {
        var version: Int
        var scores: [String]
        var classNames: [String]
        var dimension: Int
        var modelFingerprint: String?
        var dataFingerprint: String
        var truePositiveRate: Double
    }
}
