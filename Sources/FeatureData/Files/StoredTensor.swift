import Foundation
import Matrices

/// A tensor in a mapped file: read as a whole or by ranges of rows, converted on the way.
///
/// The elements are in row-major order. Wherever a matrix is meant, the last dimension gives its columns and all others
/// together its rows: `[C, P, D]` reads as `[C·P, D]`, `[N]` as `[1, N]` and a scalar `[]` as `[1, 1]`.
public struct StoredTensor: Sendable {
    public let name: String
    public let elementType: ElementType
    public let shape: [Int]
    let file: MappedFile
    /// Where the first element lies in the file, in bytes; checked, with `byteCount`, against the file's size.
    let offset: Int

    /// The file as given by the caller.
    public var url: URL { file.url }
    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
    public var byteCount: Int { count * elementType.byteCount }
    public var columns: Int { shape.last ?? 1 }
    public var rows: Int { shape.dropLast().reduce(1, *) }

    /// The bytes, valid inside `body`.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(file) {
            try body(UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + byteCount]))
        }
    }

    /// The tensor as `[rows, columns]`. Integers are converted to the nearest value.
    public func matrix<Scalar: MatrixScalar>(of type: Scalar.Type = Scalar.self) throws -> Matrix<Scalar> {
        try matrix(of: type, rows: 0..<rows)
    }

    /// Some rows of the tensor, `[range.count, columns]`.
    ///
    /// - Throws: `FeatureDataError.badData` where the range exceeds the tensor.
    public func matrix<Scalar: MatrixScalar>(
        of type: Scalar.Type = Scalar.self, rows range: Range<Int>
    ) throws -> Matrix<Scalar> {
        guard range.lowerBound >= 0, range.upperBound <= rows else {
            throw error("rows \(range.lowerBound) to \(range.upperBound) were asked for, the tensor has \(rows)")
        }
        var result = Matrix<Scalar>(uninitialized: range.count, columns)
        let target = result.mutablePointer()
        read(from: range.lowerBound * columns, count: range.count * columns, into: target)
        return result
    }

    /// The elements in row-major order.
    public func values<Scalar: MatrixScalar>(of type: Scalar.Type = Scalar.self) throws -> [Scalar] {
        [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let target = buffer.baseAddress { read(from: 0, count: count, into: target) }
            initialized = count
        }
    }

    /// The only element.
    ///
    /// - Throws: `FeatureDataError.badData` unless the tensor has exactly one.
    public func scalar<Scalar: MatrixScalar>(of type: Scalar.Type = Scalar.self) throws -> Scalar {
        guard count == 1 else { throw error("has the shape \(shape), expected one element") }
        return try values(of: type)[0]
    }

    /// The elements of a tensor of integers or booleans.
    ///
    /// - Throws: `FeatureDataError.badData` for floating-point tensors and values beyond `Int`.
    public func integers() throws -> [Int] {
        try integers(in: 0..<count)
    }

    /// Some elements of a tensor of integers or booleans.
    public func integers(in range: Range<Int>) throws -> [Int] {
        guard !elementType.isFloatingPoint else { throw error("has the type \(elementType.rawValue), expected integers") }
        guard range.lowerBound >= 0, range.upperBound <= count else {
            throw error("elements \(range.lowerBound) to \(range.upperBound) were asked for, the tensor has \(count)")
        }
        return try withUnsafeBytes { bytes in
            switch elementType {
            case .int8: Self.widen(bytes, Int8.self, range)
            case .int16: Self.widen(bytes, Int16.self, range)
            case .int32: Self.widen(bytes, Int32.self, range)
            case .int64: Self.widen(bytes, Int64.self, range)
            case .uint8, .bool: Self.widen(bytes, UInt8.self, range)
            case .uint16: Self.widen(bytes, UInt16.self, range)
            case .uint32: Self.widen(bytes, UInt32.self, range)
            default:
                try range.map { index in
                    let value = bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
                    guard let exact = Int(exactly: value) else {
                        throw error("element \(index) is \(value), more than an Int holds")
                    }
                    return exact
                }
            }
        }
    }

    /// An error about this tensor.
    public func error(_ reason: String) -> FeatureDataError {
        FeatureDataError(.badData, url, tensor: name, reason)
    }

    /// The same elements under another shape of equal count.
    func reshaped(_ shape: [Int]) -> StoredTensor {
        precondition(shape.reduce(1, *) == count, "shape \(shape) for \(count) elements")
        return StoredTensor(name: name, elementType: elementType, shape: shape, file: file, offset: offset)
    }

    /// Some elements as a tensor `[range.count]` of its own; the range lies inside the tensor.
    func slice(_ range: Range<Int>) -> StoredTensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "elements \(range) of \(count)")
        return StoredTensor(
            name: name, elementType: elementType, shape: [range.count], file: file,
            offset: offset + range.lowerBound * elementType.byteCount)
    }

    private static func widen<Integer: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, _ type: Integer.Type, _ range: Range<Int>
    ) -> [Int] {
        range.map {
            Int(bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Integer>.size, as: Integer.self))
        }
    }

    /// Converts `count` elements from element `start` on; both lie inside the tensor.
    func read<Scalar: MatrixScalar>(from start: Int, count: Int, into target: UnsafeMutablePointer<Scalar>) {
        guard count > 0 else { return }
        withUnsafeBytes { bytes in
            let size = elementType.byteCount
            let part = UnsafeRawBufferPointer(rebasing: bytes[start * size..<(start + count) * size])
            elementType.decode(part, into: target, count: count)
        }
    }
}
