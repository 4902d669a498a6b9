import Matrices
import Prediction
import Probability

/// Made-up rows of classes that do not exist, for scores that learn to tell known rows from others where no novel rows are
/// at hand.
///
/// A made-up class has a mean drawn from N(m, B), m the mean and B the covariance of the known classes' means: a class
/// like the known ones are among themselves. A made-up row is that mean plus what a known row of a random class differs
/// from its own class's mean by, scaled to unit length where the known rows have it. Every row is of a made-up class of
/// its own, so none is learnt by heart. Ours; Du et al. 2022 (arXiv:2202.01197) draw from the edge of known classes
/// instead, which are near outliers only.
///
/// Memory: two blocks of rows.
struct SyntheticOutliers {
    private let known: KnownRows
    private let statistics: RowStatistics

    /// - Parameters:
    ///   - known: the rows that give the differences. Where the scores to learn from were fitted to rows, these must be
    ///     others: what a fit has seen looks less novel than it should.
    ///   - fitted: the rows that give the classes' means; the same if nil.
    /// - Throws: `NoveltyError.cannotFit` for fewer than two classes with rows, which say nothing about others.
    init(_ known: KnownRows, means fitted: KnownRows? = nil, score: String) throws {
        self.known = known
        statistics = try (fitted ?? known).statistics()
        guard statistics.classes.count > 1 else {
            throw NoveltyError.cannotFit(
                score: score, reason: "outliers are made up from the spread of two classes at least, found 1")
        }
    }

    /// `count` rows or as many as there are known ones, `[rows, D]`.
    func rows(_ count: Int, stream: UInt64) throws -> Matrix<Float> {
        var sample = try known.sample(count, stream: stream)
        let withMean = sample.labels.indices.filter { statistics.counts[sample.labels[$0]] > 0 }
        if withMean.count < sample.count { sample = sample.selecting(withMean) }
        let isUnitLength = sample.features.rowSquaredNorms().allSatisfy { abs($0 - 1) < 1e-3 }
        let means = Matrix<Float>(statistics.means)
        let centre = statistics.mean.map { Float($0) }
        // Σ g_c (μ_c − m)/√(classes − 1) with independent standard normal g has the covariance B. In an order that does not
        // depend on how classes are numbered.
        let classes = statistics.classes.sorted { means.row($0).lexicographicallyPrecedes(means.row($1)) }
        let present = means.selectingRows(classes)
        let middle = present.columnMeans()
        var noise = NormalNoise(seed: known.seed, stream: 0x6F75_746C << 16 | stream)
        var weights = noise.matrix(Float.self, rows: sample.count, columns: classes.count)
        weights.scale(by: 1 / Float(classes.count - 1).squareRoot())
        var result = weights.multiplied(by: present.adding(row: middle.map { -$0 })).adding(row: centre)
        result.add(sample.features)
        result.add(means.selectingRows(sample.labels), scaledBy: -1)
        return isUnitLength ? result.normalizedRows() : result
    }
}
