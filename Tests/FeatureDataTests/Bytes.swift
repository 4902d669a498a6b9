import Foundation

/// Files made byte by byte, so that they can be wrong.
enum Bytes {
    struct Tensor {
        var name: String
        var type: String
        var shape: [Int]
        var bytes: [UInt8]

        init(_ name: String, _ type: String, _ shape: [Int], _ bytes: [UInt8]) {
            (self.name, self.type, self.shape, self.bytes) = (name, type, shape, bytes)
        }
    }

    /// The tensors one after the other, nothing checked.
    static func safetensors(_ tensors: [Tensor], metadata: String? = nil) -> [UInt8] {
        var offset = 0
        var members = metadata.map { ["\"__metadata__\":\($0)"] } ?? []
        for tensor in tensors {
            let end = offset + tensor.bytes.count
            members.append(
                "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        return safetensors(header: "{\(members.joined(separator: ","))}", data: tensors.flatMap(\.bytes))
    }

    static func safetensors(header: String, length: UInt64? = nil, data: [UInt8] = []) -> [UInt8] {
        let text = Array(header.utf8)
        return withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian) { Array($0) } + text + data
    }

    static func of<Element>(_ values: [Element]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
}
