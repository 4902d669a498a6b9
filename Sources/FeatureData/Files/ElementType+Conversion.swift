// Conversion between stored elements and Float, Double and Int. Stored elements may lie at any address.
import CKernels
import Foundation
import Matrices

extension ElementType {
    /// Converts `count` stored elements; `bytes` holds at least that many.
    func decode<Scalar: MatrixScalar>(
        _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<Scalar>, count: Int
    ) {
        guard count > 0, let base = bytes.baseAddress else { return }
        precondition(bytes.count >= count * byteCount)
        switch self {
        case .float16: decodeHalf(base, target, count) { $0.fromHalf($1, $2, $3) }
        case .bfloat16: decodeHalf(base, target, count) { $0.fromBfloat16($1, $2, $3) }
        case .float32: copyOrConvert(base, Float.self, target, count)
        case .float64: copyOrConvert(base, Double.self, target, count)
        case .int8: convert(base, Int8.self, target, count)
        case .int16: convert(base, Int16.self, target, count)
        case .int32: convert(base, Int32.self, target, count)
        case .int64: convert(base, Int64.self, target, count)
        case .uint8, .bool: convert(base, UInt8.self, target, count)
        case .uint16: convert(base, UInt16.self, target, count)
        case .uint32: convert(base, UInt32.self, target, count)
        case .uint64: convert(base, UInt64.self, target, count)
        }
    }

    /// The stored form of `count` numbers, rounded to nearest even; `target` holds `count · byteCount` bytes.
    ///
    /// - Returns: the first element that the type cannot hold (a finite number that would become infinite, a fraction
    ///   or an integer out of range), or nil.
    func encode<Scalar: MatrixScalar>(
        _ source: UnsafePointer<Scalar>, count: Int, into target: UnsafeMutableRawPointer
    ) -> Int? {
        switch self {
        case .float16:
            let bits = target.bindMemory(to: UInt16.self, capacity: count)
            Scalar.HalfConversion.toHalf(bits, source, count)
            return (0..<count).first { bits[$0] & 0x7fff == 0x7c00 && source[$0].isFinite }
        case .bfloat16:
            let bits = target.bindMemory(to: UInt16.self, capacity: count)
            Scalar.HalfConversion.toBfloat16(bits, source, count)
            return (0..<count).first { bits[$0] & 0x7fff == 0x7f80 && source[$0].isFinite }
        case .float32:
            if Scalar.self == Float.self {
                target.copyMemory(from: source, byteCount: count * 4)
                return nil
            }
            let floats = target.bindMemory(to: Float.self, capacity: count)
            var firstBad: Int?
            for index in 0..<count {
                floats[index] = Float(source[index])
                if firstBad == nil, floats[index].isInfinite, source[index].isFinite { firstBad = index }
            }
            return firstBad
        case .float64:
            let doubles = target.bindMemory(to: Double.self, capacity: count)
            for index in 0..<count { doubles[index] = Double(source[index]) }
            return nil
        default:
            for index in 0..<count {
                guard let integer = Int(exactly: source[index]), store(integer, at: index, in: target) else {
                    return index
                }
            }
            return nil
        }
    }

    /// The stored form of integers, as `encode` of numbers.
    func encode(_ source: UnsafeBufferPointer<Int>, into target: UnsafeMutableRawPointer) -> Int? {
        source.indices.first { !store(source[$0], at: $0, in: target) }
    }

    /// Stores one integer; false where the type cannot hold it exactly.
    private func store(_ value: Int, at index: Int, in target: UnsafeMutableRawPointer) -> Bool {
        func put<Number>(_ number: Number?) -> Bool {
            guard let number else { return false }
            target.storeBytes(of: number, toByteOffset: index * byteCount, as: Number.self)
            return true
        }
        switch self {
        case .int8: return put(Int8(exactly: value))
        case .int16: return put(Int16(exactly: value))
        case .int32: return put(Int32(exactly: value))
        case .int64: return put(Int64(exactly: value))
        case .uint8: return put(UInt8(exactly: value))
        case .uint16: return put(UInt16(exactly: value))
        case .uint32: return put(UInt32(exactly: value))
        case .uint64: return put(UInt64(exactly: value))
        case .bool: return put(value == 0 || value == 1 ? UInt8(value) : nil)
        case .float32: return put(Float(exactly: value))
        case .float64: return put(Double(exactly: value))
        case .float16, .bfloat16:
            guard let exact = Float(exactly: value) else { return false }
            return withUnsafePointer(to: exact) { encode($0, count: 1, into: target + index * 2) } == nil
        }
    }
}

private typealias HalfDecoder<Scalar: MatrixScalar> = (
    Scalar.HalfConversion.Type, UnsafeMutablePointer<Scalar>, UnsafePointer<UInt16>, Int
) -> Void

/// Kernels read 16-bit elements at even addresses; others are copied through a small block first.
private func decodeHalf<Scalar: MatrixScalar>(
    _ base: UnsafeRawPointer, _ target: UnsafeMutablePointer<Scalar>, _ count: Int, _ decode: HalfDecoder<Scalar>
) {
    if Int(bitPattern: base) % 2 == 0 {
        decode(Scalar.HalfConversion.self, target, base.assumingMemoryBound(to: UInt16.self), count)
        return
    }
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 4096) { block in
        guard let aligned = block.baseAddress else { return }
        for start in stride(from: 0, to: count, by: 4096) {
            let size = min(4096, count - start)
            UnsafeMutableRawPointer(aligned).copyMemory(from: base + start * 2, byteCount: size * 2)
            decode(Scalar.HalfConversion.self, target + start, aligned, size)
        }
    }
}

private func copyOrConvert<Stored: BinaryFloatingPoint & BitwiseCopyable, Scalar: MatrixScalar>(
    _ base: UnsafeRawPointer, _ type: Stored.Type, _ target: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    if Stored.self == Scalar.self {
        UnsafeMutableRawPointer(target).copyMemory(from: base, byteCount: count * MemoryLayout<Stored>.size)
        return
    }
    for index in 0..<count {
        target[index] = Scalar(base.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self))
    }
}

private func convert<Stored: FixedWidthInteger & BitwiseCopyable, Scalar: MatrixScalar>(
    _ base: UnsafeRawPointer, _ type: Stored.Type, _ target: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for index in 0..<count {
        target[index] = Scalar(base.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self))
    }
}

extension ElementType {
    /// Calls `body` with the stored form of a matrix.
    ///
    /// - Throws: `FeatureDataError.badData` for a number that the type cannot hold.
    package func withEncoded<Scalar: MatrixScalar>(
        _ matrix: Matrix<Scalar>, _ name: String, _ url: URL, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws {
        try withBlock(matrix.count, body) { target in
            if let bad = encode(matrix.pointer, count: matrix.count, into: target) {
                throw unfit("\(matrix.elements[bad])", bad, name, url)
            }
        }
    }

    /// Calls `body` with the stored form of integers.
    package func withEncoded(
        _ integers: [Int], _ name: String, _ url: URL, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws {
        try withBlock(integers.count, body) { target in
            if let bad = integers.withUnsafeBufferPointer({ encode($0, into: target) }) {
                throw unfit("\(integers[bad])", bad, name, url)
            }
        }
    }

    func unfit(_ value: String, _ index: Int, _ name: String?, _ url: URL) -> FeatureDataError {
        FeatureDataError(.badData, url, tensor: name, "element \(index) is \(value), which \(rawValue) cannot hold")
    }

    private func withBlock(
        _ count: Int, _ body: (UnsafeRawBufferPointer) -> Void, fill: (UnsafeMutableRawPointer) throws -> Void
    ) throws {
        try withUnsafeTemporaryAllocation(byteCount: max(1, count * byteCount), alignment: 16) { block in
            guard let target = block.baseAddress else { return }
            try fill(target)
            body(UnsafeRawBufferPointer(start: target, count: count * byteCount))
        }
    }
}
