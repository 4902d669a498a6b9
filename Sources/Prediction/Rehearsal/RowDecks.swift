import Probability

/// Rows gone through in random order, again and again: a deck that is shuffled whenever it is through.
package struct RowDeck: Sendable {
    package var rows: [Int] = []
    private var next = 0

    package init(rows: [Int] = []) { self.rows = rows }

    /// The next row; there must be one. O(1), and O(rows) where the deck is shuffled.
    package mutating func draw(_ random: inout RandomStream) -> Int {
        if next == 0 { random.shuffle(&rows) }
        defer { next = (next + 1) % rows.count }
        return rows[next]
    }
}

/// Numbers below `count` in rounds, each once a round and in random order.
package struct Rounds: Sendable {
    private let count: Int
    private var left: [Int] = []

    package init(count: Int) { self.count = count }

    /// The next number; `count` must be above 0.
    package mutating func next(_ random: inout RandomStream) -> Int {
        if left.isEmpty {
            left = Array(0..<count)
            random.shuffle(&left)
        }
        return left.removeLast()
    }
}
