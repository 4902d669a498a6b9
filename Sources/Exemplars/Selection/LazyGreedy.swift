/// An objective over sets of rows that grows by less the more is in the set (submodular).
protocol SubmodularObjective {
    /// The number of rows to choose from.
    var candidates: Int { get }
    /// What adding each row to the empty set gains.
    func initialGains() -> [Double]
    /// What adding `row` to the rows taken so far would gain.
    func gain(_ row: Int) -> Double
    /// Takes a row.
    mutating func take(_ row: Int)
}

extension SubmodularObjective {
    /// Greedy maximisation: each step takes the row that gains most, of equal ones the first. Gains only fall, so that old
    /// ones bound new ones and few are computed again (Minoux 1978, doi:10.1007/BFb0006528).
    mutating func greedy(_ count: Int) -> Selection {
        var heap = BoundHeap(initialGains())
        var selection = Selection()
        while selection.indices.count < count, let (row, bound, round) = heap.top {
            if round == selection.indices.count {
                heap.removeTop()
                selection.append(row, gain: bound)
                if selection.indices.count < count { take(row) }
            } else {
                heap.replaceTop(gain: gain(row), round: selection.indices.count)
            }
        }
        return selection
    }
}

/// Rows by their last known gain, largest first; of equal gains the first row comes first.
private struct BoundHeap {
    private struct Entry {
        var row: Int
        var gain: Double
        /// The number of rows that were taken when the gain was computed.
        var round: Int
    }

    private var entries: [Entry]

    init(_ gains: [Double]) {
        entries = gains.enumerated().map { Entry(row: $0, gain: $1, round: 0) }
        for place in (0..<entries.count / 2).reversed() { sink(place) }
    }

    var top: (row: Int, gain: Double, round: Int)? { entries.first.map { ($0.row, $0.gain, $0.round) } }

    mutating func removeTop() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        sink(0)
    }

    mutating func replaceTop(gain: Double, round: Int) {
        entries[0].gain = gain
        entries[0].round = round
        sink(0)
    }

    private func isBefore(_ a: Entry, _ b: Entry) -> Bool { a.gain > b.gain || (a.gain == b.gain && a.row < b.row) }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            var best = place
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count && isBefore(entries[child], entries[best]) {
                best = child
            }
            guard best != place else { return }
            entries.swapAt(place, best)
            place = best
        }
    }
}
