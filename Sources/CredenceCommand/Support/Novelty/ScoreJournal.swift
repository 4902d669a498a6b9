import Credence
import Foundation

/// The scores of finished blocks, on disk, so that a run that was stopped or killed goes on where it was.
///
/// A header that says which run it belongs to (its length as 8 bytes, then JSON), then block after block: the scores of its
/// rows as little-endian Floats, part after part, and 8 bytes of checksum. A block counts only where its checksum is right,
/// so one that was cut off by a kill is done again. Memory: one block.
final class ScoreJournal {
    /// What must be the same for a run to go on.
    struct Run: Codable, Equatable {
        var version = 1
        /// Of the detector with its model, by content.
        var detector: String
        /// Path, length in bytes and time of last change of each file, as text.
        var files: [String]
        var rows: Int
        var blockRows: Int
        var scores: Int
    }

    private let url: URL
    private let run: Run
    private let file: FileHandle
    private let start: Int
    /// Blocks that are there.
    private(set) var blocks = 0

    var rows: Int { min(run.rows, blocks * run.blockRows) }

    /// - Parameters:
    ///   - resume: whether blocks of an earlier run of the same kind are taken over; otherwise they are forgotten.
    /// - Throws: `CommandFailure` where the journal is of another run, is in use or cannot be written.
    init(_ url: URL, run: Run, resume: Bool) throws {
        (self.url, self.run) = (url, run)
        let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw CommandFailure(
                .cannotCreate, "\(url.relativePath): cannot be written: \(String(cString: strerror(errno)))")
        }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandFailure(.cannotCreate, "\(url.relativePath): another run is writing it")
        }
        let header = try Self.header(run)
        start = header.count
        let length = try Self.checked(url) { try file.seekToEnd() }
        if resume, length > 0 {
            guard try read(header.count, at: 0) == header else {
                throw CommandFailure(
                    .badData,
                    "\(url.relativePath): is of another run: other files, rows or detector, or no journal at all. Remove it "
                        + "or leave --resume out to begin anew")
            }
            while rows < run.rows, try block(blocks) != nil { blocks += 1 }
            try Self.checked(url) { try file.truncate(atOffset: UInt64(offset(blocks))) }
        } else {
            try Self.checked(url) {
                try file.truncate(atOffset: 0)
                try file.write(contentsOf: header)
            }
        }
    }

    /// Adds the next block, one array a part.
    func append(_ scores: [[Float]]) throws {
        precondition(scores.count == run.scores && scores.allSatisfy { $0.count == rowCount(blocks) })
        var bytes = Data(capacity: blockBytes(blocks))
        for part in scores { part.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        var checksum = Fingerprint()
        bytes.withUnsafeBytes { checksum.add($0) }
        withUnsafeBytes(of: checksum.value.littleEndian) { bytes.append(contentsOf: $0) }
        try Self.checked(url) {
            try file.seek(toOffset: UInt64(offset(blocks)))
            try file.write(contentsOf: bytes)
        }
        blocks += 1
    }

    /// The scores of a finished block, one array a part; `nil` where it is cut off or damaged.
    func block(_ index: Int) throws -> [[Float]]? {
        let bytes = try read(blockBytes(index), at: offset(index))
        guard bytes.count == blockBytes(index) else { return nil }
        var checksum = Fingerprint()
        let rows = rowCount(index)
        let body = 4 * rows * run.scores
        return bytes.withUnsafeBytes { bytes in
            checksum.add(UnsafeRawBufferPointer(rebasing: bytes[..<body]))
            guard bytes.loadUnaligned(fromByteOffset: body, as: UInt64.self) == checksum.value.littleEndian else {
                return nil
            }
            return (0..<run.scores).map { part in
                (0..<rows).map { bytes.loadUnaligned(fromByteOffset: 4 * (part * rows + $0), as: Float.self) }
            }
        }
    }

    /// Removes the file.
    func remove() { unlink(url.path) }

    private func rowCount(_ block: Int) -> Int { min(run.blockRows, run.rows - block * run.blockRows) }
    private func blockBytes(_ block: Int) -> Int { 4 * rowCount(block) * run.scores + 8 }
    private func offset(_ block: Int) -> Int { start + block * (4 * run.blockRows * run.scores + 8) }

    private func read(_ count: Int, at offset: Int) throws -> Data {
        try Self.checked(url) {
            try file.seek(toOffset: UInt64(offset))
            return try file.read(upToCount: count) ?? Data()
        }
    }

    private static func header(_ run: Run) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = try encoder.encode(run)
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
    }

    private static func checked<Result>(_ url: URL, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw CommandFailure(.inputOutput, "\(url.relativePath): reading or writing failed: \(error.localizedDescription)")
        }
    }
}
