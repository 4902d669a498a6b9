import Foundation
import TestSupport

/// The built `credence`, run as a user runs it.
enum CommandLineTool {
    /// Beside the test bundle, where the build puts every product.
    static let executable: URL = {
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let beside = folder.appending(path: "credence")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
        return Golden.packageRoot.appending(path: ".build-test/release/credence")
    }()

    /// Real features, small enough for a test.
    static let data = Golden.packageRoot.appending(path: "Examples/Data/fashion-mnist-mini").path

    /// What a finished run left.
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs to the end.
    static func run(_ arguments: String..., in folder: URL? = nil) throws -> Result {
        try run(arguments, in: folder)
    }

    static func run(_ arguments: [String], in folder: URL? = nil) throws -> Result {
        let running = try Running(arguments, in: folder)
        return running.wait()
    }

    /// A run that can be disturbed. Output goes to files, so that no pipe can fill up.
    final class Running {
        private let process = Process()
        private let output: URL
        private let errors: URL

        init(_ arguments: [String], in folder: URL? = nil) throws {
            let place = FileManager.default.temporaryDirectory
            output = place.appending(path: "credence-\(UUID().uuidString).out")
            errors = place.appending(path: "credence-\(UUID().uuidString).err")
            for file in [output, errors] { try Data().write(to: file) }
            process.executableURL = CommandLineTool.executable
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(["COLUMNS": "100"]) { $1 }
            process.currentDirectoryURL = folder
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
        }

        deinit {
            for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
        }

        var isRunning: Bool { process.isRunning }

        func send(_ signal: Int32) {
            kill(process.processIdentifier, signal)
        }

        /// The exit status, or 128 + the signal that ended the process.
        func wait() -> Result {
            process.waitUntilExit()
            let code = process.terminationStatus
            return Result(
                status: process.terminationReason == .exit ? code : 128 + code, output: text(output),
                errors: text(errors))
        }

        private func text(_ file: URL) -> String {
            String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
        }
    }
}
