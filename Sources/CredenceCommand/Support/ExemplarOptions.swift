import ArgumentParser
import Credence

/// An exemplar selector by its name.
struct SelectorName: ExpressibleByArgument {
    let selector: any ExemplarSelector

    init(_ selector: any ExemplarSelector) { self.selector = selector }

    init?(argument: String) {
        guard let selector = ExemplarSelectors.named(argument) else { return nil }
        self.selector = selector
    }

    static var allValueStrings: [String] { ExemplarSelectors.all.map(\.name) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    var defaultValueDescription: String { selector.name }
}

/// The options of rehearsal.
struct ExemplarOptions: ParsableArguments {
    @Option(
        help: """
            Rows of earlier classes to keep for rehearsal, shared equally by the classes; 0 for none. Default: 2000, \
            or what the model has; 0 with a method or recipe that keeps no rows.
            """)
    var budget: Int?

    @Option(
        help: """
            How the rows to keep are chosen. Default: herding for linear; random for others, which it serves as well as any.
            """)
    var selector: SelectorName?

    func validate() throws {
        if let budget, budget < 0 { throw ValidationError("--budget must not be negative, not \(budget).") }
    }

    /// The selector named, or the method's own: the best of the comparison in `Benchmarks/README.md`.
    func selector(for method: MethodName) -> any ExemplarSelector {
        if let selector { return selector.selector }
        return if method == MethodName(.linear) { HerdingExemplars() } else { RandomExemplars() }
    }

    /// The budget of a new model.
    ///
    /// - Throws: `ValidationError` where rows are asked for and the head's recipe keeps none.
    func budget(for head: some DescribedHead) throws -> Int {
        guard head.keepsRows else {
            if let budget, budget > 0 {
                let what = head.recipeName.map { "the recipe '\($0)'" } ?? "this method"
                throw ValidationError("--budget \(budget): \(what) keeps no rows.")
            }
            return 0
        }
        return budget ?? 2000
    }
}
