// Normal scores of ranks (Blom 1958), Vehtari et al. 2021, equation 14.

/// Φ⁻¹((rank − 3/8) / (size + 1/4)) of every draw, ranks over all chains together, the average rank on ties.
/// O(size · log size).
func normalScores(_ chains: [[Double]]) -> [[Double]] {
    let values = chains.flatMap { $0 }
    let order = values.indices.sorted { values[$0] < values[$1] }
    var scores = [Double](repeating: 0, count: values.count)
    var first = 0
    while first < order.count {
        var end = first + 1
        while end < order.count && values[order[end]] == values[order[first]] { end += 1 }
        // Ranks count from 1: those of a tie are first + 1 … end.
        let rank = Double(first + 1 + end) / 2
        let score = Normal.standard.quantile((rank - 0.375) / (Double(values.count) + 0.25))
        for place in first..<end { scores[order[place]] = score }
        first = end
    }
    var start = 0
    return chains.map { chain in
        defer { start += chain.count }
        return Array(scores[start..<start + chain.count])
    }
}
