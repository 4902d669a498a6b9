/// An objective over sets of rows that grows by less the more is in the set (submodular).
protocol SubmodularObjective {
    /// The number of rows to choose from.
    var candidates: Int { get }
    /// What adding each of these rows to those taken so far would gain.
    func gains(_ rows: [Int]) -> [Double]
    /// Takes a row.
    mutating func take(_ row: Int)
}

extension SubmodularObjective {
    /// Greedy maximisation: each step takes the row that gains most, of equal ones the first. Gains only fall, so that old
    /// ones bound new ones and few are computed again (Minoux 1978, doi:10.1007/BFb0006528), some at a time for the sake of
    /// matrix products.
    mutating func greedy(_ count: Int) -> Selection {
        var heap = BoundHeap()
        // A block of gains may take a row of `candidates` numbers each: about 64 MiB of Floats.
        let block = max(32, min(512, (1 << 24) / max(candidates, 1)))
        for first in stride(from: 0, to: candidates, by: block) {
            let rows = Array(first..<min(first + block, candidates))
            for (row, gain) in zip(rows, gains(rows)) { heap.insert(.init(row: row, gain: gain, round: 0)) }
        }
        var selection = Selection()
        while selection.indices.count < count, let best = heap.top {
            let round = selection.indices.count
            if best.round == round {
                heap.removeTop()
                selection.append(best.row, gain: best.gain)
                if selection.indices.count < count { take(best.row) }
                continue
            }
            var stale: [Int] = []
            while stale.count < 32, let next = heap.top, next.round < round {
                stale.append(next.row)
                heap.removeTop()
            }
            for (row, gain) in zip(stale, gains(stale)) { heap.insert(.init(row: row, gain: gain, round: round)) }
        }
        return selection
    }
}

/// Rows by their last known gain, largest first; of equal gains the first row comes first.
private struct BoundHeap {
    struct Entry {
        var row: Int
        var gain: Double
        /// The number of rows that were taken when the gain was computed.
        var round: Int

        func isBefore(_ other: Entry) -> Bool { gain > other.gain || (gain == other.gain && row < other.row) }
    }

    private var entries: [Entry] = []

    var top: Entry? { entries.first }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var place = entries.count - 1
        while place > 0, entries[place].isBefore(entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func removeTop() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        var place = 0
        while true {
            var best = place
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count && entries[child].isBefore(entries[best]) {
                best = child
            }
            guard best != place else { return }
            entries.swapAt(place, best)
            place = best
        }
    }
}
