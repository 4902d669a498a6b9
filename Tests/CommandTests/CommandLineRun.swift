import Foundation
import TestSupport

/// The built `credence`, run as a user runs it.
enum CommandLineTool {
    /// Real features, small enough for a test.
    static let data = Golden.packageRoot.appending(path: "Examples/Data/fashion-mnist-mini").path

    /// What a finished run left.
    struct Result {
        /// The exit status, or 128 + the signal that ended the process.
        var status: Int32
        var output: String
        var errors: String
        /// In bytes.
        var peakMemory: Int
    }

    static func run(_ arguments: String...) throws -> Result {
        try run(arguments)
    }

    static func run(
        _ arguments: [String], signal: (number: Int32, after: Double)? = nil, fileSizeLimit: Int? = nil
    ) throws -> Result {
        // Help is wrapped to the width of the terminal.
        let result = try runCommand(
            arguments, environment: ["COLUMNS": "100"], signal: signal, fileSizeLimit: fileSizeLimit)
        return Result(
            status: result.status, output: result.stdout, errors: result.stderr, peakMemory: result.peakMemory)
    }
}
