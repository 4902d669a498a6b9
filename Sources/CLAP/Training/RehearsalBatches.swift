import Prediction
import Probability

/// An endless, seeded stream of row numbers in which every class is drawn equally often.
///
/// Classes come in rounds, each once in random order. A class's rows are new (of this task), exemplars or pseudo-rows;
/// each kind is a deck, gone through in random order and shuffled when it is through. Of the rows of an earlier class a
/// fixed part are pseudo-rows; a class met again takes new rows in proportion to how many rows there were before.
struct RehearsalBatches {
    private var classes: [Decks]
    private let share: Double
    private var rounds: Rounds
    private var random: RandomStream

    private struct Decks {
        var new = RowDeck()
        var exemplars = RowDeck()
        var pseudo = RowDeck()
        /// Rows of the class before this task.
        var seen = 0

        var isEmpty: Bool { new.rows.isEmpty && hasNoPast }
        var hasNoPast: Bool { exemplars.rows.isEmpty && pseudo.rows.isEmpty }
    }

    /// - Parameters:
    ///   - rows: rows, exemplars and pseudo-rows with their labels.
    ///   - share: the part of an earlier class's rows that are pseudo-rows, where it has both.
    init(_ rows: TrainingRows, share: Double, random: RandomStream) {
        var all = [Decks](repeating: Decks(), count: (rows.labels.max() ?? -1) + 1)
        for (row, label) in rows.labels.enumerated() {
            if rows.taskRows.contains(row) {
                all[label].new.rows.append(row)
            } else if rows.pseudoRows.contains(row) {
                all[label].pseudo.rows.append(row)
            } else {
                all[label].exemplars.rows.append(row)
            }
        }
        for (label, count) in rows.seen.prefix(all.count).enumerated() { all[label].seen = count }
        classes = all.filter { !$0.isEmpty }
        rounds = Rounds(count: classes.count)
        self.share = share
        self.random = random
    }

    mutating func next(_ count: Int) -> [Int] { (0..<count).map { _ in nextRow() } }

    private mutating func nextRow() -> Int {
        let index = rounds.next(&random)
        let decks = classes[index]
        let new = decks.new.rows.count
        if decks.hasNoPast || (new > 0 && random.uniform() * Double(new + decks.seen) < Double(new)) {
            return classes[index].new.draw(&random)
        }
        let takesPseudo =
            !decks.pseudo.rows.isEmpty && (decks.exemplars.rows.isEmpty || random.uniform() < share)
        return takesPseudo ? classes[index].pseudo.draw(&random) : classes[index].exemplars.draw(&random)
    }
}
