import Probability

/// An endless, seeded stream of row numbers in which every class is drawn equally often, whatever its number of rows.
///
/// The stream goes in rounds. A round visits every class that has rows once, in random order, and takes the next row of
/// that class's own shuffled deck; an empty deck is shuffled anew. So after r rounds every class was drawn exactly r
/// times and the rows of a class differ by at most one in how often they were drawn. O(1) a row.
public struct BalancedBatches: Sendable {
    private var decks: [RowDeck]
    private var rounds: Rounds
    private var random: RandomStream

    /// The number of classes that have rows.
    public var classes: Int { decks.count }

    /// - Parameter labels: the class of each row, any numbers from 0 up.
    public init(labels: [Int], random: RandomStream) {
        var rowsOfClass = [[Int]](repeating: [], count: (labels.max() ?? -1) + 1)
        for (row, label) in labels.enumerated() { rowsOfClass[label].append(row) }
        decks = rowsOfClass.filter { !$0.isEmpty }.map { RowDeck(rows: $0) }
        rounds = Rounds(count: decks.count)
        self.random = random
    }

    /// The next `count` rows of the stream.
    public mutating func next(_ count: Int) -> [Int] {
        (0..<count).map { _ in decks[rounds.next(&random)].draw(&random) }
    }
}
