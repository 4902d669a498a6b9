import CLAP
import HeadCombination
import Linear
import Prediction
import RAIL
import ZeroShot

/// The heads that a model file may hold. A new head is one case here.
public enum HeadMethod: String, Sendable, CaseIterable {
    case clap
    case linear
    case railDual = "rail-dual"
    case railPrimal = "rail-primal"
    case zeroShot = "zero-shot"

    /// The head in a model file.
    ///
    /// - Parameter answering: see `ModelFile.load`.
    /// - Throws: `FeatureDataError` or `ModelArchiveError` where the file is damaged.
    public func load(_ archive: ModelArchive, answering: Bool = true) throws -> any ArchivableHead {
        switch self {
        case .clap: try CLAPHead(archive: archive)
        case .linear: try LinearHead(archive: archive)
        case .railDual: try RAILDualHead(archive: archive)
        case .railPrimal: try RAILPrimalHead(archive: archive, factorizing: answering)
        case .zeroShot: try ZeroShotHead(archive: archive)
        }
    }
}

/// The heads that a combination's parts may be.
public enum HeadMethods: HeadCatalogue {
    public static func load(_ archive: ModelArchive) throws -> any ArchivableHead {
        guard let method = HeadMethod(rawValue: archive.method) else {
            throw ModelUseError.unknownMethod(file: archive.url?.relativePath ?? "the model", archive.method, isPart: true)
        }
        return try method.load(archive)
    }
}
