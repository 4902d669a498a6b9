import ArgumentParser
import Credence
import Foundation
import Synchronization

/// A run as one of several ranks that `mpirun` has started: the first prints and writes, all work, and whatever goes wrong on
/// one of them ends all.
enum RankedRun {
    /// What a verb makes of several ranks.
    enum Use {
        /// It would do its whole work on each.
        case refused
        /// It shares its rows out.
        case shared
        /// Each process has been told its own part.
        case apart
    }

    /// The ranks of this run, once it has joined them.
    private static let joined = Mutex<Communicator?>(nil)

    /// Whether this process is the one that prints: known from the environment, before MPI is.
    static var isFirst: Bool { (Launcher.rank ?? 0) == 0 }

    /// Joins the other ranks, if there are any.
    ///
    /// - Throws: `CommandFailure` where this build or verb would do the same work on each of them; `MPIError`.
    static func join(_ use: Use) throws -> any RankGroup {
        let size = Launcher.size ?? 1
        guard use != .apart else { return OneRank() }
        if size > 1, !Communicator.isBuilt {
            throw CommandFailure(
                .usage,
                "\(size) processes were started together, but this credence is built without MPI: each would do the whole "
                    + "work and write the same files. Build it with 'swift build -c release --traits MPI', or start it "
                    + "without mpirun")
        }
        if use == .refused { try requireOne() }
        let ranks = try Communicator(checkpoint: Interruption.check)
        guard ranks.count > 1 else { return ranks }
        joined.withLock { $0 = ranks }
        // Whatever is printed, it is printed once.
        if !ranks.isFirst {
            let nowhere = open("/dev/null", O_WRONLY)
            dup2(nowhere, STDOUT_FILENO)
            close(nowhere)
        }
        return ranks
    }

    /// - Throws: `CommandFailure` (64) where several processes were started together: for verbs that share nothing.
    static func requireOne() throws {
        guard let size = Launcher.size, size > 1 else { return }
        throw CommandFailure(
            .usage,
            "\(size) processes were started together, but this command does not share its work between them: start it "
                + "without mpirun (learn, classify, novelty score and benchmark do)")
    }

    /// Leaves the ranks after all work is done, and says what they sent.
    static func leave(_ ranks: any RankGroup, _ terminal: Terminal) throws {
        guard let ranks = ranks as? Communicator else { return }
        if ranks.count > 1 {
            var sums = [Double(ranks.traffic.sentBytes), ranks.traffic.seconds]
            do {
                try ranks.sum(&sums)
            } catch is CancellationError where ranks.isFirst {
                throw CommandFailure(.interrupted, "interrupted after the work was done: the results are written")
            }
            terminal.say(
                "\(ranks.count) ranks sent \(Format.fixed(sums[0] / 1e6, 1)) MB in all; each spent "
                    + "\(Format.fixed(sums[1] / Double(ranks.count), 1)) s on it and on waiting")
        }
        try ranks.finish()
        joined.withLock { $0 = nil }
    }

    /// Threads for this process where none were asked for: the ranks of a machine share its cores, unless the launcher has
    /// given each some of its own.
    static func threads(_ ranks: any RankGroup) -> Int? {
        let process = ProcessInfo.processInfo
        guard ranks.count > 1, process.activeProcessorCount == process.processorCount else { return nil }
        return max(1, process.processorCount / max(1, Launcher.localSize ?? 1))
    }

    /// Whether this process works with others, which must not be left waiting for it.
    static var isJoined: Bool { joined.withLock { $0 != nil } }

    /// Says why this process ends, and ends all ranks with it. Where all have failed alike the first speaks for all: the
    /// others give it the time to.
    static func end(message: String, status: Int32) -> Never {
        let isSuccess = status == ExitCode.success.rawValue  // a request for help
        if !isFirst, !isSuccess {
            signal(SIGTERM, SIG_DFL)
            // Before ranks have joined it is the command line, which all have: a busy machine may take seconds to end them.
            usleep(isJoined ? 3_000_000 : 10_000_000)
        }
        // A rank that is told to stop has nothing to add to what the first says.
        if isFirst || !isSuccess && status != ExitStatus.interrupted.rawValue {
            let rank = isFirst ? "" : "rank \(Launcher.rank ?? 0): "
            FileHandle.standardError.write(Data((rank + message + "\n").utf8))
        }
        if let ranks = joined.withLock({ $0 }) { ranks.abort(status) }
        Foundation.exit(status)
    }
}

extension RankGroup {
    /// The first rank's number, on all.
    func agreed(on value: Int) throws -> Int {
        var value = value
        try withUnsafeMutableBytes(of: &value) { try broadcast($0, from: 0) }
        return value
    }
}
