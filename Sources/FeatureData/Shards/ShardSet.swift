/// Checks that parts of shards are those of one whole: each shard once, and all of them.
public enum ShardSet {
    /// The places of the parts in the order of their shards.
    ///
    /// - Parameters:
    ///   - shards: each part's name for messages and its shard.
    ///   - allowingMissing: some shards need not be there.
    /// - Throws: `ShardSetError` for parts of divisions into different numbers, a shard given twice, and missing shards.
    public static func order(
        _ shards: [(name: String, shard: RowShard)], allowingMissing: Bool = false
    ) throws(ShardSetError) -> [Int] {
        guard let first = shards.first else { throw .noParts }
        var place: [Int: Int] = [:]
        for (index, part) in shards.enumerated() {
            guard part.shard.count == first.shard.count else {
                throw .counts(first.name, first.shard, part.name, part.shard)
            }
            if let other = place.updateValue(index, forKey: part.shard.index) {
                throw .repeated(part.shard, shards[other].name, part.name)
            }
        }
        let missing = (1...first.shard.count).filter { place[$0] == nil }
        guard allowingMissing || missing.isEmpty else { throw .missing(missing, of: first.shard.count) }
        return place.sorted { $0.key < $1.key }.map(\.value)
    }
}

/// Parts that are not those of one whole.
public enum ShardSetError: Error, Equatable, CustomStringConvertible {
    case noParts
    case counts(String, RowShard, String, RowShard)
    case repeated(RowShard, String, String)
    case missing([Int], of: Int)

    public var description: String {
        switch self {
        case .noParts: return "there are no parts"
        case .counts(let a, let first, let b, let second):
            return "\(a) is shard \(first) and \(b) is shard \(second): parts of one division are needed"
        case .repeated(let shard, let a, let b): return "\(a) and \(b) are both shard \(shard): one would count twice"
        case .missing(let missing, let count):
            let listed = missing.prefix(10).map(String.init).joined(separator: ", ") + (missing.count > 10 ? ", …" : "")
            return missing.count == 1
                ? "shard \(listed) of \(count) is missing" : "shards \(listed) of \(count) are missing (\(missing.count))"
        }
    }
}
