import FeatureData
import Foundation
import Matrices
import Prediction

/// The place of one score in a model file: its tensors and texts under a prefix, so that scores made of others can nest.
public struct ScoreArchive: Sendable {
    /// The whole file.
    public private(set) var archive: ModelArchive
    /// What the names of tensors and texts start with, such as `novelty.0.`.
    public let prefix: String
    /// D and the number of classes that the score was fitted with, for models to check their shapes against; `nil`
    /// accepts any.
    public internal(set) var dimension: Int?
    public internal(set) var classes: Int?

    public init(_ archive: ModelArchive, prefix: String) {
        self.archive = archive
        self.prefix = prefix
    }

    // MARK: Writing

    public mutating func set(_ matrix: Matrix<Float>, as name: String) {
        archive.tensors[prefix + name] = ArchivedTensor(matrix)
    }

    public mutating func set(_ matrix: Matrix<Double>, as name: String) {
        archive.tensors[prefix + name] = ArchivedTensor(matrix)
    }

    public mutating func set(_ vector: [Float], as name: String) {
        archive.tensors[prefix + name] = ArchivedTensor(vector: vector)
    }

    public mutating func set(_ integers: [Int], as name: String) {
        archive.tensors[prefix + name] = ArchivedTensor(integers)
    }

    /// A value as JSON.
    public mutating func setText(_ value: some Encodable, as name: String) throws {
        try archive.attach(value, as: prefix + name)
    }

    /// The score's name and settings, from which `score()` makes it again.
    mutating func setSettings<Score: NoveltyScore & Encodable>(of score: Score) throws {
        try setText(score.name, as: "score")
        try setText(score, as: "settings")
    }

    /// Stores a score under a name of its own below this one's.
    public mutating func setScore(_ score: any NoveltyScore, as name: String) throws {
        var inner = ScoreArchive(archive, prefix: prefix + name + ".")
        if let fitted = score as? any AnyFittedNoveltyScore {
            try fitted.write(to: &inner)
        } else if let plain = score as? any NoveltyScore & Codable {
            try inner.setSettings(of: plain)
        } else {
            preconditionFailure("a score of type \(type(of: score)) cannot be stored")
        }
        archive = inner.archive
    }

    // MARK: Reading

    /// Whether there is a tensor of that name.
    public func has(_ name: String) -> Bool { archive.tensors[prefix + name] != nil }

    /// `rows` and `columns` are those expected; `nil` accepts any.
    ///
    /// - Throws: `ModelArchiveError` for a missing tensor, integers, another shape and numbers that are not finite.
    public func matrix(_ name: String, rows: Int? = nil, columns: Int? = nil) throws -> Matrix<Float> {
        try finite(archive.matrix(prefix + name, rows: rows, columns: columns), name)
    }

    public func doubleMatrix(_ name: String, rows: Int? = nil, columns: Int? = nil) throws -> Matrix<Double> {
        try finite(archive.doubleMatrix(prefix + name, rows: rows, columns: columns), name)
    }

    public func vector(_ name: String, count: Int? = nil) throws -> [Float] {
        let values = try archive.vector(prefix + name, count: count)
        if let bad = values.firstIndex(where: { !$0.isFinite }) { throw damaged(name, "element \(bad) is \(values[bad])") }
        return values
    }

    public func integers(_ name: String, count: Int? = nil) throws -> [Int] {
        try archive.integers(prefix + name, count: count)
    }

    /// - Throws: `ModelArchiveError` where it is missing or of another type.
    public func text<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        guard let value = try archive.attachment(prefix + name, as: type) else {
            throw ModelArchiveError.metadata(
                file: archive.path, key: "attachments", reason: "has no '\(prefix + name)'")
        }
        return value
    }

    /// The score stored under a name below this one's.
    ///
    /// - Throws: `ModelArchiveError` where it is damaged, `NoveltyError.unknownScore` where this version does not have
    ///   it.
    public func score(_ name: String) throws -> any NoveltyScore {
        let inner = ScoreArchive(archive, prefix: prefix + name + ".")
        let scoreName: String = try inner.text("score")
        guard let score = NoveltyScores.named(scoreName) else { throw NoveltyError.unknownScore(scoreName) }
        return try inner.restored(like: score)
    }

    /// What a damaged tensor is reported as.
    public func damaged(_ name: String, _ reason: String) -> ModelArchiveError {
        .configuration(file: archive.path, reason: "tensor '\(prefix + name)': \(reason)")
    }

    private func restored<Score: NoveltyScore & Codable>(like _: Score) throws -> any NoveltyScore {
        let score: Score = try text("settings")
        do {
            try score.checkSettings()
        } catch {
            throw ModelArchiveError.configuration(file: archive.path, reason: error.description)
        }
        guard let fittable = score as? any FittableNoveltyScore else { return score }
        return try fitted(fittable)
    }

    private func fitted<Score: FittableNoveltyScore>(_ score: Score) throws -> any NoveltyScore {
        try FittedNoveltyScore(score: score, archive: self)
    }

    private func finite<Scalar>(_ matrix: Matrix<Scalar>, _ name: String) throws -> Matrix<Scalar> {
        if let bad = matrix.firstNonfinite {
            throw damaged(name, "row \(bad / matrix.columns), column \(bad % matrix.columns) is not finite")
        }
        return matrix
    }
}
