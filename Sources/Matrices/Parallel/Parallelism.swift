import Dispatch
import Foundation

/// How many threads the loops of this package may use.
///
/// Work is cut by its shape alone, never by the number of threads, so results have the same bits whatever the number:
/// threads only take the pieces in turn.
public enum Parallelism {
    /// The number of threads for everything called inside `withThreads`; the machine's cores by default.
    @TaskLocal static var limit: Int = ProcessInfo.processInfo.activeProcessorCount

    /// The number of threads in force here.
    public static var threads: Int { limit }

    /// Runs `body` with at most `threads` threads.
    public static func withThreads<Result>(_ threads: Int, _ body: () throws -> Result) rethrows -> Result {
        try $limit.withValue(max(1, threads), operation: body)
    }

    /// Runs `body(0)`, …, `body(pieces − 1)`, each once, on up to `threads` threads; returns when all are done.
    /// Inside a piece the limit is one thread.
    public static func forEach(pieces: Int, _ body: @Sendable (Int) -> Void) {
        let workers = min(limit, pieces)
        guard workers > 1 else {
            for piece in 0..<max(0, pieces) { body(piece) }
            return
        }
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            $limit.withValue(1) {
                for piece in stride(from: worker, to: pieces, by: workers) { body(piece) }
            }
        }
    }
}
