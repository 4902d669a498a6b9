import ArgumentParser

/// `credence novelty`: which rows belong to none of the known classes.
struct NoveltyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "novelty",
        abstract: "Find rows that belong to none of the known classes.",
        discussion: """
            fit learns scores from known rows and what known rows score; score tells of each row how novel it is, with a \
            p-value; evaluate measures how well known rows are told from novel ones; list names the scores.

            EXAMPLE
              credence novelty fit --model m.safetensors --data Examples/Data/fashion-mnist-mini
              credence novelty score --model m.safetensors --features images.safetensors --output novelty.csv
              credence novelty evaluate --model m.safetensors --known known.safetensors --novel novel.safetensors
            """,
        subcommands: [
            NoveltyFitCommand.self, NoveltyScoreCommand.self, NoveltyEvaluateCommand.self, NoveltyListCommand.self,
        ])
}
