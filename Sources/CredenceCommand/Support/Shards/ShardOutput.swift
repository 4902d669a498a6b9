import Credence
import Foundation

/// What a share of rows wrote, with the note beside it: the part itself is an ordinary file of its format (rows have the numbers
/// they have in the whole), which any engine may read as it is; the note, `PART.part.json`, says which share of what it is.
struct ShardOutput {
    let url: URL
    let note: Note

    struct Note: Codable {
        var version = 1
        /// The verb that wrote it.
        var verb: String
        var format: String
        var shard: RowShard
        /// Rows of all shares, and those of this one.
        var allRows: Int
        var firstRow: Int
        var rows: Int
        /// Of the part: its size, the bytes before its first row, and a checksum.
        var bytes: Int
        var headerBytes: Int
        var fingerprint: String
        /// What must be the same for all shares: options, and fingerprints of model and rows.
        var settings: [String: String]
    }

    static func noteURL(_ part: URL) -> URL { URL(filePath: part.path + ".part.json") }

    /// Reads a part's note.
    ///
    /// - Throws: `FeatureDataError`, or `CommandFailure` where the file is no part of rows.
    init(_ url: URL) throws {
        let place = Self.noteURL(url)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw FeatureDataError(.inputMissing, file: url.relativePath, "no such file")
        }
        guard FileManager.default.fileExists(atPath: place.path) else {
            throw CommandFailure(
                .inputMissing,
                "\(url.relativePath): is no part: there is no \(place.lastPathComponent) beside it. Parts are written with "
                    + "--shard; if it is one, run its share again")
        }
        do {
            note = try JSONDecoder().decode(Note.self, from: Data(contentsOf: place))
        } catch {
            throw CommandFailure(.badData, "\(place.relativePath): is not the note of a part")
        }
        guard note.version == 1 else {
            throw CommandFailure(.badData, "\(place.relativePath): is of version \(note.version), this credence reads 1")
        }
        self.url = url
    }

    /// Writes the note beside a part that was just written.
    static func write(
        _ url: URL, verb: String, format: PredictionFormat, shard: RowShard, range: Range<Int>, of rows: Int,
        settings: [String: String]
    ) throws {
        var content = try PartContent(url)
        while try content.next() != nil { try Interruption.check() }
        let note = Note(
            verb: verb, format: format.rawValue, shard: shard, allRows: rows, firstRow: range.lowerBound, rows: range.count,
            bytes: content.position, headerBytes: try format.headerBytes(of: url), fingerprint: content.fingerprint,
            settings: settings)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(note) + Data("\n".utf8), to: noteURL(url))
    }

    /// Parts in the order of their shares.
    ///
    /// - Throws: `ShardSetError`, or `CommandFailure` where they are not of one run.
    static func ordered(_ parts: [ShardOutput]) throws -> [ShardOutput] {
        let sorted = try ShardSet.order(parts.map { ($0.url.relativePath, $0.note.shard) }).map { parts[$0] }
        guard let first = sorted.first else { return [] }
        func refuse(_ part: ShardOutput, _ what: String, _ found: String, _ expected: String) -> CommandFailure {
            CommandFailure(
                .badData,
                "\(part.url.relativePath) and \(first.url.relativePath) are not parts of one run: \(what) is \(found), there "
                    + expected)
        }
        var next = 0
        for part in sorted {
            let (note, other) = (part.note, first.note)
            for (what, found, expected) in [
                ("the verb", note.verb, other.verb), ("the format", note.format, other.format),
                ("the number of all rows", "\(note.allRows)", "\(other.allRows)"),
            ] where found != expected { throw refuse(part, what, found, expected) }
            for key in Set(note.settings.keys).union(other.settings.keys).sorted() {
                let (found, expected) = (note.settings[key] ?? "not given", other.settings[key] ?? "not given")
                if found != expected { throw refuse(part, key, found, expected) }
            }
            guard note.firstRow == next, note.rows >= 0 else {
                throw refuse(part, "its first row", "\(note.firstRow)", "\(next) comes next")
            }
            next += note.rows
        }
        guard next == first.note.allRows else {
            throw CommandFailure(.badData, "the parts hold \(next) rows, expected \(first.note.allRows)")
        }
        return sorted
    }
}

/// The bytes of a part, 1 MiB at a time, with their checksum.
struct PartContent {
    private let url: URL
    private let file: FileHandle
    private var sum = Fingerprint()
    private(set) var position = 0

    init(_ url: URL) throws {
        self.url = url
        do {
            file = try FileHandle(forReadingFrom: url)
        } catch {
            throw FeatureDataError(.inputMissing, file: url.relativePath, "cannot be read")
        }
    }

    mutating func next() throws -> Data? {
        let bytes: Data?
        do {
            bytes = try file.read(upToCount: 1 << 20)
        } catch {
            throw CommandFailure(.inputOutput, "\(url.relativePath): reading failed: \(error.localizedDescription)")
        }
        guard let bytes, !bytes.isEmpty else { return nil }
        bytes.withUnsafeBytes { sum.add($0) }
        position += bytes.count
        return bytes
    }

    var fingerprint: String { sum.description }

    /// Of a whole file.
    static func fingerprint(of url: URL) throws -> String {
        var content = try PartContent(url)
        while try content.next() != nil { try Interruption.check() }
        return content.fingerprint
    }
}

extension PredictionFormat {
    /// Bytes before the first row: CSV's header line, NumPy's header; none of JSON Lines, and of safetensors all is header.
    fileprivate func headerBytes(of url: URL) throws -> Int {
        guard self == .csv || self == .npy else { return 0 }
        let bytes: Data
        do {
            bytes = try Data(contentsOf: url, options: .alwaysMapped)
        } catch {
            throw FeatureDataError(.inputMissing, file: url.relativePath, "cannot be read")
        }
        if self == .npy { return NumPyRecords(bytes)?.headerBytes ?? 0 }
        // A line break in quotes, of a class's name, does not end the header.
        var isQuoted = false
        for (place, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: "\n"), !isQuoted { return place + 1 }
        }
        return bytes.count
    }
}
