/// What a rank has sent and how long it has spent on it.
public struct Traffic: Sendable, Equatable {
    /// Bytes that left this rank for others; what it keeps for itself does not count.
    public var sentBytes = 0
    /// Calls of a collective operation or of a message.
    public var calls = 0
    /// Seconds in communication, waiting for other ranks included.
    public var seconds = 0.0
}
