import Foundation
import Matrices

/// Writes a `.npy` file row by row; it appears under its name when finished (see `AtomicFile`). Format version 1.0.
///
/// Memory: one block of converted elements, at most 1 MiB.
public final class NumPyWriter {
    private let file: AtomicFile
    private let elementType: ElementType
    private let count: Int
    private var written = 0

    /// - Throws: `FeatureDataError.cannotWrite`; `.badData` for bfloat16, which NumPy does not have, and for shapes that
    ///   overflow.
    public init(to url: URL, elementType: ElementType, shape: [Int]) throws {
        guard let name = NumPyHeader.name(of: elementType) else {
            throw FeatureDataError(.badData, url, "NumPy has no type for \(elementType.rawValue)")
        }
        guard shape.allSatisfy({ $0 >= 0 }), SafetensorsHeader.byteCount(shape, elementType) != nil else {
            throw FeatureDataError(.badData, url, "an array cannot have the shape \(shape)")
        }
        self.elementType = elementType
        count = shape.reduce(1, *)
        let sizes = shape.count == 1 ? "\(shape[0])," : shape.map(String.init).joined(separator: ", ")
        var text = "{'descr': '\(name)', 'fortran_order': False, 'shape': (\(sizes)), }"
        // The elements start at a multiple of 64; the header ends with a line feed.
        text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
        file = try AtomicFile(at: url)
        var header = NumPyHeader.magic + [1, 0]
        withUnsafeBytes(of: UInt16(text.utf8.count).littleEndian) { header.append(contentsOf: $0) }
        header.append(contentsOf: text.utf8)
        try header.withUnsafeBytes { try file.write($0) }
    }

    /// Appends elements in row-major order.
    ///
    /// - Throws: `FeatureDataError`: `badData` for a number that the type cannot hold, `inputOutput`.
    public func append<Scalar: MatrixScalar>(_ matrix: Matrix<Scalar>) throws {
        try append(matrix.count, described: { "\(matrix.elements[$0])" }) { start, count, target in
            matrix.withUnsafeElements { elements in
                elements.baseAddress.flatMap { elementType.encode($0 + start, count: count, into: target) }
            }
        }
    }

    /// Appends integers.
    public func append(_ integers: [Int]) throws {
        try append(integers.count, described: { "\(integers[$0])" }) { start, count, target in
            integers.withUnsafeBufferPointer {
                elementType.encode(UnsafeBufferPointer(rebasing: $0[start..<start + count]), into: target)
            }
        }
    }

    /// Makes the file appear; every element must have been appended.
    public func finish() throws {
        precondition(written == count, "\(written) of \(count) elements")
        try file.commit()
    }

    private func append(
        _ added: Int, described: (Int) -> String, encode: (Int, Int, UnsafeMutableRawPointer) -> Int?
    ) throws {
        precondition(written + added <= count, "\(written + added) elements for an array of \(count)")
        let blockCount = (1 << 20) / elementType.byteCount
        try withUnsafeTemporaryAllocation(byteCount: min(blockCount, added) * elementType.byteCount, alignment: 16) {
            block in
            guard let target = block.baseAddress else { return }
            for start in stride(from: 0, to: added, by: blockCount) {
                let size = min(blockCount, added - start)
                if let bad = encode(start, size, target) {
                    file.discard()
                    throw FeatureDataError(
                        .badData, file.url,
                        "element \(written + bad) is \(described(start + bad)), which \(elementType.rawValue) cannot hold")
                }
                try file.write(UnsafeRawBufferPointer(start: target, count: size * elementType.byteCount))
                written += size
            }
        }
    }
}
