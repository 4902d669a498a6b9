import Foundation

/// What a command left behind.
public struct CommandResult: Sendable {
    /// The exit code, or 128 + the signal's number where a signal ended it, as a shell counts.
    public var status: Int32
    public var stdout: String
    public var stderr: String
    /// The time limit was reached and the command was killed.
    public var timedOut: Bool
    /// Largest resident memory in bytes, where the system says.
    public var peakMemory: Int
}

/// The built `credence` executable, beside the test bundle.
public let credenceExecutable: URL? = {
    var folders = [URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()]
    folders += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
    // The test bundle is started by a helper of the toolchain; its own path is among the arguments.
    folders += CommandLine.arguments.filter { $0.contains(".xctest") }.map { argument in
        let path = argument.range(of: ".xctest").map { String(argument[..<$0.upperBound]) } ?? argument
        return URL(filePath: path).deletingLastPathComponent()
    }
    if let line = systemText("/proc/self/maps").split(separator: "\n").first(where: { $0.hasSuffix(".xctest") }),
        let start = line.firstIndex(of: "/")
    {
        folders.append(URL(filePath: String(line[start...])).deletingLastPathComponent())
    }
    return folders.map { $0.appending(path: "credence") }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) && !$0.isFolder }
}()

/// Runs `credence` with arguments.
///
/// - Parameters:
///   - environment: added to that of the tests.
///   - signal: sent `after` seconds from the start.
///   - fileSizeLimit: the largest file that the command may write, in bytes: writing beyond fails as on a full disk.
///   - timeout: seconds until the command is killed.
public func runCommand(
    _ arguments: [String], stdin: String? = nil, environment: [String: String] = [:], folder: URL? = nil,
    signal: (number: Int32, after: Double)? = nil, fileSizeLimit: Int? = nil, timeout: Double = 120
) throws -> CommandResult {
    guard let executable = credenceExecutable else { throw CommandNotBuilt() }
    return try runProgram(
        executable, arguments, stdin: stdin, environment: environment, folder: folder, signal: signal,
        fileSizeLimit: fileSizeLimit, timeout: timeout)
}

/// The executable `credence` was not found beside the tests.
public struct CommandNotBuilt: Error, CustomStringConvertible {
    public let description = "the executable 'credence' was not found beside the test bundle"
}

/// Runs any program; see `runCommand`.
public func runProgram(
    _ executable: URL, _ arguments: [String], stdin: String? = nil, environment: [String: String] = [:],
    folder: URL? = nil, signal: (number: Int32, after: Double)? = nil, fileSizeLimit: Int? = nil, timeout: Double = 120
) throws -> CommandResult {
    // Files, not pipes: a command that writes much never waits for a reader.
    let streams = try TemporaryFolder()
    for name in ["stdin", "stdout", "stderr"] { _ = try streams.file(name, Array((name == "stdin" ? stdin ?? "" : "").utf8)) }
    let process = Process()
    if let fileSizeLimit {
        // prlimit is part of util-linux; the shell's ulimit counts blocks.
        process.executableURL = URL(filePath: "/usr/bin/prlimit")
        process.arguments = ["--fsize=\(fileSizeLimit)", executable.path] + arguments
    } else {
        process.executableURL = executable
        process.arguments = arguments
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    process.standardInput = try FileHandle(forReadingFrom: streams.path("stdin"))
    process.standardOutput = try FileHandle(forWritingTo: streams.path("stdout"))
    process.standardError = try FileHandle(forWritingTo: streams.path("stderr"))
    try process.run()
    let start = Date()
    var pending = signal
    var timedOut = false
    var peakMemory = 0
    while process.isRunning {
        let elapsed = Date().timeIntervalSince(start)
        if let (number, after) = pending, elapsed >= after {
            kill(process.processIdentifier, number)
            pending = nil
        }
        if elapsed > timeout, !timedOut {
            timedOut = true
            kill(process.processIdentifier, SIGKILL)
        }
        peakMemory = max(peakMemory, residentPeak(of: process.processIdentifier))
        usleep(2000)
    }
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: streams.path(name)), as: UTF8.self)
    }
    let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    return CommandResult(
        status: status, stdout: try text("stdout"), stderr: try text("stderr"), timedOut: timedOut, peakMemory: peakMemory)
}

/// `VmHWM` of a running process, in bytes; 0 where unknown.
private func residentPeak(of process: Int32) -> Int {
    guard let line = systemText("/proc/\(process)/status").split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kilobytes = Int(line.filter(\.isNumber))
    else { return 0 }
    return kilobytes * 1024
}
