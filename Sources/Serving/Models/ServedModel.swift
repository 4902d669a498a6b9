import FeatureData
import Foundation
import Models
import NoveltyDetection

/// A model as it is served: never changed, so that a request that has begun finishes with the model it began with.
final class ServedModel: Sendable {
    let path: String
    let file: ModelFile
    /// `nil` where the model has no detector.
    let novelty: LoadedDetector?
    /// Of the content.
    let fingerprint: String
    let loadedAt: Date
    /// The class names as JSON texts.
    let names: [String]
    /// By the detector's own threshold: sorting its known scores once serves most requests.
    private let ownRule: NoveltyRule?
    /// What `GET /v1/model` answers.
    let description: ModelDescription

    /// - Throws: as `ModelFile.load`, and where the detector is of another model.
    init(_ url: URL) throws {
        path = url.relativePath
        file = try ModelFile.load(url)
        fingerprint = try file.head.archive().fingerprint()
        novelty = file.detector == nil ? nil : try LoadedDetector(model: (path, file), modelFingerprint: fingerprint)
        loadedAt = Date()
        ownRule = try novelty.map { try Self.rule($0, decide: nil, truePositiveRate: nil) }
        names = PredictionColumns(classNames: file.head.classNames).classNamesAsJSON
        description = ModelDescription(
            model: fingerprint, file: path, method: file.method.rawValue, classes: file.head.classNames,
            featureDimension: file.head.featureDimension, calibration: file.calibration?.method.rawValue,
            predictionSets: file.conformal != nil, noveltyScores: novelty?.detector.parts.map(\.name) ?? [],
            loadedAt: loadedAt.formatted(.iso8601))
    }
}

extension ServedModel {
    /// From scores to what is novel.
    ///
    /// - Throws: `ModelUseError.unknownScore`, `NoveltyError`.
    func noveltyRule(decide: String?, truePositiveRate: Double?) throws -> NoveltyRule {
        if decide == nil, truePositiveRate == nil, let ownRule { return ownRule }
        guard let novelty else { throw ModelUseError.noDetector(file: path) }
        return try Self.rule(novelty, decide: decide, truePositiveRate: truePositiveRate)
    }

    private static func rule(
        _ loaded: LoadedDetector, decide: String?, truePositiveRate: Double?
    ) throws -> NoveltyRule {
        let decisive = try loaded.decisive(decide)
        let threshold = try loaded.detector.parts[decisive].threshold(
            truePositiveRate: truePositiveRate ?? loaded.detector.truePositiveRate)
        return NoveltyRule(
            limit: .threshold(threshold), decisive: decisive, pValues: try loaded.detector.parts.map { try $0.pValues() })
    }
}

/// What is told of the model.
struct ModelDescription: Encodable, Sendable {
    /// The fingerprint of the head, which answers name too.
    var model: String
    var file: String
    var method: String
    var classes: [String]
    var featureDimension: Int
    /// The method, where the model is calibrated.
    var calibration: String?
    /// Whether `conformal` can be asked for.
    var predictionSets: Bool
    /// The first decides; empty where the model has no detector.
    var noveltyScores: [String]
    var loadedAt: String
}
