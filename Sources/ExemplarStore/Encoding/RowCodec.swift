// Rows to bytes and back.
import CKernels
import Foundation
import GRDB
import Matrices

/// Encodes and decodes the rows of a store.
struct RowCodec {
    let format: StoreFormat
    /// Of a store with product quantisation, once it has learnt.
    let quantizer: ProductQuantizer?

    var rowBytes: Int { format.rowBytes }

    /// The bytes of rows `[rows, D]`, row after row, and what they lost.
    func encode(_ rows: Matrix<Float>) -> (bytes: [UInt8], loss: EncodingLoss) {
        precondition(rows.columns == format.dimension, "rows of length \(rows.columns), expected \(format.dimension)")
        let (count, dimension) = (rows.rows, rows.columns)
        var loss = EncodingLoss()
        let bytes = [UInt8](unsafeUninitializedCapacity: count * rowBytes) { buffer, initialized in
            initialized = count * rowBytes
            guard count > 0, let base = buffer.baseAddress else { return }
            switch format.encoding {
            case .float32:
                UnsafeMutableRawPointer(base).copyMemory(from: rows.pointer, byteCount: 4 * count * dimension)
            case .float16:
                UnsafeMutableRawPointer(base).withMemoryRebound(to: UInt16.self, capacity: count * dimension) {
                    credence_f32_to_half($0, rows.pointer, count * dimension)
                }
            case .productQuantization:
                guard let quantizer else { preconditionFailure("rows are encoded once centroids are learnt") }
                quantizer.encode(rows.pointer, count: count, into: base)
            }
        }
        if format.encoding == .float32 {
            loss.rows = count
            loss.cosine = Double(count)
            loss.squaredNorm = Double(FloatKernels.dot(rows.pointer, rows.pointer, count * dimension))
            return (bytes, loss)
        }
        var back = [Float](repeating: 0, count: dimension)
        bytes.withUnsafeBytes { bytes in
            back.withUnsafeMutableBufferPointer { back in
                guard let target = back.baseAddress else { return }
                for row in 0..<count {
                    _ = decode(UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes]), into: target)
                    loss.add(rows.pointer + row * dimension, decoded: target, count: 1, dimension: dimension)
                }
            }
        }
        return (bytes, loss)
    }

    /// One row. False where the bytes are no row: a wrong length, a code without centroid.
    func decode(_ bytes: UnsafeRawBufferPointer, into row: UnsafeMutablePointer<Float>) -> Bool {
        guard bytes.count == rowBytes, let base = bytes.baseAddress else { return false }
        let dimension = format.dimension
        switch format.encoding {
        case .float32:
            UnsafeMutableRawPointer(row).copyMemory(from: base, byteCount: bytes.count)
            return true
        case .float16:
            // The blob may lie at an odd address.
            withUnsafeTemporaryAllocation(of: UInt16.self, capacity: dimension) { half in
                guard let half = half.baseAddress else { return }
                UnsafeMutableRawPointer(half).copyMemory(from: base, byteCount: bytes.count)
                credence_half_to_f32(row, half, dimension)
            }
            return true
        case .productQuantization:
            guard let quantizer, quantizer.decode(bytes, into: row) else { return false }
            if format.hasUnitRows { FloatKernels.normalizeRows(row, nil, row, 1, dimension) }
            return true
        }
    }
}

extension RowCodec {
    /// The codec of a store; its centroids are read where it has some.
    init(_ db: Database, format: StoreFormat, url: URL) throws {
        var quantizer: ProductQuantizer?
        if case .productQuantization(let parts) = format.encoding {
            quantizer = try ProductQuantizer(stored: db, dimension: format.dimension, parts: parts, url: url)
        }
        self.init(format: format, quantizer: quantizer)
    }
}
