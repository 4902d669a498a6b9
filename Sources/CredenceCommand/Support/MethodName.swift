import ArgumentParser
import Credence

extension MethodName: ExpressibleByArgument {
    /// The options of combinations.
    private static let ownOptions = ["--gate", "--task-penalty"]

    public init?(argument: String) { self.init(rawValue: argument) }

    public static var allValueStrings: [String] { HeadMethod.allCases.map(\.rawValue) }
    public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

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
