import Foundation

/// What is wrong with a file of features, prompts or parameters, in one line that names the file.
public struct FeatureDataError: Error, Equatable, Sendable {
    /// The family of an error; a command line maps each to its exit code.
    public enum Kind: String, Sendable, CaseIterable {
        /// A file or folder that should be read is absent or may not be read (exit code 66).
        case inputMissing
        /// A file was read and what it holds is wrong (65).
        case badData
        /// A file cannot be created or replaced (73).
        case cannotWrite
        /// The system failed while reading or writing (74): disk full, file too large, device errors.
        case inputOutput
    }

    public var kind: Kind
    /// The path as given by the caller.
    public var file: String
    /// The tensor, where one is to blame.
    public var tensor: String?
    /// What was found and what was expected.
    public var reason: String

    public init(_ kind: Kind, file: String, tensor: String? = nil, _ reason: String) {
        self.kind = kind
        self.file = file
        self.tensor = tensor
        self.reason = reason
    }

    init(_ kind: Kind, _ url: URL, tensor: String? = nil, _ reason: String) {
        self.init(kind, file: url.relativePath, tensor: tensor, reason)
    }

    /// The error of a failed system call, from `errno` as it was.
    init(opening url: URL, errno code: Int32) {
        let missing = [ENOENT, ENOTDIR, EACCES, EPERM, ELOOP].contains(code)
        let reason = code == ENOENT ? "no such file" : "cannot be read: \(String(cString: strerror(code)))"
        self.init(missing ? .inputMissing : .inputOutput, url, reason)
    }
}

extension FeatureDataError: CustomStringConvertible, LocalizedError {
    public var description: String {
        let place = tensor.map { "\(file): tensor '\($0)': " } ?? "\(file): "
        return (place + reason).onOneLine
    }

    public var errorDescription: String? { description }
}

extension String {
    /// Control characters as escapes and long text cut in the middle, so that a hostile name cannot spoil a terminal.
    package var onOneLine: String {
        var result = ""
        for scalar in unicodeScalars {
            if scalar.properties.generalCategory == .control || scalar.value == 0x2028 || scalar.value == 0x2029 {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result.count <= 600 ? result : "\(result.prefix(400)) … \(result.suffix(190))"
    }
}
