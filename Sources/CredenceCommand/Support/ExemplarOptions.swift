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
            or what the model has.
            """)
    var budget: Int?

    @Option(help: "How the rows to keep are chosen.")
    var selector: SelectorName = .random

    func validate() throws {
        if let budget, budget < 0 { throw ValidationError("--budget must not be negative, not \(budget).") }
    }

    static let defaultBudget = 2000
}
