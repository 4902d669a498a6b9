import Credence
import Foundation
import TestSupport
import Testing

/// A build without MPI under `mpirun`; Scripts/test-mpi has the tests of one with MPI.
@Suite(.enabled(if: !Communicator.isBuilt, "this build has MPI")) struct RanksTests {
    private func run(_ arguments: [String], rank: Int = 0) throws -> CommandResult {
        try runCommand(
            arguments, environment: ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "\(rank)", "COLUMNS": "100"])
    }

    @Test(arguments: [
        ["learn", "--model", "M", "--data", CommandLineTool.data], ["inspect", "M"],
        ["classify", "--model", "M", "--features", "F"],
    ])
    func isRefused(arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let model = folder.path("m.safetensors")
        let result = try run(arguments.map { $0 == "M" ? model.path : $0 })
        #expect(result.status == 64)
        #expect(result.stdout.isEmpty)
        #expect(
            result.stderr.hasPrefix(
                "credence: error: 4 processes were started together, but this credence is built without MPI"))
        #expect(!FileManager.default.fileExists(atPath: model.path))
    }

    @Test func aServiceIsOneProcess() throws {
        let result = try run(["serve", "--model", CommandLineTool.data + "/none"])
        #expect(result.status == 64)
        #expect(result.stderr.contains("does not share its work"), "\(result.stderr)")
    }

    @Test func oneProcessUnderMpirunIsNothingSpecial() throws {
        let result = try runCommand(
            ["data", "inspect", CommandLineTool.data],
            environment: ["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"])
        #expect(result.status == 0, "\(result.stderr)")
    }

    @Test func helpIsPrintedOnce() throws {
        #expect(try run(["learn", "--help"]).stdout.contains("USAGE"))
        let other = try run(["learn", "--help"], rank: 2)
        #expect(other.status == 0)
        #expect(other.stdout.isEmpty && other.stderr.isEmpty)
    }
}

/// What `make test` leaves out, said rather than left unsaid.
@Suite struct MPITests {
    @Test(.disabled("real ranks: run 'make test-mpi' (a second build, with Open MPI)"))
    func realRanks() {}
}
