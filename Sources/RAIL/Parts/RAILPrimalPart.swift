import FeatureData
import Foundation
import Matrices
import Prediction

/// The sufficient statistics of one shard of a task's rows, as a file: all that the joint solution needs of them. Parts of all
/// shards add up to the sums of the task.
///
/// The file is of the format of models (`ModelArchive`: written whole or not at all, with a version and a fingerprint), of the
/// method `rail-primal-part`, with the tensors `gram` [h(h + 1)/2], the lower triangle of ΦᵀΦ row by row, F32 where sums are
/// kept in single precision and F64 else; `cross_products` [classes, h] F64, the sums of φ; `class_rows` [classes];
/// `text_features` [new classes, D]; and of the rows that λ and the link from scores to logits are fitted on, some 2,048 of the
/// whole task, those of this shard: `check_features` [rows, D], `check_labels` and `check_positions` [rows], their places among
/// the task's rows.
///
/// Size: h²/2 numbers, whatever the number of rows; 450 MB at 15,000 units in single precision.
public struct RAILPrimalPart: Sendable {
    public let shard: RowShard
    public let task: RAILPrimalTask
    /// The lower triangle of the sums.
    let triangle: ArchivedTensor
    let cross: Matrix<Double>
    /// Rows of each class, of the model before and new.
    public let counts: [Int]
    let checks: CheckRows
    /// The file it was read from, for messages.
    public let name: String

    /// The rows of the shard.
    public var rows: Int { counts.reduce(0, +) }

    /// Of the file.
    public static let method = "rail-primal-part"
}

/// What a part file says of itself before its sums are read.
public struct RAILPrimalPartHeader: Sendable {
    public let url: URL
    public let shard: RowShard
    public let agreement: RAILPrimalTask.Agreement

    /// - Throws: `FeatureDataError`, `ModelArchiveError`, `RAILPartError.notAPart`.
    public init(contentsOf url: URL) throws {
        let metadata = try SafetensorsFile(contentsOf: url).metadata
        guard metadata["credence_format"] != nil, metadata["method"] == RAILPrimalPart.method else {
            throw RAILPartError.notAPart(url.relativePath)
        }
        let names = ModelArchive(method: RAILPrimalPart.method, classNames: [])
        var archive = names
        archive.url = url
        archive.configurationJSON = metadata["configuration"] ?? ""
        let stored: RAILPrimalPart.Configuration = try archive.configuration()
        (self.url, shard, agreement) = (url, stored.shard, stored.task)
    }

    /// The headers in the order of their shards.
    ///
    /// - Throws: `RAILPartError` where parts are not of one task or one division into shards.
    public static func ordered(_ headers: [RAILPrimalPartHeader], allowingMissing: Bool) throws -> [RAILPrimalPartHeader] {
        let order: [Int]
        do {
            order = try ShardSet.order(headers.map { ($0.url.relativePath, $0.shard) }, allowingMissing: allowingMissing)
        } catch {
            throw RAILPartError.shards(error)
        }
        let sorted = order.map { headers[$0] }
        for header in sorted.dropFirst() {
            guard let difference = header.agreement.difference(from: sorted[0].agreement) else { continue }
            throw RAILPartError.disagree(
                header.url.relativePath, sorted[0].url.relativePath, what: difference.what, found: difference.own,
                expected: difference.other)
        }
        return sorted
    }
}

extension RAILPrimalPart {
    struct Configuration: Codable {
        var shard: RowShard
        var task: RAILPrimalTask.Agreement
    }

    public func archive() throws -> ModelArchive {
        var archive = ModelArchive(
            method: Self.method, classNames: task.agreement.knownClasses + task.agreement.newClasses,
            tensors: [
                "gram": triangle, "cross_products": ArchivedTensor(cross), "class_rows": ArchivedTensor(counts),
                "text_features": ArchivedTensor(task.textFeatures), "check_features": ArchivedTensor(checks.rows.features),
                "check_labels": ArchivedTensor(checks.rows.labels), "check_positions": ArchivedTensor(checks.positions),
            ])
        try archive.setConfiguration(Configuration(shard: shard, task: task.agreement))
        return archive
    }

    /// - Throws: `ModelArchiveError` where it is damaged or no part.
    public init(archive: ModelArchive) throws {
        try archive.require(method: Self.method)
        let stored: Configuration = try archive.configuration()
        let agreement = stored.task
        func fault(_ reason: String) -> ModelArchiveError { .configuration(file: archive.place, reason: reason) }
        let dimension = agreement.featureDimension
        guard dimension > 0 else { throw fault("feature dimension \(dimension), expected at least 1") }
        if let reason = agreement.recipe.fault { throw fault(reason) }
        let hidden =
            switch agreement.expansion {
            case .identity: dimension
            case .randomUnits(let hidden, _), .givenWeights(let hidden): hidden
            }
        guard (1...FeatureExpansion.maximumHidden).contains(hidden) else { throw fault("\(hidden) hidden units") }
        (shard, name) = (stored.shard, archive.place)
        task = RAILPrimalTask(
            agreement: agreement,
            textFeatures: try archive.matrix("text_features", rows: agreement.newClasses.count, columns: dimension))
        guard let found = archive.tensors["gram"] else {
            throw ModelArchiveError.missingTensor(file: archive.place, tensor: "gram")
        }
        guard found.shape == [hidden * (hidden + 1) / 2] else {
            throw ModelArchiveError.shape(
                file: archive.place, tensor: "gram", found: found.shape, expected: "[\(hidden * (hidden + 1) / 2)]")
        }
        guard found.elementType == (agreement.precision == .single ? .float32 : .float64) else {
            throw ModelArchiveError.elementType(
                file: archive.place, tensor: "gram", expected: agreement.precision == .single ? "F32" : "F64")
        }
        triangle = found
        cross = try archive.doubleMatrix("cross_products", rows: agreement.classes, columns: hidden)
        counts = try archive.integers("class_rows", count: agreement.classes)
        guard counts.allSatisfy({ $0 >= 0 }) else { throw fault("a class with a negative number of rows") }
        let labels = try archive.integers("check_labels")
        guard labels.allSatisfy({ $0 >= 0 && $0 < agreement.classes }) else { throw fault("a label out of range") }
        checks = CheckRows(
            positions: try archive.integers("check_positions", count: labels.count),
            rows: LabelledFeatures(
                features: try archive.matrix("check_features", rows: labels.count, columns: dimension), labels: labels))
        guard cross.isFinite, checks.rows.features.isFinite else { throw fault("sums that are not finite") }
    }
}

/// Parts that cannot be added up.
public enum RAILPartError: Error, Equatable, CustomStringConvertible {
    case notAPart(String)
    case shards(ShardSetError)
    case disagree(String, String, what: String, found: String, expected: String)
    case otherModel(String, found: String?, expected: String?)

    public var description: String {
        switch self {
        case .notAPart(let file): "\(file): is not the part of a rail-primal model: make parts with learn --shard"
        case .shards(let error): error.description
        case .disagree(let file, let other, let what, let found, let expected):
            "\(file) and \(other) are not of one task: \(what) is \(found), there \(expected)"
        case .otherModel(let file, let found?, let expected?):
            "\(file): is a task for the model with the fingerprint \(expected), this one has \(found): either it has changed "
                + "since, or these parts are merged already"
        case .otherModel(let file, nil, _): "\(file): is a task for a model that is there already; give it"
        case .otherModel(let file, _, nil): "\(file): is the first task of a new model, this one has learnt already"
        }
    }
}
