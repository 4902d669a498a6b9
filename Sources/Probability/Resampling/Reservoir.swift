/// A uniform sample of a stream of unknown length (algorithm R: Vitter 1985, doi:10.1145/3147.3165). O(1) a row.
public struct Reservoir: Sendable {
    /// The most rows kept.
    public let capacity: Int
    /// Rows offered so far.
    public private(set) var offered = 0
    private var stream: RandomStream

    public init(capacity: Int, seed: UInt64) {
        precondition(capacity > 0, "a reservoir of \(capacity) rows")
        self.capacity = capacity
        stream = RandomStream(seed: seed)
    }

    /// The place at which the next row is kept, in place of the row there where the reservoir is full; `nil`: not at all.
    public mutating func offer() -> Int? {
        offered += 1
        if offered <= capacity { return offered - 1 }
        let place = stream.integer(below: offered)
        return place < capacity ? place : nil
    }
}
