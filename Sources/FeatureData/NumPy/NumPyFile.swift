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

extension NumPyFile {
    /// The files beside `train_image_features.npy`: `train_labels.npy` and `class_names.json`, as a data folder has them; beside
    /// any other `x.npy`: `x_labels.npy` and `x_class_names.json`.
    package static func companions(of url: URL) -> (labels: URL, classNames: URL) {
        let folder = url.deletingLastPathComponent()
        let stem = url.deletingPathExtension().lastPathComponent
        if stem.contains("image_features") {
            let labels = stem.replacingOccurrences(of: "image_features", with: "labels")
            return (folder.appending(path: labels + ".npy"), folder.appending(path: "class_names.json"))
        }
        return (folder.appending(path: stem + "_labels.npy"), folder.appending(path: stem + "_class_names.json"))
    }
}
