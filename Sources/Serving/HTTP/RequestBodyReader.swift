import FeatureData
import HTTPTypes
import Hummingbird
import Matrices
import NIOCore
import NIOHTTP1
import Synchronization

/// From a request's body to feature rows, within the limits of the settings.
final class RequestBodyReader: Sendable {
    private let settings: ServiceSettings
    /// Bytes of bodies in memory.
    private let pending = Atomic<Int>(0)

    init(settings: ServiceSettings) { self.settings = settings }

    var pendingBytes: Int { pending.load(ordering: .relaxed) }

    /// Rows `[rows, dimension]` of unit length, read and checked as those of a file are.
    ///
    /// - Throws: `RequestError`.
    func rows(of request: Request, dimension: Int) async throws -> Matrix<Float> {
        let form = try BodyForm(request.headers)
        var taken = 0
        defer { pending.subtract(taken, ordering: .relaxed) }
        let body = try await bytes(of: request, taken: &taken)
        guard body.readableBytes > 0 else { throw RequestError.bad("the request has no body, expected feature rows") }
        do {
            return try body.withUnsafeReadableBytes { try features(of: $0, form: form, dimension: dimension) }
        } catch let error as FeatureDataError {
            throw RequestError.bad("\(error)")
        }
    }

    private func features(of bytes: UnsafeRawBufferPointer, form: BodyForm, dimension: Int) throws -> Matrix<Float> {
        let name = "request body"
        let rows: FeatureRows
        switch form {
        case .json:
            let parser = RowsParser(columns: dimension, maximumRows: settings.maximumRows)
            rows = try FeatureRows(copying: parser.elements(bytes), columns: dimension, named: name)
        case .tensors:
            rows = try FeatureRows(TensorFile(copying: bytes, named: name))
        }
        guard rows.dimension == dimension else {
            throw RequestError.bad("\(name): rows of length \(rows.dimension), the model expects \(dimension)")
        }
        guard rows.count > 0 else { throw RequestError.bad("there are no rows") }
        guard rows.count <= settings.maximumRows else {
            throw RequestError(
                .contentTooLarge, "\(rows.count) rows, the most of a request are \(settings.maximumRows)")
        }
        return try rows.block(0..<rows.count).features
    }

    /// - Parameter taken: how much of `pending` the request holds, whatever is thrown.
    private func bytes(of request: Request, taken: inout Int) async throws -> ByteBuffer {
        let announced = try announcedLength(request.headers)
        if let announced {
            guard announced <= settings.maximumBodyBytes else { throw tooLarge }
            try take(announced, &taken)
        }
        var body = ByteBuffer()
        do {
            for try await chunk in request.body {
                let size = body.readableBytes + chunk.readableBytes
                guard size <= settings.maximumBodyBytes else { throw tooLarge }
                if size > taken { try take(size - taken, &taken) }
                if body.readableBytes == 0 {
                    body = chunk
                    if let announced { body.reserveCapacity(minimumWritableBytes: announced - size) }
                } else {
                    body.writeImmutableBuffer(chunk)
                }
            }
        } catch let error as RequestError {
            throw error
        } catch let error as HTTPParserError {
            throw RequestError.brokenOff("the body is malformed: \(error)")
        }
        if let announced, body.readableBytes < announced {
            throw RequestError.brokenOff(
                "the body ends after \(body.readableBytes) of the \(announced) bytes that were announced")
        }
        return body
    }

    private var tooLarge: RequestError {
        RequestError(
            .contentTooLarge, "the body is larger than \(settings.maximumBodyBytes) bytes, the most of a request",
            closes: true)
    }

    private func take(_ bytes: Int, _ taken: inout Int) throws(RequestError) {
        taken += bytes
        guard pending.add(bytes, ordering: .relaxed).newValue <= settings.maximumPendingBytes else {
            throw RequestError(
                .serviceUnavailable, "too many large requests at the same time", closes: true,
                headers: [.retryAfter: "1"])
        }
    }

    private func announcedLength(_ headers: HTTPFields) throws(RequestError) -> Int? {
        guard let text = headers[.contentLength] else { return nil }
        guard let length = Int(text), length >= 0 else {
            throw RequestError(.badRequest, "the header Content-Length is '\(text)'", closes: true)
        }
        return length
    }
}

/// How rows are written in a body.
enum BodyForm: Sendable {
    case json
    /// safetensors, npy or npz; told apart by their first bytes, as files are.
    case tensors

    static let mediaTypes: [(name: String, form: BodyForm)] = [
        ("application/json", .json), ("application/x-safetensors", .tensors), ("application/x-npy", .tensors),
        ("application/x-npz", .tensors), ("application/octet-stream", .tensors),
    ]

    /// - Throws: `RequestError` (415) for other types and for compressed bodies.
    init(_ headers: HTTPFields) throws(RequestError) {
        if let coding = headers[.contentEncoding], coding.lowercased() != "identity" {
            throw RequestError(.unsupportedMediaType, "the body is encoded as '\(coding)', expected none")
        }
        let type = headers[.contentType] ?? "application/json"
        let name = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard let known = Self.mediaTypes.first(where: { $0.name == name }) else {
            throw RequestError(
                .unsupportedMediaType,
                "the Content-Type is '\(type)', expected one of "
                    + Self.mediaTypes.map(\.name).joined(separator: ", "))
        }
        self = known.form
    }
}
