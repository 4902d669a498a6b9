import Matrices
import Probability

/// How the landmarks of a Nyström approximation are chosen among the rows.
public enum LandmarkSelection: String, Sendable, Hashable, Codable, CaseIterable {
    /// At random, the same number of each class as far as it has rows.
    case random
    /// By the k-means++ rule, proportional to the squared distance to the landmarks so far (Arthur and Vassilvitskii 2007).
    case kMeansPlusPlus = "k-means++"
    /// The row farthest from the landmarks so far, again and again (Gonzalez 1985).
    case kCenter = "k-center"

    /// Indices of `count` different rows, in ascending order; all of them where there are not more.
    ///
    /// O(rows) for `random`, O(rows · count · D) for the others.
    public func indices(of rows: Matrix<Double>, labels: [Int], count: Int, random: RandomStream) -> [Int] {
        guard count < rows.rows else { return Array(0..<rows.rows) }
        guard count > 0 else { return [] }
        var random = random
        switch self {
        case .random: return Self.balanced(labels, count, &random).sorted()
        case .kMeansPlusPlus, .kCenter: return farApart(rows, count, &random).sorted()
        }
    }

    private static func balanced(_ labels: [Int], _ count: Int, _ random: inout RandomStream) -> [Int] {
        var perClass: [Int: [Int]] = [:]
        for (row, label) in labels.enumerated() { perClass[label, default: []].append(row) }
        var decks = perClass.sorted { $0.key < $1.key }.map(\.value)
        for index in decks.indices { random.shuffle(&decks[index]) }
        var chosen: [Int] = []
        var round = 0
        while chosen.count < count {
            for deck in decks where round < deck.count && chosen.count < count { chosen.append(deck[round]) }
            round += 1
        }
        return chosen
    }

    private func farApart(_ rows: Matrix<Double>, _ count: Int, _ random: inout RandomStream) -> [Int] {
        let (n, dimension, norms) = (rows.rows, rows.columns, rows.rowSquaredNorms())
        var distances = [Double](repeating: .infinity, count: n)
        var chosen: [Int] = []
        var next = random.integer(below: n)
        while true {
            chosen.append(next)
            guard chosen.count < count else { return chosen }
            let newest = next
            distances.withUnsafeMutableBufferPointer { buffer in
                nonisolated(unsafe) let d = buffer  // pieces do not overlap
                Parallelism.forEachRange(of: n, size: Parallelism.rowsPerPiece(columns: dimension)) { range in
                    for row in range {
                        let product = Double.Kernels.dot(
                            rows.pointer + row * dimension, rows.pointer + newest * dimension, dimension)
                        d[row] = min(d[row], max(0, norms[row] + norms[newest] - 2 * product))
                    }
                }
            }
            distances[newest] = 0
            let total = distances.reduce(0, +)
            guard total > 0 else {
                // Only copies are left.
                let taken = Set(chosen)
                return chosen + (0..<n).filter { !taken.contains($0) }.prefix(count - chosen.count)
            }
            if self == .kCenter {
                next = distances.indices.max { distances[$0] < distances[$1] } ?? 0
            } else {
                var rest = random.uniform() * total
                next = distances.indices.first { index in
                    rest -= distances[index]
                    return rest < 0 && distances[index] > 0
                } ?? distances.lastIndex { $0 > 0 } ?? 0
            }
        }
    }
}
