import Matrices

/// Picks a share of the rows of every class at random, row by row in constant memory: a row is picked with the probability
/// of the places left among the rows left of its class (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S).
struct StratifiedShare {
    private var left: [Int]
    private var places: [Int]
    private var generator: SplitMix64

    /// - Parameters:
    ///   - counts: rows of each class.
    ///   - share: 0…1; rounded to whole rows, one at least and one row left at least, of classes with two rows or more.
    init(counts: [Int], share: Double, seed: UInt64) {
        left = counts
        places = counts.map { count in
            count < 2 ? 0 : min(count - 1, max(1, Int((share * Double(count)).rounded())))
        }
        generator = SplitMix64(state: SplitMix64.hash(seed))
    }

    /// Rows of each class that will be picked.
    var picked: [Int] { places }

    /// Whether the next row, of this class, is picked.
    mutating func next(of label: Int) -> Bool {
        guard left[label] > 0 else { return false }
        let isPicked = generator.next(below: left[label]) < places[label]
        left[label] -= 1
        if isPicked { places[label] -= 1 }
        return isPicked
    }
}
