import Foundation
import Matrices

/// A `.npy` file, mapped for reading: one array of half, single or double floats, integers or booleans.
///
/// Little-endian and C order; others are refused with the way to convert them.
public struct NumPyFile: Sendable {
    public let url: URL
    /// The array; its name is the file's name without `.npy`.
    public let array: StoredTensor

    /// - Throws: `FeatureDataError`.
    public init(contentsOf url: URL) throws {
        try self.init(MappedFile(url))
    }

    init(_ file: MappedFile) throws {
        let header = try NumPyHeader(file.bytes) { FeatureDataError(.badData, file.url, $0) }
        url = file.url
        array = StoredTensor(
            name: file.url.deletingPathExtension().lastPathComponent, elementType: header.elementType,
            shape: header.shape, file: file, offset: header.dataOffset)
    }
}
