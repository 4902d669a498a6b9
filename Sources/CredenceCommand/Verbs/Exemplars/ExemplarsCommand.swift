import ArgumentParser

/// `credence exemplars`: the rows kept to rehearse on.
struct ExemplarsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exemplars",
        abstract: "Choose the rows to keep of each class, and keep them.",
        discussion: """
            compare learns with several ways of choosing and says what each is worth.

            EXAMPLE
              credence exemplars compare --data Examples/Data/fashion-mnist-mini --tasks 5 --selector random herding
            """,
        subcommands: [ExemplarsCompareCommand.self])
}
