import Foundation

/// A file with tensors, whatever its format: safetensors, `.npy` or `.npz`, told apart by their first bytes.
public struct TensorFile: Sendable {
    public enum Format: String, Sendable, Codable {
        case safetensors, npy, npz
    }

    public let url: URL
    public let format: Format
    public let tensors: [StoredTensor]
    /// Empty unless it is a safetensors file that has some.
    public let metadata: [String: String]
    /// Of the whole file.
    public let byteCount: Int

    /// - Throws: `FeatureDataError`.
    public init(contentsOf url: URL) throws {
        try self.init(MappedFile(url))
    }

    /// Bytes in memory, such as a request's; they are copied.
    ///
    /// - Parameter name: for messages, in the place of a file's name.
    /// - Throws: `FeatureDataError.badData`.
    public init(copying bytes: UnsafeRawBufferPointer, named name: String) throws {
        try self.init(MappedFile(copying: bytes, named: name))
    }

    private init(_ file: MappedFile) throws {
        url = file.url
        byteCount = file.byteCount
        if file.bytes.prefix(6).elementsEqual(NumPyHeader.magic) || url.pathExtension == "npy" {
            format = .npy
            tensors = [try NumPyFile(file).array]
            metadata = [:]
        } else if file.bytes.prefix(2).elementsEqual([0x50, 0x4b]) || url.pathExtension == "npz" {
            format = .npz
            tensors = try NumPyArchive(file).arrays
            metadata = [:]
        } else {
            let safetensors = try SafetensorsFile(file)
            format = .safetensors
            tensors = safetensors.tensors
            metadata = safetensors.metadata
        }
    }

    /// The tensor of one of these names, the first that is there; or, for a file with one tensor only, that one.
    ///
    /// - Throws: `FeatureDataError.badData`.
    public func tensor(named names: [String]) throws -> StoredTensor {
        for name in names {
            if let tensor = tensors.first(where: { $0.name == name }) { return tensor }
        }
        if tensors.count == 1, format == .npy || names.isEmpty { return tensors[0] }
        let held = tensors.prefix(8).map(\.name).joined(separator: ", ") + (tensors.count > 8 ? ", …" : "")
        throw FeatureDataError(
            .badData, url, tensor: names.first, "is missing, the file holds \(held.isEmpty ? "no tensor" : held)")
    }
}
