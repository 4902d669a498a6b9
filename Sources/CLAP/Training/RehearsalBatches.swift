import Prediction
import Probability

/// An endless, seeded stream of row numbers in which every class is drawn equally often, and of the rows of a class a
/// fixed part comes from its pseudo-rows.
///
/// Classes come in rounds, each once in random order. Both kinds of rows of a class are decks, gone through in random
/// order and shuffled when they are through.
struct RehearsalBatches {
    private var decks: [(real: Deck, pseudo: Deck)]
    private let share: Double
    private var round: [Int] = []
    private var random: RandomStream

    private struct Deck {
        var rows: [Int] = []
        var next = 0

        mutating func draw(_ random: inout RandomStream) -> Int {
            if next == 0 { random.shuffle(&rows) }
            defer { next = (next + 1) % rows.count }
            return rows[next]
        }
    }

    /// - Parameters:
    ///   - labels: the class of each row; the pseudo-rows come last.
    ///   - pseudoRows: the number of pseudo-rows.
    ///   - share: the part of a class's rows that are pseudo-rows, where it has both.
    init(labels: [Int], pseudoRows: Int, share: Double, random: RandomStream) {
        var all = [(real: Deck, pseudo: Deck)](repeating: (Deck(), Deck()), count: (labels.max() ?? -1) + 1)
        let firstPseudo = labels.count - pseudoRows
        for (row, label) in labels.enumerated() {
            if row < firstPseudo { all[label].real.rows.append(row) } else { all[label].pseudo.rows.append(row) }
        }
        decks = all.filter { !$0.real.rows.isEmpty || !$0.pseudo.rows.isEmpty }
        self.share = share
        self.random = random
    }

    mutating func next(_ count: Int) -> [Int] { (0..<count).map { _ in nextRow() } }

    private mutating func nextRow() -> Int {
        if round.isEmpty {
            round = Array(decks.indices)
            random.shuffle(&round)
        }
        let index = round.removeLast()
        let (hasReal, hasPseudo) = (!decks[index].real.rows.isEmpty, !decks[index].pseudo.rows.isEmpty)
        let takesPseudo = hasPseudo && (!hasReal || random.uniform() < share)
        return takesPseudo ? decks[index].pseudo.draw(&random) : decks[index].real.draw(&random)
    }
}
