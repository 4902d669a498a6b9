import CLAP
import Exemplars
import FeatureData
import Foundation
import Matrices
import NoveltyDetection
import Prediction
import RAIL

/// A model file: a head, the exemplars it rehearses on as tensors `exemplars.features` [rows, D], `exemplars.labels` [rows]
/// and `exemplars.budget` [1] or the name of the store that keeps them, where it was calibrated the calibration and the scores
/// for prediction sets, and a novelty detector.
public struct ModelFile: Sendable {
    public let method: MethodName
    public var head: any ArchivableHead
    public var exemplars: ExemplarBuffer
    /// The exemplar store that keeps the model's rows instead of the model itself, as it was named when the model learnt.
    public var exemplarStore: String?
    public var calibration: Calibration?
    public var conformal: ConformalPredictor?
    /// Of the rows that gave the scores.
    public var conformalFingerprint: String?
    /// Fitted to the head as it is.
    public var detector: Detector?

    public init(
        method: MethodName, head: any ArchivableHead, exemplars: ExemplarBuffer, exemplarStore: String? = nil,
        calibration: Calibration? = nil, conformal: ConformalPredictor? = nil, conformalFingerprint: String? = nil,
        detector: Detector? = nil
    ) {
        (self.method, self.head, self.exemplars, self.exemplarStore) = (method, head, exemplars, exemplarStore)
        (self.calibration, self.conformal, self.conformalFingerprint) = (calibration, conformal, conformalFingerprint)
        self.detector = detector
    }

    /// - Parameter answering: whether the head is asked before it has learnt again; without, a RAIL head is not factorised.
    /// - Throws: `FeatureDataError`, `ModelArchiveError`, `ModelUseError`, `ExemplarError` naming the file and what is wrong in it.
    public static func load(_ url: URL, answering: Bool = true) throws -> ModelFile {
        let archive = try ModelArchive(contentsOf: url)
        if [RAILPrimalPart.method, NoveltyFitPart.method].contains(archive.method) {
            throw ModelUseError.shardPart(file: url.relativePath)
        }
        guard let method = MethodName(rawValue: archive.method) else {
            throw ModelUseError.unknownMethod(file: url.relativePath, archive.method)
        }
        let head = try method.load(archive, answering: answering)
        let labels = try archive.integers(Self.labels)
        let features = try archive.matrix(Self.features, rows: labels.count, columns: head.featureDimension)
        let budget = try archive.integers(Self.budget, count: 1)
        if let bad = labels.first(where: { $0 < 0 || $0 >= head.classNames.count }) {
            throw ModelUseError.label(
                file: url.relativePath, tensor: Self.labels, found: bad, classes: head.classNames.count)
        }
        let exemplars = try ExemplarBuffer(
            budget: budget[0], stored: LabelledFeatures(features: features, labels: labels))
        let conformal = try ConformalPredictor.stored(in: archive)
        return ModelFile(
            method: method, head: head, exemplars: exemplars,
            exemplarStore: try archive.attachment(Self.store), calibration: try Calibration(archive: archive),
            conformal: conformal?.predictor, conformalFingerprint: conformal?.fingerprint,
            detector: try Detector(archive: archive))
    }

    /// Replaces the file in one step.
    public func save(to url: URL) throws {
        var archive = try head.archive()
        let none = Matrix<Float>(rows: 0, columns: head.featureDimension)
        let rows = exemplars.isEmpty ? none : exemplars.exemplars.features
        archive.tensors[Self.features] = ArchivedTensor(rows)
        archive.tensors[Self.labels] = ArchivedTensor(exemplars.exemplars.labels)
        archive.tensors[Self.budget] = ArchivedTensor([exemplars.budget])
        if let exemplarStore { try archive.attach(exemplarStore, as: Self.store) }
        try calibration?.store(in: &archive)
        try conformal?.store(in: &archive, fingerprint: conformalFingerprint ?? "")
        try detector?.store(in: &archive)
        try archive.write(to: url)
    }

    /// Takes out what was fitted to the model as it was.
    public mutating func forgetCalibration() {
        (calibration, conformal, conformalFingerprint) = (nil, nil, nil)
    }

    /// Changes how a CLAP head predicts; the file stays as it is.
    ///
    /// - Throws: `ModelUseError.prediction` for other heads.
    public mutating func setPrediction(context: CLAPPrediction.Context?, samples: Int?) throws {
        guard context != nil || samples != nil else { return }
        guard var clap = head as? CLAPHead else {
            throw ModelUseError.prediction(method: method.rawValue)
        }
        if let context { clap.recipe.prediction.context = context }
        if let samples { clap.recipe.prediction.samples = samples }
        head = clap
    }

    private static let features = "exemplars.features"
    private static let labels = "exemplars.labels"
    private static let budget = "exemplars.budget"
    private static let store = "exemplar_store"
}
