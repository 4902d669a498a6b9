import HTTPTypes

/// The token that requests must carry.
struct BearerToken: Sendable {
    private let expected: [UInt8]

    init(_ token: String) { expected = Array(token.utf8) }

    func isCarried(by headers: HTTPFields) -> Bool {
        guard let value = headers[.authorization], value.lowercased().hasPrefix("bearer ") else { return false }
        return isEqual(to: Array(value.dropFirst(7).utf8))
    }

    /// Takes as long for a token that is wrong in its first byte as for one that is wrong in its last, so that the time says
    /// nothing of it but its length.
    func isEqual(to given: [UInt8]) -> Bool {
        var difference = UInt8(given.count == expected.count ? 0 : 1)
        for index in given.indices { difference |= given[index] ^ (expected.isEmpty ? 1 : expected[index % expected.count]) }
        return difference == 0 && !expected.isEmpty
    }
}
