import Foundation
import Matrices
import Prediction

/// NegLabel: the share of other words in a soft-max over the classes' text and many words that are far from all classes,
/// Σ_words e^{cos/τ} / (Σ_classes e^{cos/τ} + Σ_words e^{cos/τ}), averaged over groups of words (Jiang et al. 2024,
/// arXiv:2403.20078, equations 5 to 8). 0…1. No model is asked. O((classes + words) · D) a row.
///
/// The words are chosen among those given: a word's nearness is the quantile `quantile` from the top of its cosines to the
/// classes, and the `share` with the least nearness is kept (their NegMining, algorithm 1).
public struct NegativeLabels: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "negative-labels", summary: "NegLabel: how much nearer a row is to other words than to the classes' text",
        source: "Jiang et al. 2024, arXiv:2403.20078", needs: [.features, .fitting, .classText, .extraWords])

    /// τ > 0.
    public let temperature: Float
    /// Groups that the words are dealt to in turn, farthest first; 1 or more.
    public let groups: Int
    /// The share of the words that is kept, above 0 and 1 at most.
    public let share: Float
    /// From the top: 0 for the nearest class, 0.05 as in the paper.
    public let quantile: Float

    public init(temperature: Float = 0.01, groups: Int = 100, share: Float = 0.15, quantile: Float = 0.05) {
        precondition(temperature > 0 && groups > 0 && share > 0 && share <= 1 && quantile >= 0 && quantile <= 1)
        self.temperature = temperature
        self.groups = groups
        self.share = share
        self.quantile = quantile
    }

    public func checkSettings() throws(NoveltyError) {
        try check(positive: temperature, "temperature")
        try check(groups, atLeast: 1, "groups")
        try require(share > 0 && share <= 1, "share", share, "above 0, 1 at most")
        try require(quantile >= 0 && quantile <= 1, "quantile", quantile, "0 to 1")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> ConceptTexts {
        guard let text = rows.classText else { throw NoveltyError.missing(.classText, score: name) }
        guard let words = rows.otherWords else { throw NoveltyError.missing(.extraWords, score: name) }
        guard words.columns == rows.dimension else {
            throw NoveltyError.dimension(score: name, found: words.columns, expected: rows.dimension)
        }
        guard words.rows > 0, words.isFinite else {
            throw NoveltyError.cannotFit(score: name, reason: "there are no other words, or their text is not finite")
        }
        let (classes, others) = (text.normalizedRows(), words.normalizedRows())
        let cosines = others.multiplied(by: classes, .transposed)
        let place = Int((Float(classes.rows - 1) * quantile).rounded())
        let nearness = (0..<others.rows).map { cosines.row($0).sorted(by: >)[place] }
        let kept = max(1, Int((Float(others.rows) * share).rounded()))
        let order = nearness.indices.sorted { (nearness[$0], $0) < (nearness[$1], $1) }.prefix(kept)
        notes.append("\(kept) of \(others.rows) words are kept as negative labels")
        return ConceptTexts(classes: classes, others: others.selectingRows(Array(order)))
    }

    public func scores(for input: NoveltyInput, model: ConceptTexts) throws -> [Float] {
        let groups = min(groups, model.others.rows)
        return RowBlocks.scores(try input.features(for: self)) { block in
            let rows = block.normalizedRows()
            let known = rows.multiplied(by: model.classes, .transposed, scaledBy: 1 / temperature).logSumExp()
            let words = rows.multiplied(by: model.others, .transposed, scaledBy: 1 / temperature)
            return (0..<rows.rows).map { row in
                var sums = [Double](repeating: 0, count: groups)
                for (word, value) in words.row(row).enumerated() { sums[word % groups] += exp(Double(value - known[row])) }
                return Float(sums.reduce(0) { $0 + $1 / (1 + $1) } / Double(groups))
            }
        }
    }
}
