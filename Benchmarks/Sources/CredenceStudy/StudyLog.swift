import Foundation
import Synchronization

/// The raw results, one JSON line a run, appended as soon as a run ends.
final class StudyLog: Sendable {
    private let handle: FileHandle
    private let records: Mutex<[StudyRun: StudyRecord]>

    /// Opens the file, making it where there is none. A last line that was cut off by an interruption is removed.
    ///
    /// - Throws: `StudyError.badLine` for a whole line that is no record, and what the file system throws.
    init(_ url: URL) throws {
        if !FileManager.default.fileExists(atPath: url.path) {
            guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
                throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: url.path])
            }
        }
        let data = try Data(contentsOf: url)
        let end = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var found: [StudyRun: StudyRecord] = [:]
        for (index, line) in data[..<end].split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let record = try? decoder.decode(StudyRecord.self, from: line) else {
                throw StudyError.badLine(file: url.relativePath, line: index + 1)
            }
            found[record.run] = record
        }
        records = Mutex(found)
        handle = try FileHandle(forWritingTo: url)
        try handle.truncate(atOffset: UInt64(end))
        try handle.seekToEnd()
    }

    /// The results of a run that has been done; `nil` of others.
    subscript(run: StudyRun) -> StudyRecord? { records.withLock { $0[run] } }

    func append(_ record: StudyRecord) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try encoder.encode(record) + Data("\n".utf8)
        try records.withLock { records in
            try handle.write(contentsOf: line)
            records[record.run] = record
        }
    }
}

/// What the study itself finds wrong.
enum StudyError: Error, CustomStringConvertible {
    case badLine(file: String, line: Int)
    case failedRuns(Int)

    var description: String {
        switch self {
        case .badLine(let file, let line): "\(file): line \(line) is no result of a run; mend or remove it"
        case .failedRuns(let count): "\(count) runs failed; the tables are without them"
        }
    }
}
