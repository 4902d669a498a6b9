import CMPI
import Matrices
import Ranks
import Synchronization
import Testing

/// The communicator of a build without MPI, and of a process by itself: one rank, through the same code as several.
@Suite struct CommunicatorTests {
    @Test func aProcessByItselfIsOneRank() throws {
        let ranks = try Communicator()
        #expect(ranks.rank == 0)
        #expect(ranks.count == 1)
        #expect(ranks.isAlone && ranks.isFirst)
        #expect(ranks.share(of: 7) == 0..<7)
        try ranks.barrier()
        try ranks.finish()
    }

    /// Lengths around those of chunks, down to chunks of two Doubles.
    @Test(arguments: [16, 64, 1 << 20], [0, 1, 2, 3, 7, 8, 9, 1000])
    func sumsAndBroadcastsLeaveValuesAsTheyAre(chunkBytes: Int, count: Int) throws {
        let ranks = try Communicator(chunkBytes: chunkBytes)
        let values = (0..<count).map { Double($0) * 0.1 - 3 }
        var sums = values
        try ranks.sum(&sums)
        #expect(sums == values)
        let matrix = Matrix<Float>(rows: 1, columns: count, elements: values.map { Float($0) })
        var single = matrix
        try ranks.sum(&single)
        try ranks.broadcast(&single)
        #expect(single.elements == matrix.elements)
    }

    @Test func gathersItsOwnBytes() throws {
        let ranks = try Communicator(chunkBytes: 16)
        let bytes = (0..<100).map { UInt8($0) }
        #expect(try ranks.gather(bytes, at: 0) == [bytes])
        #expect(try ranks.gather([], at: 0) == [[]])
    }

    @Test func countsNothingThatStaysAtHome() throws {
        let ranks = try Communicator()
        var values = [1.0, 2, 3]
        try ranks.sum(&values)
        #expect(ranks.traffic.sentBytes == 0)
    }

    @Test(.enabled(if: !Communicator.isBuilt, "this build has MPI"))
    func thereIsNobodyToSendTo() throws {
        let ranks = try Communicator()
        let error = #expect(throws: MPIError.self) { try ranks.send([1, 2, 3], to: 1) }
        #expect(error?.call == "MPI_Isend")
        #expect(error?.rank == 0)
        #expect(error?.description.hasPrefix("MPI_Isend failed on rank 0: no such rank") == true)
        #expect(throws: MPIError.self) { try ranks.receive(3, from: 1) }
    }

    @Test func piecesOfWorkAreTakenInOrder() throws {
        let ranks = try Communicator()
        let taken = Mutex<[Int]>([])
        try ranks.inTurns(5) { [UInt8($0)] } take: { index, bytes in
            #expect(bytes == [UInt8(index)])
            taken.withLock { $0.append(index) }
        }
        #expect(taken.withLock { $0 } == [0, 1, 2, 3, 4])
    }

    @Test func launchersAreReadFromTheEnvironment() {
        // The suite itself runs without one.
        #expect(Launcher.size == nil)
        #expect(Launcher.rank == nil)
    }
}
