import Foundation
import TestSupport

/// `credence` with its standard output on a pseudo-terminal, as it stands in a window.
enum PseudoTerminal {
    struct Failure: Error { var step: String }

    /// TIOCSPTLCK and TIOCGPTN, which are macros that Swift does not see.
    private static let (unlock, numberOfSlave): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

    /// What the window received, with plain line ends, and the exit status.
    ///
    /// - Parameter environment: all of it; `nil` values take a variable out.
    static func run(
        _ arguments: [String], columns: UInt16, environment: [String: String?] = [:]
    ) throws -> (status: Int32, output: String) {
        guard let executable = credenceExecutable else { throw Failure(step: "finding credence") }
        // As posix_openpt, unlockpt and ptsname do on Linux, whose header hides them from Swift.
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard master >= 0 else { throw Failure(step: "/dev/ptmx") }
        defer { close(master) }
        var (locked, number): (Int32, UInt32) = (0, 0)
        guard ioctl(master, unlock, &locked) == 0, ioctl(master, numberOfSlave, &number) == 0 else {
            throw Failure(step: "unlocking the terminal")
        }
        var size = winsize(ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(master, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure(step: "TIOCSWINSZ") }
        let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        guard slave >= 0 else { throw Failure(step: "open") }

        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment
        for name in ["COLUMNS", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"] { variables[name] = nil }
        variables["TERM"] = "xterm"
        for (name, value) in environment { variables[name] = value }
        process.environment = variables
        process.standardOutput = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        process.standardError = FileHandle.nullDevice
        try process.run()
        close(slave)
        // The end of the last writer reads as an error, not as an end of file.
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(master, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n"))
    }
}
