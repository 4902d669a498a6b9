import HeadCombination
import Prediction

/// What a model's method names: a head, or several joined by `+` into one, such as `clap+rail`; `rail` is short for
/// `rail-primal`.
public struct MethodName: Sendable, Hashable {
    public let heads: [HeadMethod]

    public init(_ head: HeadMethod) { heads = [head] }

    /// `nil` for a head that is not known or named twice.
    public init?(rawValue: String) {
        let names = rawValue.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        let heads = names.compactMap { HeadMethod(rawValue: $0 == "rail" ? HeadMethod.railPrimal.rawValue : $0) }
        guard heads.count == names.count, Set(heads).count == heads.count else { return nil }
        self.heads = heads
    }

    public var rawValue: String { heads.map(\.rawValue).joined(separator: "+") }
    public var isCombination: Bool { heads.count > 1 }

    /// The head in a model file.
    ///
    /// - Parameter answering: see `ModelFile.load`.
    /// - Throws: `FeatureDataError` or `ModelArchiveError` where the file is damaged.
    public func load(_ archive: ModelArchive, answering: Bool = true) throws -> any ArchivableHead {
        isCombination
            ? try CombinedHead<HeadMethods>(archive: archive) : try heads[0].load(archive, answering: answering)
    }
}
