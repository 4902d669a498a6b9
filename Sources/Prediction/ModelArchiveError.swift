import FeatureData
import Foundation

/// Why a file is refused as a model, in one line that names the file and, where one is to blame, the tensor.
public enum ModelArchiveError: Error, Equatable, Sendable {
    case notAModel(file: String)
    case newerFormat(file: String, found: Int, supported: Int)
    case wrongMethod(file: String, found: String, expected: String)
    case metadata(file: String, key: String, reason: String)
    case configuration(file: String, reason: String)
    case fingerprint(file: String, stored: String, found: String)
    case missingTensor(file: String, tensor: String)
    case elementType(file: String, tensor: String, expected: String)
    case shape(file: String, tensor: String, found: [Int], expected: String)
}

extension ModelArchiveError: CustomStringConvertible, LocalizedError {
    public var description: String {
        let text =
            switch self {
            case .notAModel(let file): "\(file): is not a credence model: its metadata has no 'credence_format'"
            case .newerFormat(let file, let found, let supported):
                "\(file): is a model of format \(found), this version reads up to \(supported)"
            case .wrongMethod(let file, let found, let expected):
                "\(file): is a model of the method '\(found)', expected '\(expected)'"
            case .metadata(let file, let key, let reason): "\(file): damaged model: '\(key)' in the metadata \(reason)"
            case .configuration(let file, let reason): "\(file): damaged model: configuration: \(reason)"
            case .fingerprint(let file, let stored, let found):
                "\(file): damaged model: its content has the fingerprint \(found), expected \(stored)"
            case .missingTensor(let file, let tensor): "\(file): damaged model: tensor '\(tensor)' is missing"
            case .elementType(let file, let tensor, let expected):
                "\(file): damaged model: tensor '\(tensor)': expected \(expected)"
            case .shape(let file, let tensor, let found, let expected):
                "\(file): damaged model: tensor '\(tensor)': has the shape \(found), expected \(expected)"
            }
        return text.onOneLine
    }

    public var errorDescription: String? { description }
}

extension ModelArchive {
    /// Checks that the model was made by a method; for the start of `ArchivableHead.init(archive:)`.
    ///
    /// - Throws: `ModelArchiveError.wrongMethod`.
    public func require(method expected: String) throws {
        guard method == expected else {
            throw ModelArchiveError.wrongMethod(file: path, found: method, expected: expected)
        }
    }
}
