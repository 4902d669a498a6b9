/// One of `count` contiguous ranges of rows that follow each other and together are all rows: the share of one machine of
/// several, of one task of a job array. Written `3/8`: the third of eight.
///
/// Which rows a shard has depends on the number of rows, the number of shards and the alignment alone, so machines need not
/// talk to agree. Shards differ by one row at most (with an alignment, by one block, the last block being short); where there are
/// fewer rows than shards, some are empty.
public struct RowShard: Sendable, Hashable {
    /// 1 to `count`.
    public let index: Int
    public let count: Int

    public init(_ index: Int, of count: Int) {
        precondition(count >= 1 && (1...count).contains(index), "shard \(index) of \(count)")
        (self.index, self.count) = (index, count)
    }

    /// All rows: `1/1`.
    public static let whole = RowShard(1, of: 1)

    /// All shards of a number, in order.
    public static func all(_ count: Int) -> [RowShard] { (1...max(1, count)).map { RowShard($0, of: count) } }

    /// The shard's rows among `rows`.
    ///
    /// - Parameter alignment: shards begin at multiples of it, so that blocks of that many rows are the same blocks as without
    ///   shards, and what is computed of a block has the same bits.
    public func range(of rows: Int, alignedTo alignment: Int = 1) -> Range<Int> {
        precondition(rows >= 0 && alignment >= 1, "\(rows) rows in blocks of \(alignment)")
        let blocks = rows / alignment + (rows % alignment == 0 ? 0 : 1)
        let (quotient, rest) = blocks.quotientAndRemainder(dividingBy: count)
        func start(_ shard: Int) -> Int { min(rows, (shard * quotient + min(shard, rest)) * alignment) }
        return start(index - 1)..<start(index)
    }
}

extension RowShard: LosslessStringConvertible {
    /// `3/8`.
    public var description: String { "\(index)/\(count)" }

    public init?(_ description: String) {
        guard let shard = try? RowShard(parsing: description) else { return nil }
        self = shard
    }

    /// From `i/n`.
    ///
    /// - Throws: `RowShardError` saying what is wrong with it.
    public init(parsing text: String) throws(RowShardError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else { throw .notation(text) }
        guard count >= 1 else { throw .count(text) }
        guard (1...count).contains(index) else { throw .index(text, index: index, count: count) }
        self.init(index, of: count)
    }
}

extension RowShard: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(parsing: text)
        } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "\(error)"))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What is no shard.
public enum RowShardError: Error, Equatable, CustomStringConvertible {
    case notation(String)
    case count(String)
    case index(String, index: Int, count: Int)

    public var description: String {
        switch self {
        case .notation(let text): "'\(text)' is no shard: expected i/n, such as 3/8 for the third of eight"
        case .count(let text): "'\(text)' is no shard: there must be one at least"
        case .index(let text, let index, let count):
            "'\(text)' is no shard: there are 1 to \(count), not \(index)" + (index == 0 ? " (they are counted from 1)" : "")
        }
    }
}
