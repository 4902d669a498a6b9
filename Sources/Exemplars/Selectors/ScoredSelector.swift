/// A selector that keeps the rows of the highest score; of equal ones the first. NaN comes last.
public protocol ScoredSelector: ExemplarSelector {
    /// One score a row, higher = rather kept.
    func scores(of candidates: ExemplarCandidates) throws -> [Double]
}

extension ScoredSelector {
    public func ranking(of candidates: ExemplarCandidates, count: Int) throws -> [Int] {
        try selection(of: candidates, count: count).indices
    }

    public func selection(of candidates: ExemplarCandidates, count: Int) throws -> Selection {
        let scores = try scores(of: candidates)
        let rows = Array(scores.descendingOrder.prefix(max(0, count)))
        return Selection(indices: rows, gains: rows.map { scores[$0] })
    }
}

extension [Double] {
    /// Positions by falling value; equal values in their order, NaN last.
    var descendingOrder: [Int] {
        let keys = map { $0.isNaN ? -.infinity : $0 }
        return indices.sorted { (-keys[$0], self[$0].isNaN ? 1 : 0, $0) < (-keys[$1], self[$1].isNaN ? 1 : 0, $1) }
    }
}
