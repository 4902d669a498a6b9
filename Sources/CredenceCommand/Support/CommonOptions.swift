import ArgumentParser
import Credence
import Foundation

/// The options of every verb.
struct CommonOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Print nothing but results, warnings and errors.")
    var quiet = false

    @Option(help: "Seed of all random numbers: the same seed gives the same bits. Nothing is random but learning.")
    var seed: UInt64 = 1

    @Option(help: "Threads to use; results do not depend on it. Default: all cores.")
    var threads: Int?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, not \(threads).") }
    }

    /// Runs the work of a verb with these options: thread limit, signals, and the ranks of a run by MPI.
    func run(ranks use: RankedRun.Use = .refused, _ body: (Terminal) throws -> Void) throws {
        Interruption.listen()
        let ranks = try RankedRun.join(use)
        let terminal = Terminal(quiet: quiet, silent: !ranks.isFirst)
        defer { terminal.wipe() }
        try Parallelism.withRanks(ranks) {
            if let threads = threads ?? RankedRun.threads(ranks) {
                try Parallelism.withThreads(threads) { try body(terminal) }
            } else {
                try body(terminal)
            }
        }
        try RankedRun.leave(ranks, terminal)
    }
}
