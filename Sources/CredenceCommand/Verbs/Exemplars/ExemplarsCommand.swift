import ArgumentParser

/// `credence exemplars`: the rows kept to rehearse on.
struct ExemplarsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exemplars",
        abstract: "Choose the rows to keep of each class, and keep them.",
        discussion: """
            A store is one file: an SQLite database of rows with their classes, ranks, sources and selections. select chooses \
            training rows into it, add takes rows by number, import those of a file; prune shrinks it to a budget; list, stats and \
            export show what it holds; verify checks it. Any number of processes may read a store while one writes.

            compare learns with several ways of choosing and says what each is worth.

            EXAMPLE
              credence exemplars select --data Examples/Data/fashion-mnist-mini --store e.sqlite --budget 200
              credence exemplars stats --store e.sqlite
              credence exemplars compare --data Examples/Data/fashion-mnist-mini --tasks 5 --selector random herding
            """,
        subcommands: [
            ExemplarsSelectCommand.self, ExemplarsAddCommand.self, ExemplarsListCommand.self, ExemplarsStatsCommand.self,
            ExemplarsExportCommand.self, ExemplarsImportCommand.self, ExemplarsPruneCommand.self, ExemplarsVerifyCommand.self,
            ExemplarsCompareCommand.self,
        ])
}
