// Checks the communicator on real ranks: started by Scripts/test-mpi under mpirun, one line and status 0 where all is well.
import Foundation
import Matrices
import Ranks

struct Failure: Error, CustomStringConvertible {
    var description: String
}

func expect(_ condition: Bool, _ what: String) throws {
    guard condition else { throw Failure(description: what) }
}

/// A number that every rank knows of every rank; sums of them round.
func value(_ index: Int, rank: Int) -> Double { sin(Double(index * 7 + rank * 1013)) * 1e3 }

func check(_ ranks: Communicator) throws {
    let (rank, count) = (ranks.rank, ranks.count)
    for length in [0, 1, 3, count - 1, count, count + 1, 1000, 4099] {
        // Sums have the bits of adding in the order of ranks.
        var sums = (0..<length).map { value($0, rank: rank) }
        try ranks.sum(&sums)
        let expected = (0..<length).map { index in
            (1..<max(count, 1)).reduce(value(index, rank: 0)) { $0 + value(index, rank: $1) }
        }
        try expect(sums == expected, "sum of \(length) Doubles")
        var single = Matrix<Float>(
            rows: 1, columns: length, elements: (0..<length).map { Float(value($0, rank: rank)) })
        try ranks.sum(&single)
        let floats = (0..<length).map { index in
            (1..<max(count, 1)).reduce(Float(value(index, rank: 0))) { $0 + Float(value(index, rank: $1)) }
        }
        try expect(single.elements == floats, "sum of \(length) Floats")

        for root in 0..<count {
            var sent = Matrix<Double>(
                rows: 1, columns: length, elements: (0..<length).map { value($0, rank: rank) })
            try ranks.broadcast(&sent, from: root)
            try expect(
                sent.elements == (0..<length).map { value($0, rank: root) }, "broadcast of \(length) from rank \(root)")
            // Lengths that differ from rank to rank, some zero.
            let own = [UInt8](repeating: UInt8(rank), count: length * rank)
            let all = try ranks.gather(own, at: root)
            let expected = (0..<count).map { [UInt8](repeating: UInt8($0), count: length * $0) }
            try expect(all == (rank == root ? expected : []), "gather of \(length) at rank \(root)")
        }
    }
    // Around in a ring: the even ranks send first.
    if count > 1 {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 + rank) }
        let (next, last) = ((rank + 1) % count, (rank + count - 1) % count)
        var received: [UInt8] = []
        if rank % 2 == 0 { try ranks.send(bytes, to: next) }
        received = try ranks.receive(bytes.count, from: last)
        if rank % 2 == 1 { try ranks.send(bytes, to: next) }
        try expect(received == (0..<10_000).map { UInt8(truncatingIfNeeded: $0 + last) }, "ring")
    }
    // 2·(n − 1)/n times the values.
    let before = ranks.traffic.sentBytes
    var values = [Double](repeating: 1, count: count * 1000)
    try ranks.sum(&values)
    // In smaller chunks slices differ by an element.
    if ranks.chunkBytes >= 8 * values.count {
        try expect(ranks.traffic.sentBytes - before == 2 * (count - 1) * 1000 * 8, "bytes sent for a sum")
    }
    // An error of MPI is an error of Swift, and no end of the process.
    do {
        try ranks.send([1], to: count + 3)  // no such rank
        throw Failure(description: "a message to a rank that is not there was sent")
    } catch let error as MPIError {
        try expect(error.call == "MPI_Isend" && error.rank == rank && !error.message.isEmpty, "\(error)")
    }
    try ranks.barrier()
}

let chunkBytes = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 16 : 16
let ranks = try Communicator(chunkBytes: chunkBytes)
do {
    try check(ranks)
    try ranks.finish()
    if ranks.isFirst { print("\(ranks.count) ranks in chunks of \(chunkBytes) bytes: all is well") }
} catch {
    FileHandle.standardError.write(Data("rank \(ranks.rank) of \(ranks.count): \(error)\n".utf8))
    ranks.abort(70)
}
