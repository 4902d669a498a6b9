/// Why a service cannot start.
public enum ServiceError: Error, Equatable, Sendable, CustomStringConvertible {
    case emptyModel(file: String)
    case cannotListen(host: String, port: Int, reason: String)

    public var description: String {
        switch self {
        case .emptyModel(let file): "\(file): the model knows no class yet"
        case .cannotListen(let host, let port, let reason): "cannot listen on \(host):\(port): \(reason)"
        }
    }
}
