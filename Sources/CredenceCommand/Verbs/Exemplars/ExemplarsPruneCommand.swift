import ArgumentParser
import Credence
import Foundation

/// `credence exemplars prune`: shrinks a store to a budget.
struct ExemplarsPruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Shrink a store to a budget.",
        discussion: """
            Every class keeps its pinned rows and the first of its ranking, and the budget becomes the store's. With \
            --dry-run nothing changes.

            EXAMPLE
              credence exemplars prune --store e.sqlite --budget 100
            """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var budget: BudgetOptions

    @Flag(help: "Only say how many rows would go.")
    var dryRun = false

    @Flag(help: "Print the summary as JSON on standard output.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws { _ = try budget.required() }

    private struct Summary: Encodable {
        var store: String
        var budget: String
        var removed: Int
        var rows: Int
    }

    func run() throws {
        try common.run { terminal in
            let budget = try budget.required()
            let summary: Summary
            if dryRun {
                let classes = try options.open(for: .reading).read { try $0.classes() }
                let quotas = try budget.quotas(classes.map { .init(pinned: $0.pinned, rows: $0.rows) })
                let (rows, kept) = (classes.reduce(0) { $0 + $1.rows }, quotas.reduce(0, +))
                summary = Summary(store: options.store, budget: budget.description, removed: rows - kept, rows: kept)
            } else {
                let store = try options.open(for: .writing)
                let progress = RowProgress(
                    terminal: terminal, verb: "removing", rows: try store.read { try $0.count() })
                let (removed, rows) = try store.write { writer in
                    let removed = try writer.prune(to: budget) { done in
                        try Interruption.check()
                        progress.reached(done)
                    }
                    return (removed, try writer.reader.count())
                }
                store.compact()
                summary = Summary(store: options.store, budget: budget.description, removed: removed, rows: rows)
            }
            terminal.wipe()
            terminal.say(
                "\(dryRun ? "would remove" : "removed") \(StoreText.count(summary.removed, "row", "rows")); "
                    + "\(options.store) \(dryRun ? "would hold" : "holds") \(summary.rows)")
            if json { print(try JSONOutput.text(summary)) }
        }
    }
}
