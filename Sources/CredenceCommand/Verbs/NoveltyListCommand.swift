import ArgumentParser
import Credence
import Foundation

/// `credence novelty list`: the scores, one line each.
struct NoveltyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the scores: what each is and what it needs.",
        discussion: """
            Each line: the name, one line on the score, and what it needs: the model's posterior, the feature rows, \
            fitting to known rows, their labels, the classes' text features, text features of other words. With --json \
            also the source and the settings, which novelty fit takes as NAME:{"setting": value}.

            EXAMPLE
              credence novelty list
              credence novelty list --json
            """)

    @Flag(help: "Print JSON.")
    var json = false

    private struct Line: Encodable {
        var name: String
        var summary: String
        var source: String
        var needs: [String]
        var settings: [String: String]
    }

    func run() throws {
        guard json else {
            let width = NoveltyScores.all.map(\.name.count).max() ?? 0
            for score in NoveltyScores.all {
                let name = score.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                print("\(name)\(score.about.summary) (\(score.needs.words.joined(separator: ", ")))")
            }
            return
        }
        print(
            try JSONOutput.text(
                NoveltyScores.all.map { score in
                    Line(
                        name: score.name, summary: score.about.summary, source: score.about.source,
                        needs: score.needs.words, settings: try Self.settings(score))
                }))
    }

    /// Each setting with its default as JSON.
    private static func settings(_ score: some Encodable) throws -> [String: String] {
        let all = try JSONSerialization.jsonObject(with: JSONEncoder().encode(score)) as? [String: Any] ?? [:]
        return try all.mapValues { value in
            let data = try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
            return String(decoding: data, as: UTF8.self)
        }
    }
}
