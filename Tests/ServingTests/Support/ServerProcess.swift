import Foundation
import TestSupport

/// A service of its own process on a free port, for the time of `body`, which waits on a thread of its own: the threads of
/// Swift's tasks belong to all tests.
///
/// - Parameter options: of `credence serve`.
func withService<Value: Sendable>(
    _ options: [String] = [], model: URL? = nil, environment: [String: String] = [:],
    _ body: @escaping @Sendable (_ port: Int, _ server: ServerProcess) throws -> Value
) async throws -> Value {
    let path = try (model ?? PreparedModels.get().model).path
    return try await onThread {
        let server = try ServerProcess(["--model", path] + options, environment: environment)
        return try body(server.port, server)
    }
}

/// A running `credence serve`, killed with the value that holds it.
final class ServerProcess {
    let port: Int
    private let process = Process()
    private let folder: TemporaryFolder
    private var logFile: URL { folder.path("log") }

    /// - Parameter quiet: whether the options have `--quiet`, so that the log does not tell the port.
    init(_ options: [String], quiet: Bool = false, environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        _ = try folder.file("log", [])
        guard let executable = credenceExecutable else { throw HTTPClient.Failure(description: "no credence beside the tests") }
        // A quiet server does not tell its port, so it is given one that was free a moment ago.
        let wanted = quiet ? try Self.freePort() : 0
        process.executableURL = executable
        process.arguments = ["serve", "--port", "\(wanted)"] + options
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardError = try FileHandle(forWritingTo: folder.path("log"))
        try process.run()
        var found = wanted
        let deadline = Date().addingTimeInterval(60)
        while Date() < deadline {
            if quiet {
                if (try? HTTPClient(port: wanted).get("/readyz").status) == 200 { break }
            } else {
                let text = (try? String(contentsOf: folder.path("log"), encoding: .utf8)) ?? ""
                if let match = text.firstMatch(of: /on http:\/\/[0-9.]+:(\d+)\n/), let number = Int(match.1) {
                    found = number
                    break
                }
            }
            guard process.isRunning else { break }
            usleep(5000)
        }
        self.port = found
        guard process.isRunning, found > 0 else { throw HTTPClient.Failure(description: "no server: \(log)") }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }
    var isRunning: Bool { process.isRunning }

    /// Resident memory in bytes.
    var memory: Int {
        let fields = systemText("/proc/\(process.processIdentifier)/statm").split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func waitForLog(_ text: String, times: Int) throws {
        let deadline = Date().addingTimeInterval(60)
        while log.components(separatedBy: text).count <= times {
            guard Date() < deadline else { throw HTTPClient.Failure(description: "'\(text)' is not in the log: \(log)") }
            usleep(5000)
        }
    }

    func waitForExit() -> Int32 {
        let deadline = Date().addingTimeInterval(60)
        while process.isRunning, Date() < deadline { usleep(5000) }
        if process.isRunning { return -1 }
        return process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw HTTPClient.Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
