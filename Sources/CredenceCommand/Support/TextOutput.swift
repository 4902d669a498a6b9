import Credence
import Foundation

/// Text that is written as it is made: to standard output, or to a file that appears whole or not at all.
///
/// Holds at most 64 KiB, whatever is written.
final class TextOutput {
    private let file: AtomicFile?
    private var buffer: [UInt8] = []
    /// Whether nothing is written anywhere until it is `taken`.
    private let keeps: Bool

    /// Standard output.
    init() {
        (file, keeps) = (nil, false)
    }

    /// Nowhere: what is written is kept until it is `taken`.
    init(keeping: Void) {
        (file, keeps) = (nil, true)
    }

    /// A file at `url`, which is created or replaced when `finish` is called.
    ///
    /// - Throws: `FeatureDataError.cannotWrite`.
    init(file url: URL) throws {
        file = try AtomicFile(at: url)
        keeps = false
    }

    func write(_ text: String) throws {
        if let file { return try file.write(text) }
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= 1 << 16, !keeps { try flush() }
    }

    /// What has been kept since the last time.
    func taken() -> [UInt8] {
        defer { buffer.removeAll(keepingCapacity: true) }
        return buffer
    }

    /// Writes what is left and, for a file, puts it in its place for good.
    func finish() throws {
        if let file { return try file.commit() }
        try flush()
    }

    private func flush() throws {
        var start = 0
        while start < buffer.count {
            let written = buffer.withUnsafeBytes { bytes in
                bytes.baseAddress.map { Foundation.write(STDOUT_FILENO, $0 + start, bytes.count - start) } ?? 0
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw CommandFailure(
                    .inputOutput, "standard output: writing failed: \(String(cString: strerror(errno)))")
            }
            start += written
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
