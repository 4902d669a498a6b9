import Credence

/// What is said about consecutive rows.
struct NoveltyRows {
    var firstRow: Int
    var isNovel: [Bool]
    /// By score, then by row.
    var scores: [[Float]]
    /// By score, then by row.
    var pValues: [[Float]]

    var count: Int { isNovel.count }
}

/// From scores to p-values and to what is novel.
struct NoveltyRule {
    /// What makes a row novel.
    enum Limit {
        /// A score above the threshold.
        case threshold(NoveltyThreshold)
        /// A p-value that the false discovery rate lets pass.
        case discovery(FalseDiscoveryRate)
    }

    let limit: Limit
    /// The place of the score that decides.
    let decisive: Int
    /// By score.
    let pValues: [ConformalPValues]
    let ties: ConformalPValues.Ties
    /// Of randomised p-values.
    let seed: UInt64

    /// - Parameter scores: one array a score.
    func rows(_ scores: [[Float]], firstRow: Int) -> NoveltyRows {
        let p = zip(scores, pValues).map { scores, pValues in
            pValues(scores.map(Double.init), ties: ties, seed: seed, firstRow: firstRow)
        }
        let isNovel =
            switch limit {
            case .threshold(let threshold): scores[decisive].map { threshold.isNovel(Double($0)) }
            case .discovery(let rate): p[decisive].map { rate.isNovel(pValue: $0) }
            }
        return NoveltyRows(firstRow: firstRow, isNovel: isNovel, scores: scores, pValues: p.map { $0.map { Float($0) } })
    }
}
