import Foundation

/// The range of a score cut at known rows' scores, finer and finer towards the novel end, and the law by which further
/// known rows fall into the bins whatever the law of the score.
///
/// n known scores leave n + 1 gaps. Given where the known scores lie and where t later rows fell, the next row of the same
/// law falls into a bin of a gaps that c of the t fell into with probability (a + c)/(n + 1 + t): Pólya's urn, because the
/// gaps' probabilities are uniform on the simplex. Exact, not asymptotic; equal scores are put in order by a random number
/// that each row keeps.
struct KnownBins: Sendable, Hashable, Codable {
    /// The scores that the bins are cut at, ascending, with their random numbers. Bin i holds what lies above cut i − 1
    /// and up to cut i.
    private let cuts: [Cut]
    /// Gaps of known scores in each bin.
    let gaps: [Int]
    /// The share of known rows in and above each bin's middle: gaps above plus half of its own, over all.
    let tail: [Double]

    /// n + 1, all gaps.
    let total: Int

    private struct Cut: Sendable, Hashable, Codable {
        var score: Double
        var order: Double

        /// Infinite scores become the largest numbers, which JSON can hold.
        init(score: Double, order: Double) {
            self.score = KnownBins.finite(score)
            self.order = order
        }

        func isBelow(_ score: Double, _ order: Double) -> Bool {
            self.score < score || (self.score == score && self.order < order)
        }
    }

    /// Bins whose upper tails are about 2^(−i/4) of the known rows.
    init(known: [Double], uniform: RowUniform) {
        let n = known.count
        let sorted = known.enumerated().map { Cut(score: $1, order: uniform[$0]) }
            .sorted { $0.isBelow($1.score, $1.order) }
        // Whole numbers of gaps above each cut, from all to one.
        var above: [Int] = []
        var step = 1.0
        while true {
            let gaps = Int((Double(n + 1) * exp2(-step / 4)).rounded())
            if gaps < 1 { break }
            if gaps < (above.last ?? n + 1) { above.append(gaps) }
            step += 1
        }
        total = n + 1
        cuts = above.map { sorted[n - $0] }
        let edges = [n + 1] + above + [0]
        gaps = zip(edges, edges.dropFirst()).map { $0 - $1 }
        tail = zip(edges, edges.dropFirst()).map { (Double($0) + Double($1)) / 2 / Double(n + 1) }
    }

    var count: Int { gaps.count }

    /// The bin of a score with its random number. O(log bins).
    func bin(_ score: Double, order: Double) -> Int {
        let score = Self.finite(score)
        var (low, high) = (0, cuts.count)
        while low < high {
            let middle = (low + high) / 2
            if cuts[middle].isBelow(score, order) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func finite(_ score: Double) -> Double {
        min(max(score, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
    }

    /// Whether what a file held can be trusted.
    var isSound: Bool {
        gaps.count == cuts.count + 1 && gaps.reduce(0, { $0 &+ $1 }) == total && tail.count == gaps.count && gaps.allSatisfy { $0 > 0 }
            && tail.allSatisfy { $0 > 0 && $0 < 1 } && cuts.allSatisfy { !$0.score.isNaN && $0.order.isFinite }
            && zip(cuts, cuts.dropFirst()).allSatisfy { $0.isBelow($1.score, $1.order) }
    }
}
