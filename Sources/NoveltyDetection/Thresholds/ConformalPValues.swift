import Matrices
import Probability

/// Conformal p-values of novelty: how rare a score is among known rows (Vovk, Gammerman and Shafer 2022, section 2.2;
/// Bates et al. 2023, "Testing for outliers with conformal p-values", arXiv:2104.08279).
///
/// For a row exchangeable with the n known rows, P(p ≤ α) ≤ α for every α: calling rows with p ≤ α novel keeps at least
/// the share 1 − α of known rows, on average over the known rows that set it. p is never below 1/(n + 1).
public struct ConformalPValues: Sendable, Hashable {
    /// The scores of known rows that neither head nor score was fitted on, ascending.
    public let known: [Double]

    /// What a row's p-value does with known scores equal to its own.
    public enum Ties: String, Sendable, Hashable, Codable, CaseIterable {
        /// They count as more novel: p = (1 + #{known ≥ score})/(n + 1). Valid, too large where scores are equal, and a
        /// function of the score alone.
        case conservative
        /// They, and the row itself, count by a uniform number u: p = (#{known > score} + u·(1 + #{known = score}))/(n + 1).
        /// Exactly uniform for known rows, whatever the ties.
        case randomised
    }

    /// O(n log n).
    ///
    /// - Throws: `NoveltyError` where there is no score or one is NaN.
    public init(known: some Collection<Double>) throws(NoveltyError) {
        if known.isEmpty { throw .noRows(set: "known") }
        for (row, score) in known.enumerated() where score.isNaN { throw .scoreIsNaN(set: "known", row: row) }
        self.known = known.sorted()
    }

    /// The conservative p-value of a score; 1/(n + 1)…1, NaN for NaN. O(log n).
    public func conservative(_ score: Double) -> Double {
        score.isNaN ? .nan : Double(rank(score)) / Double(known.count + 1)
    }

    /// 1 + #{known ≥ score}, 1…n + 1: the conservative p-value as a whole number of (n + 1)-ths. O(log n).
    public func rank(_ score: Double) -> Int { 1 + known.count - known.places(of: score).lowerBound }

    /// The randomised p-value of a score with its uniform number, 0 < u ≤ 1; NaN for NaN. O(log n).
    public func randomised(_ score: Double, uniform u: Double) -> Double {
        guard !score.isNaN else { return .nan }
        let equal = known.places(of: score)
        return (Double(known.count - equal.upperBound) + u * Double(1 + equal.count)) / Double(known.count + 1)
    }

    /// One p-value a score. The uniform number of a row is a function of `seed` and `firstRow` + its place, so it does not
    /// depend on how rows are cut into blocks.
    public func callAsFunction(
        _ scores: some Collection<Double>, ties: Ties = .conservative, seed: UInt64 = 1, firstRow: Int = 0
    ) -> [Double] {
        switch ties {
        case .conservative: scores.map(conservative)
        case .randomised:
            scores.enumerated().map { randomised($1, uniform: RowUniform(seed: seed)[firstRow + $0]) }
        }
    }
}

/// A uniform number a row, a function of seed and row alone, from the finaliser of SplitMix64 (Steele, Lea and Flood 2014,
/// doi:10.1145/2660193.2660195): a seekable stream of one number a row, for which a generator's state would be wasted.
struct RowUniform: Sendable, Hashable, Codable {
    let seed: UInt64

    /// In (0, 1): the middle of one of 2⁵² equal parts.
    subscript(row: Int) -> Double {
        var bits = SplitMix64.finalized(seed &+ SplitMix64.increment)
        bits = SplitMix64.finalized(bits &+ SplitMix64.increment &* (UInt64(truncatingIfNeeded: row) &+ 1))
        return (Double(bits >> 12) + 0.5) * 0x1p-52
    }
}
