// Labels of rows in a text file: one a line, or a column of a table.
import Foundation

/// Labels as texts: a number for each row and the text that each number stands for.
///
/// `.txt`: one label a line. `.csv` and `.tsv`: a table as RFC 4180 has it, with a line of column names unless it has one
/// column of numbers only. Written here because one column of a large table is wanted as small numbers, not the table.
/// Memory: 4 bytes a row, and each distinct text once.
public struct LabelTable: Sendable {
    /// Distinct labels, in the order in which they occur.
    public private(set) var texts: [String] = []
    /// For each row its place in `texts`.
    public private(set) var codes: [Int32] = []
    public let url: URL

    /// Column names that are looked for where none is given.
    static let usualColumns = ["label", "labels", "class", "class_name"]

    /// - Parameter column: the column of a table; not for `.txt`.
    /// - Throws: `FeatureDataError`: no such column, a row without a label, text that is not UTF-8.
    public init(contentsOf url: URL, column: String? = nil) throws {
        self.url = url
        let file = try MappedFile(url)
        let kind = url.pathExtension.lowercased()
        var places: [String: Int32] = [:]
        var wanted: Int?
        var record = 0
        var separated = SeparatedText(file, separator: kind == "tsv" ? 0x09 : kind == "txt" ? nil : 0x2c)
        if kind == "txt", column != nil { throw FeatureDataError(.badData, url, "a .txt file has no columns, one label a line") }
        while let fields = try separated.next() {
            if kind != "txt", record == 0, wanted == nil {
                let header = try Self.column(of: fields, column, url)
                wanted = header.index
                if header.isHeader { continue }
            }
            let index = wanted ?? 0
            guard index < fields.count else {
                throw FeatureDataError(.badData, url, "row \(record) has \(fields.count) columns, the label is in column \(index + 1)")
            }
            let text = fields[index].trimmingCharacters(in: .whitespaces)
            guard !text.isEmpty else { throw FeatureDataError(.badData, url, "row \(record) has no label") }
            if let place = places[text] {
                codes.append(place)
            } else {
                places[text] = Int32(texts.count)
                codes.append(Int32(texts.count))
                texts.append(text)
            }
            record += 1
        }
        guard record > 0 else { throw FeatureDataError(.badData, url, "holds no labels") }
    }

    private static func column(
        of fields: [String], _ column: String?, _ url: URL
    ) throws -> (index: Int, isHeader: Bool) {
        let names = fields.map { $0.trimmingCharacters(in: .whitespaces) }
        if let column {
            guard let index = names.firstIndex(of: column) else {
                throw FeatureDataError(.badData, url, "has no column '\(column)', its columns are \(names.joined(separator: ", "))")
            }
            return (index, true)
        }
        if names.count == 1 { return (0, Int(names[0]) == nil) }
        guard let index = names.firstIndex(where: { usualColumns.contains($0.lowercased()) }) else {
            throw FeatureDataError(
                .badData, url,
                "none of its columns \(names.joined(separator: ", ")) is called label, labels, class or class_name: name the one")
        }
        return (index, true)
    }

    /// Integers where all labels are integers; nil otherwise.
    var integers: [Int]? {
        let values = texts.compactMap { Int($0) }
        guard values.count == texts.count else { return nil }
        return values
    }
}

/// Records of separated values in a file, one after another (RFC 4180; line feeds alone end a record too).
struct SeparatedText {
    private let file: MappedFile
    /// Nil: a record is a line, quotes mean nothing.
    private let separator: UInt8?
    private var position = 0
    private var line = 1

    init(_ file: MappedFile, separator: UInt8?) {
        self.file = file
        self.separator = separator
        // The byte order mark that some programs write.
        if file.bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    /// The next record, or nil at the end; empty lines at the end do not count.
    ///
    /// - Throws: `FeatureDataError.badData`: a quote that is not closed, text that is not UTF-8.
    mutating func next() throws -> [String]? {
        let bytes = file.bytes
        if !bytes[position...].contains(where: { $0 != 0x0a && $0 != 0x0d }) { return nil }
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        let start = line
        func closed(_ field: [UInt8]) throws -> String {
            guard let text = String(validating: field, as: UTF8.self) else {
                throw FeatureDataError(.badData, file.url, "line \(start) is not UTF-8 text")
            }
            return text
        }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if isQuoted {
                if byte == 0x22 {
                    if position < bytes.count, bytes[position] == 0x22 {
                        field.append(0x22)
                        position += 1
                    } else {
                        isQuoted = false
                    }
                } else {
                    if byte == 0x0a { line += 1 }
                    field.append(byte)
                }
            } else if byte == 0x0a {
                line += 1
                break
            } else if byte == 0x22, separator != nil, field.isEmpty {
                isQuoted = true
            } else if byte == separator {
                fields.append(try closed(field))
                field = []
            } else if byte != 0x0d {
                field.append(byte)
            }
        }
        guard !isQuoted else { throw FeatureDataError(.badData, file.url, "the quote that line \(start) opens is not closed") }
        fields.append(try closed(field))
        return fields
    }
}
