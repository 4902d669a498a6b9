/// A call of MPI that failed.
public struct MPIError: Error, Equatable, CustomStringConvertible {
    /// The function of MPI.
    public let call: String
    /// The rank on which it failed; nil before ranks are known.
    public let rank: Int?
    /// MPI's error code and its message.
    public let code: Int32
    public let message: String

    public init(call: String, rank: Int?, code: Int32, message: String) {
        (self.call, self.rank, self.code, self.message) = (call, rank, code, message)
    }

    public var description: String {
        "\(call) failed\(rank.map { " on rank \($0)" } ?? ""): \(message) (MPI error \(code))"
    }
}
