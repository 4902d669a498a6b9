import ArgumentParser
import Credence

/// Scores as they are asked for: names, or names with settings such as `odin:{"temperature": 10}`.
enum WantedScore {
    /// - Throws: `ValidationError` saying what is wrong with the first bad one.
    static func parse(_ arguments: [String], option: String = "--score") throws -> [any NoveltyScore & Codable] {
        var found: [any NoveltyScore & Codable] = []
        for argument in arguments {
            let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            do {
                let score = try NoveltyScores.named(parts[0], settings: parts.count == 2 ? parts[1] : "{}")
                if found.contains(where: { $0.name == score.name }) { throw NoveltyError.duplicateScore(score.name) }
                found.append(score)
            } catch let error as NoveltyError {
                throw ValidationError("\(option): \(error).")
            }
        }
        return found
    }
}
