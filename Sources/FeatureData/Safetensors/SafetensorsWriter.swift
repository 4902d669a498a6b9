import Foundation
import Matrices

/// Writes a safetensors file piece by piece; it appears under its name when finished (see `AtomicFile`).
///
/// Every tensor's type and shape are declared first; then elements are appended to the tensors in any order, so that
/// several can grow side by side. The same content gives the same bytes: tensors are laid out by falling element size,
/// then by name, which also aligns each to its elements, and the header is padded to 8 bytes.
///
/// Memory: one block of converted elements, at most 1 MiB.
public final class SafetensorsWriter {
    private let file: AtomicFile
    private var cursors: [String: Cursor] = [:]

    private struct Cursor {
        var declaration: TensorDeclaration
        /// Where the tensor's first byte lies in the file.
        var start: Int
        /// Elements appended so far.
        var written = 0
    }

    /// - Throws: `FeatureDataError.cannotWrite`, `.badData` where a shape overflows.
    public init(to url: URL, tensors: [TensorDeclaration], metadata: [String: String] = [:]) throws {
        var offset = 0
        var starts: [Int] = []
        let ordered = tensors.sorted { ($1.elementType.byteCount, $0.name) < ($0.elementType.byteCount, $1.name) }
        for tensor in ordered {
            starts.append(offset)
            guard tensor.shape.allSatisfy({ $0 >= 0 }),
                let size = SafetensorsHeader.byteCount(tensor.shape, tensor.elementType),
                case let (end, overflow) = offset.addingReportingOverflow(size), !overflow
            else {
                throw FeatureDataError(.badData, url, tensor: tensor.name, "cannot have the shape \(tensor.shape)")
            }
            offset = end
        }
        let header = Self.header(ordered, starts, metadata)
        for (tensor, start) in zip(ordered, starts) {
            precondition(cursors[tensor.name] == nil, "the tensor '\(tensor.name)' is declared twice")
            cursors[tensor.name] = Cursor(declaration: tensor, start: header.count + start)
        }
        file = try AtomicFile(at: url)
        try header.withUnsafeBytes { try file.write($0, at: 0) }
    }

    /// Appends the elements of `matrix` to a tensor.
    ///
    /// - Throws: `FeatureDataError`: `badData` for a number that the tensor's type cannot hold (finite numbers do not
    ///   become infinite, fractions no integers), `inputOutput` where writing fails.
    public func append<Scalar: MatrixScalar>(_ matrix: Matrix<Scalar>, to name: String) throws {
        try append(matrix.count, to: name, described: { "\(matrix.elements[$0])" }) { type, start, count, target in
            matrix.withUnsafeElements { elements in
                elements.baseAddress.flatMap { type.encode($0 + start, count: count, into: target) }
            }
        }
    }

    /// Appends integers to a tensor.
    public func append(_ integers: [Int], to name: String) throws {
        try append(integers.count, to: name, described: { "\(integers[$0])" }) { type, start, count, target in
            integers.withUnsafeBufferPointer {
                type.encode(UnsafeBufferPointer(rebasing: $0[start..<start + count]), into: target)
            }
        }
    }

    /// Checks that every tensor is complete and makes the file appear.
    public func finish() throws {
        for cursor in cursors.values {
            precondition(
                cursor.written == cursor.declaration.count,
                "tensor '\(cursor.declaration.name)' has \(cursor.written) of \(cursor.declaration.count) elements")
        }
        try file.commit()
    }

    /// Forgets the file; the old one stays.
    public func discard() { file.discard() }

    private func append(
        _ count: Int, to name: String, described: (Int) -> String,
        encode: (ElementType, Int, Int, UnsafeMutableRawPointer) -> Int?
    ) throws {
        guard var cursor = cursors[name] else { preconditionFailure("the tensor '\(name)' was not declared") }
        precondition(
            cursor.written + count <= cursor.declaration.count,
            "\(cursor.written + count) elements for tensor '\(name)' of \(cursor.declaration.count)")
        let type = cursor.declaration.elementType
        let blockCount = (1 << 20) / type.byteCount
        try withUnsafeTemporaryAllocation(byteCount: min(blockCount, count) * type.byteCount, alignment: 16) { block in
            guard let target = block.baseAddress else { return }
            for start in stride(from: 0, to: count, by: blockCount) {
                let size = min(blockCount, count - start)
                if let bad = encode(type, start, size, target) {
                    file.discard()
                    throw FeatureDataError(
                        .badData, file.url, tensor: name,
                        "element \(cursor.written + bad) is \(described(start + bad)), which \(type.rawValue) cannot hold")
                }
                let bytes = UnsafeRawBufferPointer(start: target, count: size * type.byteCount)
                try file.write(bytes, at: cursor.start + cursor.written * type.byteCount)
                cursor.written += size
            }
        }
        cursors[name] = cursor
    }

    private static func header(
        _ tensors: [TensorDeclaration], _ starts: [Int], _ metadata: [String: String]
    ) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let entries = metadata.sorted { $0.key < $1.key }.map { "\($0.key.asJSON):\($0.value.asJSON)" }
            members.append("\"__metadata__\":{\(entries.joined(separator: ","))}")
        }
        for (tensor, start) in zip(tensors, starts) {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            let end = start + tensor.count * tensor.elementType.byteCount
            members.append(
                "\(tensor.name.asJSON):{\"dtype\":\"\(tensor.elementType.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(start),\(end)]}")
        }
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        while text.count % 8 != 0 { text.append(0x20) }
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }
}

/// Name, type and shape of a tensor to be written.
public struct TensorDeclaration: Sendable, Equatable {
    public var name: String
    public var elementType: ElementType
    public var shape: [Int]

    public init(_ name: String, _ elementType: ElementType, _ shape: [Int]) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
}

extension String {
    /// The text as a JSON literal with its quotes.
    package var asJSON: String {
        var result = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
