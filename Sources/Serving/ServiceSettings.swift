/// What a service listens on and what it grants.
public struct ServiceSettings: Sendable {
    /// The address to listen on; loopback by default.
    public var host = "127.0.0.1"
    /// 0: any free port.
    public var port = 8080
    /// What requests must carry as `Authorization: Bearer …`; `nil`: anyone who can connect may ask. `/healthz` and
    /// `/readyz` never need it.
    public var token: String?
    /// The largest request body, in bytes.
    public var maximumBodyBytes = 64 << 20
    /// The most rows in a request.
    public var maximumRows = 100_000
    /// Connections at the same time; more wait to be accepted.
    public var maximumConnections = 1024
    /// Bytes of request bodies in memory at the same time; a request beyond is refused with 503.
    public var maximumPendingBytes = 512 << 20
    /// Seconds in which a request must have arrived, and in which its computation must have begun; and in which a client
    /// must take its answer.
    public var timeout = 30.0
    /// Seconds after which a connection without a request is closed.
    public var idleTimeout = 75.0
    /// Threads for the model; `nil`: all cores.
    public var threads: Int?
    /// Seconds between looks at the model's file, which is loaded anew when it has changed; `nil`: `reload` alone does.
    public var watchInterval: Double?

    public init() {}
}
