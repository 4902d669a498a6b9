import HTTPTypes

/// Why a request is refused: a status and one line for whoever sent it.
struct RequestError: Error, Sendable {
    var status: HTTPResponse.Status
    var message: String
    /// Whether what is left of the request cannot or should not be read, so that the connection ends with the answer.
    var closes = false
    var headers: HTTPFields = [:]
    /// Whether the request did not arrive whole, so that the connection has already refused it (`ConnectionGuard`).
    var isToldByConnection = false

    init(_ status: HTTPResponse.Status, _ message: String, closes: Bool = false, headers: HTTPFields = [:]) {
        (self.status, self.message, self.closes, self.headers) = (status, message, closes, headers)
    }

    static func brokenOff(_ message: String) -> RequestError {
        var error = RequestError(.badRequest, message, closes: true)
        error.isToldByConnection = true
        return error
    }

    static func bad(_ message: String) -> RequestError { RequestError(.badRequest, message) }
}
