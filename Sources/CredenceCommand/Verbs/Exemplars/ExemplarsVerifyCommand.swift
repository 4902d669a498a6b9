import ArgumentParser
import Credence
import Foundation

/// `credence exemplars verify`: whether a store is sound.
struct ExemplarsVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check all of a store: structure, checksums, ranks, budget.",
        discussion: """
            Reads every row. Prints what is wrong, one problem a line, and exits with 65; prints that the store is sound \
            otherwise.

            EXAMPLE
              credence exemplars verify --store e.sqlite
            """)

    @OptionGroup var options: StoreOptions

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var common: CommonOptions

    private struct Report: Encodable {
        var store: String
        var isSound: Bool
        var rows: Int
        var problems: [String]
    }

    func run() throws {
        try common.run { terminal in
            let store = try options.open(for: .reading)
            // A store too damaged to be counted is verified all the same.
            let rows = (try? store.read { try $0.count() }) ?? 0
            let progress = RowProgress(terminal: terminal, verb: "verifying", rows: rows)
            let problems = try store.verify { done in
                try Interruption.check()
                progress.reached(done)
            }
            terminal.wipe()
            if json {
                print(
                    try JSONOutput.text(
                        Report(store: options.store, isSound: problems.isEmpty, rows: rows, problems: problems)))
            } else if problems.isEmpty {
                if !common.quiet { print("\(options.store): sound, \(rows) rows") }
            } else {
                for problem in problems { print(problem) }
            }
            if !problems.isEmpty {
                throw CommandFailure(
                    .badData, "\(options.store): damaged: " + StoreText.count(problems.count, "problem", "problems"))
            }
        }
    }
}
