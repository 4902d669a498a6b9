@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM as a request to stop: the first one is noticed at the next step or block, so that nothing is left
/// half-written; a second one ends the process at once.
enum Interruption {
    private static let requested = Atomic<Bool>(false)

    /// Starts to listen. Call once.
    static func listen() {
        for source in sources { source.resume() }
    }

    /// - Throws: `CancellationError` once the user has asked to stop.
    static func check() throws {
        if requested.load(ordering: .relaxed) { throw CancellationError() }
    }

    private static let sources: [any DispatchSourceSignal] = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)  // the default action would end the process before the source sees the signal
        let source = DispatchSource.makeSignalSource(signal: number, queue: DispatchQueue(label: "credence.signals"))
        source.setEventHandler {
            if requested.exchange(true, ordering: .relaxed) { _exit(ExitStatus.interrupted.rawValue) }
        }
        return source
    }
}
