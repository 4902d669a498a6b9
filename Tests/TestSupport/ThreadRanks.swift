import Foundation
import Matrices

/// Ranks that are threads of this process: what several processes do by MPI, for the tests of a build without it.
public final class ThreadRanks: @unchecked Sendable {  // all state under `condition`
    private let count: Int
    private let condition = NSCondition()
    private var deposits: [[UInt8]]
    private var arrived = 0
    private var round = 0
    private var hasFailed = false

    private init(_ count: Int) {
        self.count = count
        deposits = Array(repeating: [], count: count)
    }

    /// Runs `body` on each of `count` ranks, with `Parallelism.ranks` set; their results in the order of ranks.
    ///
    /// - Throws: the first error of a rank; the others are then released.
    public static func run<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (any RankGroup) throws -> Result
    ) throws -> [Result] {
        let group = ThreadRanks(count)
        let results = Results<Result>(count)
        let threads = (0..<count).map { rank in
            let thread = Thread {
                let own = Rank(group: group, rank: rank)
                let result = Swift.Result {
                    try Parallelism.withThreads(1) { try Parallelism.withRanks(own) { try body(own) } }
                }
                if case .failure = result { group.fail() }
                results.set(result, at: rank)
            }
            thread.stackSize = 8 << 20
            thread.start()
            return thread
        }
        defer { withExtendedLifetime(threads) {} }
        return try results.wait()
    }

    /// The bytes of all ranks; returns when all have given theirs.
    fileprivate func exchange(_ bytes: [UInt8], from rank: Int) throws -> [[UInt8]] {
        condition.lock()
        defer { condition.unlock() }
        deposits[rank] = bytes
        // Two meetings: all have given, then all have taken.
        try meet()
        let all = deposits
        try meet()
        return all
    }

    private func meet() throws {
        let mine = round
        arrived += 1
        if arrived == count {
            (arrived, round) = (0, round + 1)
            condition.broadcast()
        }
        while round == mine, !hasFailed { condition.wait() }
        if round == mine { throw RankFailed() }
    }

    private func fail() {
        condition.lock()
        hasFailed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Another rank has ended with an error.
    public struct RankFailed: Error {}

    private struct Rank: RankGroup {
        let group: ThreadRanks
        let rank: Int
        var count: Int { group.count }

        func sum(_ values: UnsafeMutableBufferPointer<Float>) throws { try sum(of: values) }
        func sum(_ values: UnsafeMutableBufferPointer<Double>) throws { try sum(of: values) }

        private func sum<Scalar: MatrixScalar>(of values: UnsafeMutableBufferPointer<Scalar>) throws {
            let all = try group.exchange(Array(UnsafeRawBufferPointer(values)), from: rank)
            for (other, bytes) in all.enumerated() {
                bytes.withUnsafeBytes { raw in
                    for (index, value) in raw.bindMemory(to: Scalar.self).enumerated() {
                        if other == 0 { values[index] = value } else { values[index] += value }
                    }
                }
            }
        }

        func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws {
            let all = try group.exchange(rank == root ? Array(bytes) : [], from: rank)
            bytes.copyBytes(from: all[root])
        }

        func gather(_ bytes: [UInt8], at root: Int) throws -> [[UInt8]] {
            let all = try group.exchange(bytes, from: rank)
            return rank == root ? all : []
        }
    }

    private final class Results<Value: Sendable>: @unchecked Sendable {  // all state under `condition`
        private let condition = NSCondition()
        private var values: [Result<Value, any Error>?]

        init(_ count: Int) { values = Array(repeating: nil, count: count) }

        func set(_ value: Result<Value, any Error>, at rank: Int) {
            condition.lock()
            values[rank] = value
            condition.broadcast()
            condition.unlock()
        }

        func wait() throws -> [Value] {
            condition.lock()
            defer { condition.unlock() }
            while values.contains(where: { $0 == nil }) { condition.wait() }
            let all = values.compactMap { $0 }
            // An error of its own tells more than that another rank has failed.
            for case .failure(let error) in all where !(error is RankFailed) { throw error }
            return try all.map { try $0.get() }
        }
    }
}
