import Foundation
import Matrices
import Prediction

/// OpenMax: the probability of "none of the classes" after every likely class has given up the part of its logit that a
/// Weibull law of distances from the class's mean logits says is not its own (Bendale and Boult 2016, arXiv:1511.06233,
/// algorithms 1 and 2, Euclidean distance). 0…1. O(ranks · classes) a row.
///
/// As pytorch-ood does, the laws are fitted to all known rows of a class, not only to those that are predicted right.
/// Logits are moved to be positive first where `shiftsLogits`: giving up a part of a negative logit would raise it.
public struct OpenMax: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "openmax", summary: "Probability of none of the classes by Weibull laws of distances of logits",
        source: "Bendale and Boult 2016, arXiv:1511.06233", needs: [.posterior, .fitting, .labels])

    /// Largest distances of each class that a law is fitted to.
    public let tail: Int
    /// Likeliest classes that give up a part (α of the paper).
    public let ranks: Int
    /// See `WeibullTail`.
    public let offset: Float
    /// Whether a row's smallest logit is taken from all its logits first.
    public let shiftsLogits: Bool

    public init(tail: Int = 25, ranks: Int = 10, offset: Float = 10_000, shiftsLogits: Bool = false) {
        precondition(tail > 1 && ranks > 0 && offset > 0, "tail \(tail), ranks \(ranks), offset \(offset)")
        self.tail = tail
        self.ranks = ranks
        self.offset = offset
        self.shiftsLogits = shiftsLogits
    }

    public func checkSettings() throws(NoveltyError) {
        try check(tail, atLeast: 2, "tail")
        try check(ranks, atLeast: 1, "ranks")
        try check(positive: offset, "offset")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> OpenMaxLaws {
        let classes = rows.classNames.count
        var (sums, counts) = (Matrix<Double>(rows: classes, columns: classes), [Int](repeating: 0, count: classes))
        try rows.forEachBlock(posterior: true) { block in
            guard let logits = block.posterior.map({ Matrix<Double>($0.mean) }) else { return }
            let totals = sums.mutablePointer()
            for (row, label) in block.labels.enumerated() {
                counts[label] += 1
                let own = totals + label * classes
                Double.Kernels.combine(own, 1, own, 1, logits.pointer + row * classes, classes)
            }
        }
        let present = counts.indices.filter { counts[$0] > 0 }
        var means = Matrix<Double>(rows: classes, columns: classes)
        for label in present {
            for k in 0..<classes { means[label, k] = sums[label, k] / Double(counts[label]) }
        }
        // The largest distances alone are kept: `tail` numbers a class.
        var tails = [[Double]](repeating: [], count: classes)
        try rows.forEachBlock(posterior: true) { block in
            guard let logits = block.posterior?.mean else { return }
            for (row, label) in block.labels.enumerated() {
                tails[label].append(OpenMaxLaws.distance(logits.row(row), means.row(label)))
                if tails[label].count >= 4 * tail { tails[label] = Array(tails[label].sorted().suffix(tail)) }
            }
        }
        let laws = tails.map { WeibullTail(largest: tail, of: $0, offset: Double(offset)) }
        guard laws.contains(where: { $0 != nil }) else {
            throw NoveltyError.cannotFit(
                score: name, reason: "no class has two known rows at different distances from its mean")
        }
        let missing = laws.count { $0 == nil }
        if missing > 0 {
            notes.append("\(missing) classes have too few known rows for a law of distances; they give up all of their logits")
        }
        return OpenMaxLaws(means: means, laws: laws)
    }

    public func scores(for input: NoveltyInput, model: OpenMaxLaws) throws -> [Float] {
        try scoresOfMeanLogits(input) { logits in
            (0..<logits.rows).map { Float(unknownProbability(logits.row($0), model)) }
        }
    }

    /// The soft-max of "none" among the revised logits.
    private func unknownProbability(_ logits: [Float], _ model: OpenMaxLaws) -> Double {
        let least = shiftsLogits ? Double(logits.min() ?? 0) : 0
        var revised = logits.map { Double($0) - least }
        let count = min(ranks, logits.count)
        var given = 0.0
        let likely = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }.prefix(count)
        for (rank, k) in likely.enumerated() {
            let weight = Double(count - rank) / Double(count)
            let part = revised[k] * weight * (model.laws[k]?.cdf(OpenMaxLaws.distance(logits, model.means.row(k))) ?? 1)
            revised[k] -= part
            given += part
        }
        let largest = max(given, revised.max() ?? 0)
        let others = revised.reduce(0) { $0 + exp($1 - largest) }
        let own = exp(given - largest)
        return own / (own + others)
    }
}

/// The mean logits of each class `[classes, classes]` and the law of distances from them.
public struct OpenMaxLaws: NoveltyModel {
    let means: Matrix<Double>
    let laws: [WeibullTail?]

    init(means: Matrix<Double>, laws: [WeibullTail?]) { (self.means, self.laws) = (means, laws) }

    static func distance(_ logits: [Float], _ mean: [Double]) -> Double {
        zip(logits, mean).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }.squareRoot()
    }

    public func write(to archive: inout ScoreArchive) {
        archive.set(means, as: "means")
        archive.set(laws.map { $0 == nil ? 0 : 1 }, as: "has_law")
        archive.set(
            Matrix<Double>(laws.map { [$0?.start ?? 0, $0?.offset ?? 1, $0?.shape ?? 1, $0?.logScale ?? 0] }), as: "laws")
    }

    public init(archive: ScoreArchive) throws {
        means = try archive.doubleMatrix("means", rows: archive.classes, columns: archive.classes)
        let has = try archive.integers("has_law", count: means.rows)
        let numbers = try archive.doubleMatrix("laws", rows: means.rows, columns: 4)
        guard means.rows == means.columns else { throw archive.damaged("means", "is not square") }
        laws = try has.indices.map { k in
            guard has[k] != 0 else { return nil }
            guard numbers[k, 1] > 0, numbers[k, 2] > 0 else { throw archive.damaged("laws", "row \(k) is no law") }
            return WeibullTail(
                start: numbers[k, 0], offset: numbers[k, 1], shape: numbers[k, 2], logScale: numbers[k, 3])
        }
    }
}
