import ArgumentParser
import Credence

/// The exemplar selectors by name. A new selector is one case here.
enum SelectorName: String, ExpressibleByArgument, CaseIterable {
    case random

    var selector: any ExemplarSelector {
        switch self {
        case .random: RandomExemplars()
        }
    }
}

/// The options of rehearsal.
struct ExemplarOptions: ParsableArguments {
    @Option(
        help: """
            Rows of earlier classes to keep for rehearsal, shared equally by the classes; 0 for none. Default: 2000, \
            or what the model has; 0 with a recipe that keeps no rows.
            """)
    var budget: Int?

    @Option(help: "How the rows to keep are chosen.")
    var selector: SelectorName = .random

    func validate() throws {
        if let budget, budget < 0 { throw ValidationError("--budget must not be negative, not \(budget).") }
    }

    /// The budget of a new model.
    ///
    /// - Throws: `ValidationError` where rows are asked for and the head's recipe keeps none.
    func budget(for head: some DescribedHead) throws -> Int {
        guard head.keepsRows else {
            if let budget, budget > 0 {
                throw ValidationError("--budget \(budget): the recipe '\(head.recipeName ?? "")' keeps no rows.")
            }
            return 0
        }
        return budget ?? 2000
    }
}
