import Foundation
import Matrices

/// A safetensors file, mapped for reading: named tensors and a dictionary of texts.
///
/// Layout: 8 bytes header length (little-endian), a JSON header, then the tensors' bytes without gaps. Everything the
/// header says is checked against the file when it is opened; afterwards reading a tensor cannot leave the file.
public struct SafetensorsFile: Sendable {
    public let url: URL
    /// `__metadata__`, empty where the file has none.
    public let metadata: [String: String]
    /// In the order of their bytes.
    public let tensors: [StoredTensor]
    private let indices: [String: Int]

    /// Maps a file and checks its header. Time and memory grow with the header alone.
    ///
    /// - Throws: `FeatureDataError`.
    public init(contentsOf url: URL) throws {
        try self.init(MappedFile(url))
    }

    init(_ file: MappedFile) throws {
        let header = try SafetensorsHeader(file)
        url = file.url
        metadata = header.metadata
        tensors = header.entries.map {
            StoredTensor(
                name: $0.name, elementType: $0.elementType, shape: $0.shape, file: file,
                offset: header.dataStart + $0.offsets.lowerBound)
        }
        indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    }

    public func contains(_ name: String) -> Bool { indices[name] != nil }

    /// - Throws: `FeatureDataError.badData` naming the tensors that there are.
    public func tensor(_ name: String) throws -> StoredTensor {
        guard let index = indices[name] else {
            let names = tensors.prefix(8).map(\.name).joined(separator: ", ") + (tensors.count > 8 ? ", …" : "")
            throw FeatureDataError(
                .badData, url, tensor: name, "is missing, the file holds \(tensors.isEmpty ? "no tensor" : names)")
        }
        return tensors[index]
    }

    /// `tensor(name).matrix()`.
    public func matrix<Scalar: MatrixScalar>(_ name: String, of type: Scalar.Type = Scalar.self) throws -> Matrix<Scalar> {
        try tensor(name).matrix(of: type)
    }

    /// `tensor(name).integers()`.
    public func integers(_ name: String) throws -> [Int] { try tensor(name).integers() }
}
