import HTTPTypes

/// What can be asked of the service. The OpenAPI description has an entry for each, and no other.
enum Route: String, CaseIterable, Sendable {
    case classify = "/v1/classify"
    case novelty = "/v1/novelty"
    case model = "/v1/model"
    case health = "/healthz"
    case readiness = "/readyz"
    case metrics = "/metrics"
    case description = "/openapi.json"

    /// - Parameter path: as in the request line, with the query.
    init?(path: String) { self.init(rawValue: String(path.prefix { $0 != "?" })) }

    var path: String { rawValue }

    var method: HTTPRequest.Method {
        switch self {
        case .classify, .novelty: .post
        default: .get
        }
    }

    /// Whether it is answered without the token: what looks after a service has none.
    var isOpen: Bool { self == .health || self == .readiness }
}
