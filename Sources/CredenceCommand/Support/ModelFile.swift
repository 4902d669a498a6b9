import Credence
import Foundation

/// A model file: a head, the exemplars it rehearses on as tensors `exemplars.features` [rows, D], `exemplars.labels` [rows]
/// and `exemplars.budget` [1] or the name of the store that keeps them, where it was calibrated the calibration and the scores
/// for prediction sets, and a novelty detector.
struct ModelFile {
    let method: MethodName
    var head: any ArchivableHead
    var exemplars: ExemplarBuffer
    /// The exemplar store that keeps the model's rows instead of the model itself, as it was named when the model learnt.
    var exemplarStore: String?
    var calibration: Calibration?
    var conformal: ConformalPredictor?
    /// Of the rows that gave the scores.
    var conformalFingerprint: String?
    /// Fitted to the head as it is.
    var detector: Detector?

    /// - Parameter answering: whether the head is asked before it has learnt again; without, a RAIL head is not factorised.
    /// - Throws: `FeatureDataError`, `ModelArchiveError`, `ExemplarError` naming the file and what is wrong in it.
    static func load(_ url: URL, answering: Bool = true) throws -> ModelFile {
        let archive = try ModelArchive(contentsOf: url)
        if [RAILPrimalPart.method, NoveltyFitPart.method].contains(archive.method) {
            throw CommandFailure(
                .badData, "\(url.relativePath): is the part of a shard, no model: join the parts of all shards by credence merge")
        }
        guard let method = MethodName(rawValue: archive.method) else {
            throw CommandFailure(
                .badData,
                "\(url.relativePath): a model of the unknown method '\(archive.method)'; there are "
                    + HeadMethod.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let head = try method.load(archive, answering: answering)
        let labels = try archive.integers(Self.labels)
        let features = try archive.matrix(Self.features, rows: labels.count, columns: head.featureDimension)
        let budget = try archive.integers(Self.budget, count: 1)
        if let bad = labels.first(where: { $0 < 0 || $0 >= head.classNames.count }) {
            throw CommandFailure(
                .badData,
                "\(url.relativePath): tensor '\(Self.labels)': label \(bad), expected 0 to "
                    + "\(head.classNames.count - 1)")
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
    func save(to url: URL) throws {
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
    mutating func forgetCalibration() {
        (calibration, conformal, conformalFingerprint) = (nil, nil, nil)
    }

    /// Takes out everything that was fitted to the model as it was, and says so.
    mutating func forgetFitted(_ terminal: Terminal) {
        if calibration != nil || conformal != nil {
            forgetCalibration()
            terminal.say("the calibration was of the model before; calibrate again")
        }
        if detector != nil {
            detector = nil
            terminal.say("the novelty detector was of the model before; fit it again")
        }
    }

    /// Changes how a CLAP head predicts, for this run.
    mutating func setPrediction(context: CLAPPrediction.Context?, samples: Int?) throws {
        guard context != nil || samples != nil else { return }
        guard var clap = head as? CLAPHead else {
            throw CommandFailure(.usage, "--context and --samples do not apply to a \(method.rawValue) model")
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
