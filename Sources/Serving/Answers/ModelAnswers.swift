import HTTPTypes
import Matrices
import Models
import NoveltyDetection
import Prediction

/// Answers about rows from the model that is served, by the code that answers for the command line.
final class ModelAnswers: Sendable {
    private let classification: BatchQueue<ModelRequest<ClassifyOptions>, PredictionBlock>
    private let novelty: BatchQueue<ModelRequest<NoveltyOptions>, NoveltyRows>
    private let timeout: Duration

    init(settings: ServiceSettings, metrics: ServiceMetrics) {
        timeout = .seconds(settings.timeout)
        classification = BatchQueue(
            name: "classify", threads: settings.threads, ran: { metrics.ran(rows: $0) }
        ) { key, rows, requests in
            let block = try key.classifier().predictions(for: rows)
            return requests.count == 1 ? [block] : requests.map { block.rows($0) }
        }
        novelty = BatchQueue(
            name: "novelty", threads: settings.threads, ran: { metrics.ran(rows: $0) }
        ) { key, rows, requests in
            let scored = try key.rows(rows)
            return requests.count == 1 ? [scored] : requests.map { scored.rows($0) }
        }
    }

    func classify(_ rows: Matrix<Float>, options: ClassifyOptions, with model: ServedModel) async throws -> PredictionBlock {
        try await classification.answer(
            rows, key: ModelRequest(model: model, options: options), joins: model.file.head.answersRowByRow,
            deadline: .now + timeout)
    }

    func score(_ rows: Matrix<Float>, options: NoveltyOptions, with model: ServedModel) async throws -> NoveltyRows {
        try await novelty.answer(
            rows, key: ModelRequest(model: model, options: options), joins: model.file.head.answersRowByRow,
            deadline: .now + timeout)
    }

    /// Whether the options can be met by the model; said before the body is read.
    static func check(_ options: ClassifyOptions, for model: ServedModel) throws(RequestError) {
        if options.conformal != nil, model.file.conformal == nil {
            throw .bad("the model has no scores for prediction sets; 'credence calibrate' makes them")
        }
    }

    static func check(_ options: NoveltyOptions, for model: ServedModel) throws(RequestError) {
        guard let novelty = model.novelty else {
            throw RequestError(
                .notFound, "the model has no novelty detector; 'credence novelty fit' puts one into the model's file")
        }
        if let name = options.decide, novelty.detector.part(name) == nil {
            throw .bad(
                "the detector has no score '\(name)'; it has "
                    + novelty.detector.parts.map(\.name).joined(separator: ", "))
        }
    }
}

/// What is asked of a model: requests for which it is the same can be answered together.
private struct ModelRequest<Options: Hashable & Sendable>: Hashable, Sendable {
    let model: ServedModel
    let options: Options

    static func == (left: Self, right: Self) -> Bool { left.model === right.model && left.options == right.options }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(model))
        hasher.combine(options)
    }
}

extension ModelRequest<ClassifyOptions> {
    fileprivate func classifier() throws -> Classifier {
        let file = model.file
        return Classifier(
            head: file.head, topK: options.topK, calibration: options.calibrated ? file.calibration : nil,
            sets: try options.conformal.map {
                try PredictionSets(file, model: model.path, alpha: $0, largest: options.abstain)
            })
    }
}

extension ModelRequest<NoveltyOptions> {
    fileprivate func rows(_ features: Matrix<Float>) throws -> NoveltyRows {
        guard let loaded = model.novelty else { throw ModelUseError.noDetector(file: model.path) }
        let rule = try model.noveltyRule(decide: options.decide, truePositiveRate: options.truePositiveRate)
        return rule.rows(try loaded.scores(for: features), firstRow: 0)
    }
}
