/// Processes that do one piece of work together: each runs the same program on the same values, takes its share of the
/// rows, and adds up with the others what comes of them.
///
/// What is asked of the group is asked by every rank, in the same order (collective calls), and never inside
/// `Parallelism.forEach`. `OneRank` is the group of a process alone.
public protocol RankGroup: Sendable {
    /// This process, 0 ..< `count`.
    var rank: Int { get }
    /// The number of processes, at least 1.
    var count: Int { get }

    /// Replaces `values` on every rank by their sums over all ranks. Terms are added in the order of ranks, so every rank
    /// gets the same bits, and the same bits again in the next run; another number of ranks changes the rounding alone.
    func sum(_ values: UnsafeMutableBufferPointer<Float>) throws
    func sum(_ values: UnsafeMutableBufferPointer<Double>) throws

    /// Replaces `bytes` on every rank by those of rank `root`; all have as many.
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws

    /// The bytes of every rank in the order of ranks, on rank `root`; nothing on the others.
    func gather(_ bytes: [UInt8], at root: Int) throws -> [[UInt8]]
}

extension RankGroup {
    /// Whether this process reads nobody else's results: it is alone.
    public var isAlone: Bool { count == 1 }
    /// Whether this process is the one that prints and writes.
    public var isFirst: Bool { rank == 0 }

    /// The part of `0..<rows` that is this rank's: consecutive, in the order of ranks, sizes differing by one at most.
    public func share(of rows: Int) -> Range<Int> { rows * rank / count..<rows * (rank + 1) / count }

    /// Sums over all ranks.
    public func sum(_ values: inout [Double]) throws { try values.withUnsafeMutableBufferPointer { try sum($0) } }

    /// Sums over all ranks, element by element.
    public func sum<Scalar: MatrixScalar>(_ matrix: inout Matrix<Scalar>) throws {
        try matrix.withUnsafeMutableElements { elements in
            if let single = elements as? UnsafeMutableBufferPointer<Float> { try sum(single) }
            if let double = elements as? UnsafeMutableBufferPointer<Double> { try sum(double) }
        }
    }

    /// Replaces the elements on every rank by those of rank `root`.
    public func broadcast<Scalar: MatrixScalar>(_ matrix: inout Matrix<Scalar>, from root: Int = 0) throws {
        guard !isAlone else { return }
        try matrix.withUnsafeMutableElements { try broadcast(UnsafeMutableRawBufferPointer($0), from: root) }
    }
}

/// A process alone: sums and broadcasts leave values as they are.
public struct OneRank: RankGroup {
    public var rank: Int { 0 }
    public var count: Int { 1 }

    public init() {}

    public func sum(_ values: UnsafeMutableBufferPointer<Float>) {}
    public func sum(_ values: UnsafeMutableBufferPointer<Double>) {}
    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {}
    public func gather(_ bytes: [UInt8], at root: Int) -> [[UInt8]] { [bytes] }
}

extension Parallelism {
    @TaskLocal static var group: any RankGroup = OneRank()

    /// The processes that everything called inside `withRanks` may share its rows with; this one alone by default.
    public static var ranks: any RankGroup { group }

    /// Runs `body`, in which learning and measuring share their rows with the other processes of `ranks`.
    public static func withRanks<Result>(_ ranks: any RankGroup, _ body: () throws -> Result) rethrows -> Result {
        try $group.withValue(ranks, operation: body)
    }
}
