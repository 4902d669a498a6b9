import NoveltyDetection

/// What is said about consecutive rows.
public struct NoveltyRows: Sendable {
    public var firstRow: Int
    public var isNovel: [Bool]
    /// By score, then by row.
    public var scores: [[Float]]
    /// By score, then by row.
    public var pValues: [[Float]]

    public var count: Int { isNovel.count }

    /// Consecutive rows, counted within these; `firstRow` becomes 0.
    public func rows(_ range: Range<Int>) -> NoveltyRows {
        NoveltyRows(
            firstRow: 0, isNovel: Array(isNovel[range]), scores: scores.map { Array($0[range]) },
            pValues: pValues.map { Array($0[range]) })
    }
}

/// From scores to p-values and to what is novel.
public struct NoveltyRule: Sendable {
    /// What makes a row novel.
    public enum Limit: Sendable {
        /// A score above the threshold.
        case threshold(NoveltyThreshold)
        /// A p-value that the false discovery rate lets pass.
        case discovery(FalseDiscoveryRate)
    }

    public let limit: Limit
    /// The place of the score that decides.
    public let decisive: Int
    /// By score.
    public let pValues: [ConformalPValues]
    public let ties: ConformalPValues.Ties
    /// Of randomised p-values.
    public let seed: UInt64

    public init(
        limit: Limit, decisive: Int, pValues: [ConformalPValues], ties: ConformalPValues.Ties = .conservative,
        seed: UInt64 = 1
    ) {
        (self.limit, self.decisive, self.pValues, self.ties, self.seed) = (limit, decisive, pValues, ties, seed)
    }

    /// - Parameter scores: one array a score.
    public func rows(_ scores: [[Float]], firstRow: Int) -> NoveltyRows {
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
