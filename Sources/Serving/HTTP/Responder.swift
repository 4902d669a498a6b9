import FeatureData
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Models
import NIOCore

/// Requests to answers: checks what may be asked, asks the model, and writes JSON.
struct Responder: HTTPResponder {
    typealias Context = BasicRequestContext

    let store: ModelStore
    let settings: ServiceSettings
    let metrics: ServiceMetrics
    let answers: ModelAnswers
    let bodies: RequestBodyReader
    /// Whether new work is welcome; false once the service is stopping.
    let isReady: Locked<Bool>
    let logger: Logger
    private let token: BearerToken?

    init(
        store: ModelStore, settings: ServiceSettings, metrics: ServiceMetrics, isReady: Locked<Bool>, logger: Logger
    ) {
        (self.store, self.settings, self.metrics, self.isReady) = (store, settings, metrics, isReady)
        self.logger = logger
        answers = ModelAnswers(settings: settings, metrics: metrics)
        bodies = RequestBodyReader(settings: settings)
        token = settings.token.map(BearerToken.init)
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let start = ContinuousClock.now
        metrics.began()
        let path = request.head.path ?? "/"
        let route = Route(path: path)
        var response: Response
        do {
            response = try await answer(request, path: path, route: route)
        } catch let error as RequestError {
            response = .refusing(error)
            if error.isToldByConnection {
                metrics.brokenOff()
                return response
            }
        } catch {
            logger.error("answering failed", metadata: ["path": "\(path)", "error": "\(error)"])
            response = .refusing(RequestError(.internalServerError, "the request could not be answered: \(error)"))
        }
        if request.head.method == .head { response = response.createHeadResponse() }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.ended(route: route?.path ?? "other", status: response.status.code, seconds: seconds)
        return response
    }

    private func answer(_ request: Request, path: String, route: Route?) async throws -> Response {
        if let token, route?.isOpen != true, !token.isCarried(by: request.headers) {
            throw RequestError(
                .unauthorized, "the request needs the header 'Authorization: Bearer …' with the service's token",
                closes: request.head.method == .post, headers: [.wwwAuthenticate: "Bearer"])
        }
        guard let route else {
            throw RequestError(
                .notFound, "there is no '\(path.prefix(200))'; there are "
                    + Route.allCases.map { "\($0.method.rawValue) \($0.path)" }.joined(separator: ", "))
        }
        let method = request.head.method
        guard method == route.method || (method == .head && route.method == .get) else {
            throw RequestError(
                .methodNotAllowed, "\(route.path) answers \(route.method.rawValue), not \(method.rawValue)",
                headers: [.allow: route.method.rawValue])
        }
        let query = try QueryOptions(path: path)
        let model = store.current
        switch route {
        case .classify: return try await classify(request, options: ClassifyOptions(query), model: model)
        case .novelty: return try await score(request, options: NoveltyOptions(query), model: model)
        case .model: return try .json(model.description)
        case .health: return .json("{\"status\":\"ok\"}")
        case .readiness:
            guard isReady.withLock({ $0 }) else { throw RequestError(.serviceUnavailable, "the service is stopping") }
            return .json("{\"status\":\"ready\"}")
        case .metrics:
            let history = store.history
            let text = metrics.text(
                models: (history.reloads, history.failures, model.names.count), pendingBytes: bodies.pendingBytes)
            return .text(text, type: "text/plain; version=0.0.4; charset=utf-8")
        case .description: return .json(OpenAPI.text)
        }
    }

    private func classify(_ request: Request, options: ClassifyOptions, model: ServedModel) async throws -> Response {
        let lines = try AnswerForm(request.headers)
        try ModelAnswers.check(options, for: model)
        let rows = try await bodies.rows(of: request, dimension: model.file.head.featureDimension)
        let block = try await answers.classify(rows, options: options, with: model)
        metrics.answered(rows: block.count, route: Route.classify.path)
        let columns = PredictionColumns(
            classNames: model.file.head.classNames, topK: min(options.topK, model.names.count),
            hasSets: options.conformal != nil, abstains: options.abstain != nil, allProbabilities: options.probabilities)
        return lines.response(model: model, rows: block.count) { row, text in
            block.appendJSON(row, columns: columns, names: model.names, to: &text)
        }
    }

    private func score(_ request: Request, options: NoveltyOptions, model: ServedModel) async throws -> Response {
        let lines = try AnswerForm(request.headers)
        try ModelAnswers.check(options, for: model)
        let rows = try await bodies.rows(of: request, dimension: model.file.head.featureDimension)
        let scored = try await answers.score(rows, options: options, with: model)
        metrics.answered(rows: scored.count, route: Route.novelty.path)
        return lines.response(model: model, rows: scored.count) { row, text in
            scored.appendJSON(row, scores: model.description.noveltyScores, to: &text)
        }
    }
}

/// How answers about rows are written.
enum AnswerForm: Sendable {
    /// `{"model": …, "rows": […]}`.
    case object
    /// One object a line, as the command line prints them; the header `Credence-Model` names the model.
    case lines

    /// - Throws: `RequestError` (406) where the client takes neither.
    init(_ headers: HTTPFields) throws(RequestError) {
        guard let accepted = headers[.accept]?.lowercased() else {
            self = .object
            return
        }
        let types = accepted.split(separator: ",").map { $0.prefix { $0 != ";" }.filter { $0 != " " } }
        if types.contains(where: { ["application/json", "application/*", "*/*"].contains($0) }) {
            self = .object
        } else if types.contains("application/x-ndjson") {
            self = .lines
        } else {
            throw RequestError(.notAcceptable, "the answer can be application/json or application/x-ndjson")
        }
    }

    func response(model: ServedModel, rows: Int, append: (Int, inout String) -> Void) -> Response {
        var text = ""
        text.reserveCapacity(256 * rows + 64)
        switch self {
        case .object:
            text += "{\"model\":\"\(model.fingerprint)\",\"rows\":["
            for row in 0..<rows {
                if row > 0 { text += "," }
                append(row, &text)
            }
            text += "]}\n"
            return .text(text, type: "application/json")
        case .lines:
            for row in 0..<rows {
                append(row, &text)
                text += "\n"
            }
            var response = Response.text(text, type: "application/x-ndjson")
            response.headers[.credenceModel] = model.fingerprint
            return response
        }
    }
}

extension HTTPField.Name {
    /// The fingerprint of the model that answered.
    static var credenceModel: HTTPField.Name { HTTPField.Name("Credence-Model") ?? .server }
}

extension Response {
    static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static func json(_ text: String) -> Response { .text(text + "\n", type: "application/json") }

    static func json(_ value: some Encodable) throws -> Response {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return .json(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    static func refusing(_ error: RequestError) -> Response {
        var response = Response.text(
            RefusalText.body(error.message), type: "application/json", status: error.status)
        for field in error.headers { response.headers[field.name] = field.value }
        if error.closes { response.headers[.connection] = "close" }
        return response
    }
}

/// The body of every refusal: `{"error": {"message": …}}`.
enum RefusalText {
    static func body(_ message: String) -> String { "{\"error\":{\"message\":\(message.asJSON)}}\n" }
}
