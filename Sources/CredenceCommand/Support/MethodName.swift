import ArgumentParser
import Credence

/// What `--method` names: a head, or several joined by `+` into one, such as `clap+rail`; `rail` is short for `rail-primal`.
struct MethodName: ExpressibleByArgument, Hashable {
    let heads: [HeadMethod]

    init(_ head: HeadMethod) { heads = [head] }

    /// `nil` for a head that is not known or named twice.
    init?(rawValue: String) {
        let names = rawValue.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        let heads = names.compactMap { HeadMethod(rawValue: $0 == "rail" ? HeadMethod.railPrimal.rawValue : $0) }
        guard heads.count == names.count, Set(heads).count == heads.count else { return nil }
        self.heads = heads
    }

    /// The options of combinations.
    private static let ownOptions = ["--gate", "--task-penalty"]

    init?(argument: String) { self.init(rawValue: argument) }

    static var allValueStrings: [String] { HeadMethod.allCases.map(\.rawValue) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

    var rawValue: String { heads.map(\.rawValue).joined(separator: "+") }
    var isCombination: Bool { heads.count > 1 }

    /// A head that knows no class yet.
    ///
    /// - Throws: `ValidationError` for options that none of the heads has.
    func make(featureDimension: Int, options: HeadOptions) throws -> any ArchivableHead {
        guard isCombination else {
            try options.refuse(Self.ownOptions, method: rawValue)
            return try heads[0].make(featureDimension: featureDimension, options: options)
        }
        let parts = try heads.map { head in
            let others = heads.filter { $0 != head }
            return try head.make(
                featureDimension: featureDimension,
                options: options.without { name in
                    !head.hasOption(name) && (Self.ownOptions.contains(name) || others.contains { $0.hasOption(name) })
                })
        }
        var recipe = CombinationRecipe()
        if let gate = options.gate { gate.apply(to: &recipe) }
        recipe.weights.taskPenalty = options.taskPenalty
        return try CombinedHead<HeadMethods>(parts, recipe: recipe)
    }

    /// The head in a model file.
    ///
    /// - Throws: `FeatureDataError` or `ModelArchiveError` where the file is damaged.
    func load(_ archive: ModelArchive, answering: Bool = true) throws -> any ArchivableHead {
        isCombination
            ? try CombinedHead<HeadMethods>(archive: archive) : try heads[0].load(archive, answering: answering)
    }
}

/// The heads that a combination's parts may be.
enum HeadMethods: HeadCatalogue {
    static func load(_ archive: ModelArchive) throws -> any ArchivableHead {
        guard let method = HeadMethod(rawValue: archive.method) else {
            throw CommandFailure(
                .badData,
                "\(archive.url?.relativePath ?? "the model"): a part of the unknown method '\(archive.method)'; there are "
                    + HeadMethod.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return try method.load(archive)
    }
}

extension HeadMethod {
    /// Whether an option of `HeadOptions` is for this head.
    func hasOption(_ name: String) -> Bool {
        switch self {
        case .clap: name == "--method" || HeadOptions.ofTraining.contains(name)
        case .linear: ["--method", "--epochs", "--batch-size"].contains(name)
        case .railDual: name == "--method" || RAILOptions.names.contains(name) && !RAILOptions.ofPrimal.contains(name)
        case .railPrimal: name == "--method" || RAILOptions.names.contains(name) && !RAILOptions.ofDual.contains(name)
        case .zeroShot: name == "--method"
        }
    }
}

extension RAILOptions {
    /// Takes out some of the options that were given.
    mutating func drop(where isUnwanted: (String) -> Bool) {
        if isUnwanted("--lambda") { regulariser = nil }
        if isUnwanted("--fusion-weight") { fusionWeight = nil }
        if isUnwanted("--hidden") { hidden = nil }
        if isUnwanted("--precision") { precision = nil }
        if isUnwanted("--kernel") { kernel = nil }
        if isUnwanted("--gamma") { gamma = nil }
        if isUnwanted("--degree") { degree = nil }
        if isUnwanted("--offset") { offset = nil }
        if isUnwanted("--exact-rows") { exactRows = nil }
        if isUnwanted("--landmarks") { landmarks = nil }
        if isUnwanted("--landmark-selection") { landmarkSelection = nil }
    }
}

/// Who has the say between the classes learnt and those known by their prompts alone.
enum GateName: String, ExpressibleByArgument, CaseIterable {
    case calibrated
    case zeroShot = "zero-shot"
    case diki

    func apply(to recipe: inout CombinationRecipe) {
        switch self {
        case .calibrated: recipe.gate = .calibrated
        case .zeroShot: recipe.gate = .zeroShot
        case .diki:
            recipe.gate = .distributionAware(divisor: 512, scope: .image)
            recipe.covariance = .ridged(1e-7)
        }
    }
}
