import ArgumentParser
import Credence
import Foundation

/// `credence exemplars select`: the best training rows of classes, within a budget.
struct ExemplarsSelectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "select",
        abstract: "Choose training rows of classes and keep them in a store, made if it does not exist.",
        discussion: """
            The classes become a task of the store. Every class gets an equal share of the budget; what is kept of earlier \
            classes shrinks to the first of its ranking, and pinned rows stay. All of it happens in one step: until that moment, \
            and after an interruption, the store is as it was.

            EXAMPLE
              credence exemplars select --data Examples/Data/fashion-mnist-mini --store e.sqlite --selector herding \
            --budget 200 --classes 't-shirt,dress'
              credence exemplars select --data Examples/Data/fashion-mnist-mini --store e.sqlite --selector entropy \
            --model m.safetensors --per-class 20 --known keep
            """)

    @Option(help: ArgumentHelp("Folder with train.safetensors and text.safetensors.", valueName: "folder"), completion: .directory)
    var data: String

    @OptionGroup var options: StoreOptions

    @Option(help: "How the rows are chosen.")
    var selector = SelectorName(HerdingExemplars())

    @OptionGroup var budget: BudgetOptions

    @Option(help: ArgumentHelp("The model whose posterior a selector sees, where it needs one.", valueName: "file"), completion: .file())
    var model: String?

    @Option(help: ArgumentHelp("Classes, parted by commas. Default: all in the data.", valueName: "names"))
    var classes: String?

    @Option(help: ArgumentHelp("File with the classes, one a line or a JSON list.", valueName: "file"), completion: .file())
    var classesFile: String?

    @Option(
        help: """
            Classes that the store holds already: refuse, keep (pass over them), or rechoose (choose anew among the stored rows \
            and those in the data).
            """)
    var known = SelectionPlan.KnownClasses.refuse

    @OptionGroup var encoding: EncodingOptions

    @Flag(help: "Print the summary as JSON on standard output.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        _ = try budget.required()
        if classes != nil, classesFile != nil {
            throw ValidationError("Give --classes or --classes-file, not both.")
        }
    }

    func run() throws {
        try common.run { terminal in
            let source = try CandidateRows(folder: data)
            let candidates = try source.candidates(classes: classes, file: classesFile)
            var plan = SelectionPlan(
                selector: selector.selector, budget: try budget.required(), seed: common.seed, knownClasses: known)
            plan.settings = ["data": URL(filePath: data).standardizedFileURL.path]
            try source.attach(model, to: &plan)
            let store = try options.openOrCreate(
                dimension: source.rows.dimension, encoding: try encoding.encoding(dimension: source.rows.dimension))
            let progress = RowProgress(
                terminal: terminal, verb: "choosing", rows: candidates.classes.reduce(0) { $0 + $1.rows.count })
            let summary = try store.write { writer in
                try writer.select(from: candidates, plan) { done in
                    try Interruption.check()
                    progress.reached(done)
                }
            }
            store.compact()
            terminal.wipe()
            terminal.say(StoreText.summary(summary, store: options.store, encoding: store.format.encoding))
            if json { print(try JSONOutput.text(summary)) }
        }
    }
}

extension SelectionPlan.KnownClasses: ExpressibleByArgument {}
