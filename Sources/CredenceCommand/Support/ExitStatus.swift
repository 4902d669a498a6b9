import ArgumentParser
import Credence
import Foundation

/// What the process answers with, after BSD's sysexits.
enum ExitStatus: Int32 {
    case usage = 64
    case badData = 65
    case inputMissing = 66
    case internalError = 70
    case cannotCreate = 73
    case inputOutput = 74
    case interrupted = 130
}

/// A failure the command line found itself: one line for the user, and how to exit.
struct CommandFailure: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}
