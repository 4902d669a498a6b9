import FeatureData
import Foundation
import Matrices
import Prediction

/// What one shard of known rows contributes to a detector, as a file; the parts of all shards make the detector that one process
/// would have fitted.
///
/// A part holds means and scatter of its rows, those of its rows that scores draw at random, and those of its rows to compare with
/// (at most `comparedRows` of all shards, evenly spaced), whose scores give thresholds and p-values once the scores are fitted.
/// So rows are gone through once, wherever they are, and everything else happens where parts are joined.
///
/// The file is of the format of models (`ModelArchive`), of the method `novelty-part`. Size: 8·D² bytes, 16·D bytes a class, and
/// 4·D bytes for each row that is kept.
public struct NoveltyFitPart: Sendable {
    public let shard: RowShard
    public let agreement: Agreement
    let statistics: [Bool: ShardStatistics]
    /// In the order of `agreement.samples`; rows in the order of all rows.
    let samples: [LabelledFeatures]
    let compared: LabelledFeatures
    let classText: Matrix<Float>?
    let words: Matrix<Float>?

    /// What must be the same for all shards.
    public struct Agreement: Sendable, Codable, Equatable {
        /// Names and settings of the scores.
        var scores: [Wanted]
        public var classNames: [String]
        var dimension: Int
        /// Rows that are fitted to and that are compared with, of all shards.
        public var rows: Int
        public var compared: Int
        /// How many of the latter are kept, of all shards.
        var comparedLimit: Int
        var samples: [ShardedFit.Sample]
        var statistics: [Bool]
        var logitScale: Float
        var seed: UInt64
        /// Fingerprints.
        public var model: String?
        var data: String
        var text: String
        public var truePositiveRate: Double
        /// Whether the rows to compare with were held out of the split that is fitted to.
        public var isHeldOut: Bool
    }

    /// A score as it is asked for.
    struct Wanted: Codable, Equatable {
        var name: String
        /// JSON.
        var settings: String
    }

    /// Rows that give thresholds and p-values at most, of all shards.
    public static let comparedRows = 100_000
    public static let method = "novelty-part"
}

/// Known rows of one shard.
public struct KnownShare: Sendable {
    /// The shard's rows alone.
    public var rows: KnownRows
    /// The place of the first among the known rows of all shards.
    public var first: Int
    /// Known rows of all shards.
    public var total: Int

    public init(rows: KnownRows, first: Int, total: Int) { (self.rows, self.first, self.total) = (rows, first, total) }
}

extension NoveltyFitPart {
    /// Goes through a shard's rows once for what is drawn and three times for each kind of statistics.
    ///
    /// - Parameters:
    ///   - scores: unfitted.
    ///   - classes: the number of classes that have rows, in all shards.
    ///   - comparedLimit: how many rows of all shards are kept to compare with.
    /// - Throws: `NoveltyError`, and what reading the rows throws.
    public init(
        _ scores: [any NoveltyScore & Codable], shard: RowShard, fitting: KnownShare, comparing: KnownShare, classes: Int,
        modelFingerprint: String?, dataFingerprint: String, truePositiveRate: Double, isHeldOut: Bool,
        comparedLimit: Int = comparedRows
    ) throws {
        let needs = try NoveltyScores.shardedFit(scores, rows: fitting.total, classes: classes)
        let rows = fitting.rows
        for score in scores {
            if score.needs.contains(.classText), rows.classText == nil { throw NoveltyError.missing(.classText, score: score.name) }
            if score.needs.contains(.extraWords), rows.otherWords == nil { throw NoveltyError.missing(.extraWords, score: score.name) }
            if score.needs.contains(.posterior), modelFingerprint == nil { throw NoveltyError.missing(.posterior, score: score.name) }
        }
        var text = Fingerprint()
        for matrix in [rows.classText, rows.otherWords] { matrix?.withUnsafeElements { text.add(UnsafeRawBufferPointer($0)) } }
        agreement = Agreement(
            scores: try scores.map { Wanted(name: $0.name, settings: try Self.json($0)) }, classNames: rows.classNames,
            dimension: rows.dimension, rows: fitting.total, compared: comparing.total, comparedLimit: comparedLimit,
            samples: needs.samples, statistics: needs.statistics.sorted { !$0 && $1 }, logitScale: rows.logitScale,
            seed: rows.seed, model: modelFingerprint, data: dataFingerprint, text: text.description,
            truePositiveRate: truePositiveRate, isHeldOut: isHeldOut)
        self.shard = shard
        (classText, words) = (rows.classText, rows.otherWords)
        var statistics: [Bool: ShardStatistics] = [:]
        for unitLength in needs.statistics.sorted(by: { !$0 && $1 }) {
            statistics[unitLength] = try ShardStatistics(rows, unitLength: unitLength)
        }
        self.statistics = statistics
        samples = try needs.samples.map { sample in
            guard sample.size < fitting.total else { return try rows.rows(at: nil) }
            let chosen = KnownRows.choice(of: sample.size, from: fitting.total, seed: rows.seed, stream: sample.stream)
            return try rows.rows(at: chosen.compactMap { Self.place($0, fitting) })
        }
        compared = try comparing.rows.rows(
            at: comparing.total <= comparedLimit
                ? nil : (0..<comparedLimit).compactMap { Self.place($0 * comparing.total / comparedLimit, comparing) })
    }

    /// A place among all rows as one among the shard's, where it is.
    private static func place(_ place: Int, _ share: KnownShare) -> Int? {
        (share.first..<share.first + share.rows.count).contains(place) ? place - share.first : nil
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension KnownRows {
    /// Rows at ascending places; nil: all.
    fileprivate func rows(at places: [Int]?) throws -> LabelledFeatures {
        var features = Matrix<Float>(rows: places?.count ?? count, columns: dimension)
        let target = features.mutablePointer()
        var labels: [Int] = []
        guard features.rows > 0 else { return LabelledFeatures(features: features, labels: []) }
        try forEachBlock { block in
            for row in 0..<block.features.rows {
                if let places, labels.count == places.count || places[labels.count] != block.firstRow + row { continue }
                (target + labels.count * dimension).update(from: block.features.pointer + row * dimension, count: dimension)
                labels.append(block.labels[row])
            }
        }
        return LabelledFeatures(features: features, labels: labels)
    }
}
