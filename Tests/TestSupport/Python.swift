import Foundation

/// The `python3` that is first on the PATH, for tests of the Python examples.
public enum Python {
    public static let hasNumPy = has("numpy")
    public static let hasTorch = has("torch")

    /// Whether modules can be imported.
    public static func has(_ modules: String...) -> Bool {
        (try? run(["-c", "import " + modules.joined(separator: ", ")]))?.status == 0
    }

    /// Runs `python3` with arguments.
    ///
    /// - Parameter environment: added to that of the tests.
    public static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String, errors: String) {
        let folder = try TemporaryFolder()
        // Files, not pipes: neither stream can fill up while the other is read.
        let streams = try ["output", "errors"].map { try folder.file($0, []) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: streams[0])
        process.standardError = try FileHandle(forWritingTo: streams[1])
        try process.run()
        process.waitUntilExit()
        let texts = try streams.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return (process.terminationStatus, texts[0], texts[1])
    }
}
