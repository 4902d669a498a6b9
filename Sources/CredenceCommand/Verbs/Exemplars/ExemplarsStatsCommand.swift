import ArgumentParser
import Credence
import Foundation

/// `credence exemplars stats`: figures of a store.
struct ExemplarsStatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show what a store holds: rows of classes and tasks, bytes, selections and the loss of its encoding.",
        discussion: """
            The loss is that of all rows that were ever added, measured when they were: the sum of the squared differences of \
            rows and what is read back, over the sum of their squared norms.

            EXAMPLE
              credence exemplars stats --store e.sqlite
            """)

    @OptionGroup var options: StoreOptions

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.run { _ in
            let statistics = try options.open(for: .reading).read { try $0.statistics() }
            print(json ? try JSONOutput.text(statistics) : StoreText.statistics(statistics))
        }
    }
}
