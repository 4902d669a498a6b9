import CMPI
import Foundation
import Matrices
import Synchronization

/// The processes that one `mpirun` has started, through MPI; without it, and in a build without the package trait `MPI`, a
/// single rank for which every operation does what it says with itself.
///
/// Sums are this type's own, not MPI's, whose order of addition is the implementation's affair: each rank receives its
/// slice from all ranks, adds them in the order of ranks and passes the sums on. That sends 2·(n − 1)/n times the values
/// from each of n ranks, which is the least there is. Large operands go in chunks, so there is no limit to their size.
///
/// Calls wait without holding the processor for long, and see `checkpoint` while they do: a rank that is told to stop does
/// not hang in an operation that the others will never join. Operations are collective: all ranks, the same order. They
/// come from one thread at a time.
public final class Communicator: RankGroup {
    public let rank: Int
    public let count: Int
    /// Bytes that one call of MPI moves at most.
    public let chunkBytes: Int
    /// Whether there are calls to make: not for a process by itself in a build with MPI, which then was never started.
    private let isConnected: Bool
    private let checkpoint: @Sendable () throws -> Void
    private let counter = Mutex(Traffic())

    /// Joins the ranks that were started together, where a launcher of MPI (`mpirun`, `srun --mpi=pmix`) started this
    /// process and the build has MPI; a rank by itself otherwise. To be called once in a process, which then ends with `finish`
    /// or `abort`.
    ///
    /// - Parameters:
    ///   - chunkBytes: what one call of MPI moves at most, 16 bytes at least.
    ///   - checkpoint: called while waiting; what it throws ends the operation and makes this communicator useless.
    /// - Throws: `MPIError`.
    public init(chunkBytes: Int = 64 << 20, checkpoint: @escaping @Sendable () throws -> Void = {}) throws(MPIError) {
        precondition(chunkBytes >= 16 && chunkBytes <= 1 << 30, "chunks of \(chunkBytes) bytes")
        var (rank, size): (Int32, Int32) = (0, 1)
        isConnected = Launcher.isPresent || !Self.isBuilt
        if isConnected {
            try Self.check(credence_mpi_start(&rank, &size), "MPI_Init_thread", rank: nil)
        }
        self.rank = Int(rank)
        count = Int(size)
        self.chunkBytes = chunkBytes
        self.checkpoint = checkpoint
    }

    /// Whether this build has MPI: the package trait `MPI`.
    public static var isBuilt: Bool { credence_mpi_is_built() }

    /// What this rank has sent so far.
    public var traffic: Traffic { counter.withLock { $0 } }

    /// Leaves MPI; waits for all ranks.
    public func finish() throws(MPIError) {
        guard isConnected else { return }
        try Self.check(credence_mpi_finish(), "MPI_Finalize", rank: rank)
    }

    /// Ends the processes of all ranks with an exit status, whatever they are doing.
    public func abort(_ status: Int32) -> Never {
        if count > 1 { credence_mpi_abort(status) }
        exit(status)
    }

    // MARK: - Operations

    /// Returns when every rank has come here.
    public func barrier() throws {
        try run("MPI_Ibarrier", sends: 0) { credence_mpi_barrier($0) }
    }

    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws {
        for chunk in chunks(of: bytes) {
            try run("MPI_Ibcast", sends: rank == root ? chunk.count : 0) { request in
                credence_mpi_broadcast(chunk.baseAddress, Int32(chunk.count), Int32(root), request)
            }
        }
    }

    public func sum(_ values: UnsafeMutableBufferPointer<Float>) throws {
        try sumInRankOrder(values) { to, from, count in FloatKernels.combine(to, 1, to, 1, from, count) }
    }

    public func sum(_ values: UnsafeMutableBufferPointer<Double>) throws {
        try sumInRankOrder(values) { to, from, count in DoubleKernels.combine(to, 1, to, 1, from, count) }
    }

    public func gather(_ bytes: [UInt8], at root: Int) throws -> [[UInt8]] {
        let counts = try allCounts(bytes.count)
        guard rank == root else {
            if !bytes.isEmpty { try send(bytes, to: root) }
            return []
        }
        return try counts.indices.map { from in
            if from == rank { return bytes }
            return counts[from] > 0 ? try receive(counts[from], from: from) : []
        }
    }

    /// Sends bytes to another rank, which must `receive` as many; returns when they may be forgotten.
    public func send(_ bytes: [UInt8], to rank: Int) throws {
        try requirePeers("MPI_Isend")
        try bytes.withUnsafeBytes { all in
            for chunk in chunks(of: UnsafeMutableRawBufferPointer(mutating: all)) {
                try run("MPI_Isend", sends: chunk.count) { request in
                    credence_mpi_send(chunk.baseAddress, Int32(chunk.count), Int32(rank), 0, request)
                }
            }
        }
    }

    /// `count` bytes that another rank sends.
    public func receive(_ count: Int, from rank: Int) throws -> [UInt8] {
        try requirePeers("MPI_Irecv")
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { all in
            for chunk in chunks(of: all) {
                try run("MPI_Irecv", sends: 0) { request in
                    credence_mpi_receive(chunk.baseAddress, Int32(chunk.count), Int32(rank), 0, request)
                }
            }
        }
        return bytes
    }

    private func requirePeers(_ call: String) throws {
        guard !isConnected else { return }
        throw MPIError(call: call, rank: rank, code: 0, message: "this process has not been started by mpirun")
    }

    // MARK: - Sums

    private func sumInRankOrder<Scalar: MatrixScalar>(
        _ values: UnsafeMutableBufferPointer<Scalar>,
        _ add: (_ to: UnsafeMutablePointer<Scalar>, _ from: UnsafePointer<Scalar>, _ count: Int) -> Void
    ) throws {
        guard isConnected, let base = values.baseAddress else { return }
        let size = MemoryLayout<Scalar>.stride
        let length = max(count, min(values.count, chunkBytes / size))
        let scratch = UnsafeMutablePointer<Scalar>.allocate(capacity: count * (length / count + 1))
        defer { scratch.deallocate() }
        for start in stride(from: 0, to: values.count, by: length) {
            let chunk = min(length, values.count - start)
            // Slice i is the part that rank i adds up.
            let slices = (0..<count).map { chunk * $0 / count..<chunk * ($0 + 1) / count }
            let own = slices[rank]
            let sliced = ByteLayout(slices.map { $0.count * size })
            let owned = ByteLayout([Int](repeating: own.count * size, count: count))
            try run("MPI_Ialltoallv", sends: (chunk - own.count) * size) { request in
                credence_mpi_all_to_all(
                    base + start, sliced.counts, sliced.offsets, scratch, owned.counts, owned.offsets, request)
            }
            for other in 1..<count { add(scratch, scratch + other * own.count, own.count) }
            try run("MPI_Iallgatherv", sends: (count - 1) * own.count * size) { request in
                credence_mpi_all_gather(
                    scratch, Int32(own.count * size), base + start, sliced.counts, sliced.offsets, request)
            }
            withExtendedLifetime((sliced, owned)) {}
        }
    }

    /// A number of every rank.
    private func allCounts(_ own: Int) throws -> [Int] {
        var counts = [Int](repeating: own, count: count)
        let size = MemoryLayout<Int>.stride
        let layout = ByteLayout([Int](repeating: size, count: count))
        try counts.withUnsafeMutableBytes { all in
            try withUnsafeBytes(of: own) { sent in
                try run("MPI_Iallgatherv", sends: (count - 1) * size) { request in
                    credence_mpi_all_gather(
                        sent.baseAddress, Int32(size), all.baseAddress, layout.counts, layout.offsets, request)
                }
            }
        }
        withExtendedLifetime(layout) {}
        return counts
    }

    // MARK: - Calls

    /// Pieces that one call may move.
    private func chunks(of bytes: UnsafeMutableRawBufferPointer) -> [UnsafeMutableRawBufferPointer] {
        stride(from: 0, to: bytes.count, by: chunkBytes).map {
            UnsafeMutableRawBufferPointer(rebasing: bytes[$0..<min($0 + chunkBytes, bytes.count)])
        }
    }

    /// Starts a call and waits for its end.
    private func run(
        _ call: String, sends: Int, _ start: (UnsafeMutablePointer<credence_mpi_request>) -> Int32
    ) throws {
        guard isConnected else { return }
        let clock = ContinuousClock()
        let began = clock.now
        var request = credence_mpi_request()
        try Self.check(start(&request), call, rank: rank)
        var tests = 0
        while true {
            var isDone = false
            try Self.check(credence_mpi_test(&request, &isDone), call, rank: rank)
            if isDone { break }
            tests += 1
            // Short waits are the rule between ranks in step; longer ones leave the processor to the others.
            if tests > 1000 { usleep(100) } else if tests > 50 { sched_yield() }
            if tests & 15 == 0 { try checkpoint() }
        }
        let elapsed = clock.now - began
        counter.withLock { traffic in
            traffic.sentBytes += sends
            traffic.calls += 1
            traffic.seconds += Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        }
    }

    private static func check(_ code: Int32, _ call: String, rank: Int?) throws(MPIError) {
        guard code != 0 else { return }
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            buffer.initialize(repeating: 0)
            credence_mpi_error_text(code, buffer.baseAddress, buffer.count)
            return buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
        throw MPIError(call: call, rank: rank, code: code, message: text)
    }
}

/// Where each rank's bytes lie in a buffer, one after the other: memory that stays in place while a call is under way.
private final class ByteLayout {
    let counts: UnsafeMutablePointer<Int32>
    let offsets: UnsafeMutablePointer<Int32>

    init(_ sizes: [Int]) {
        counts = .allocate(capacity: sizes.count)
        offsets = .allocate(capacity: sizes.count)
        var offset = 0
        for (rank, size) in sizes.enumerated() {
            (counts + rank).initialize(to: Int32(size))
            (offsets + rank).initialize(to: Int32(offset))
            offset += size
        }
    }

    deinit {
        counts.deallocate()
        offsets.deallocate()
    }
}
