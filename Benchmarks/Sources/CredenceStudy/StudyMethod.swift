import Credence

/// A way to learn: zero-shot, the linear baseline, or one of CLAP's recipes.
enum StudyMethod: Hashable, Sendable {
    case zeroShot, linear
    /// By its name in `CLAPRecipe.names`.
    case clap(recipe: String)

    static let all: [StudyMethod] = [.zeroShot, .linear] + CLAPRecipe.names.map { .clap(recipe: $0) }

    init?(name: String) {
        guard let method = Self.all.first(where: { $0.name == name }) else { return nil }
        self = method
    }

    /// On the command line and in the raw results.
    var name: String {
        switch self {
        case .zeroShot: "zero-shot"
        case .linear: "linear"
        case .clap(let recipe): recipe
        }
    }

    /// In the tables.
    var title: String {
        switch self {
        case .zeroShot, .linear: name
        case .clap(let recipe): "CLAP, \(recipe)"
        }
    }

    /// Whether it learns from rows, so that their number matters.
    var learnsFromRows: Bool { self != .zeroShot }

    /// Whether it trains an attention module, which takes most of a study's time.
    var isSlow: Bool { self == .clap(recipe: "reference") || self == .clap(recipe: "few-shot") }

    /// A head that knows no class yet.
    func makeHead(featureDimension: Int) throws -> any ArchivableHead {
        switch self {
        case .zeroShot: return ZeroShotHead(featureDimension: featureDimension)
        case .linear: return LinearHead(featureDimension: featureDimension)
        case .clap(let name):
            guard let recipe = CLAPRecipe.named(name, featureDimension: featureDimension) else {
                throw CLAPError.invalidOption(
                    "recipe", found: name, expected: CLAPRecipe.names.joined(separator: ", "))
            }
            return try CLAPHead(recipe: recipe)
        }
    }
}
