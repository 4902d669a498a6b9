/// What the fit of a score takes of the known rows, where that can be put together from shards of them: class means and scatter,
/// which add up, and rows drawn at random, which are the same rows however they are cut into shards.
public struct ShardedFit: Sendable, Equatable {
    /// Rows drawn without replacement, as `KnownRows.sample` draws them.
    public struct Sample: Sendable, Hashable, Codable {
        public var size: Int
        public var stream: UInt64

        public init(_ size: Int, stream: UInt64) { (self.size, self.stream) = (size, stream) }
    }

    /// Whether means and scatter are needed of the rows as they are, and scaled to unit length.
    public var statistics: Set<Bool> = []
    public var samples: [Sample] = []

    public init(statistics: Set<Bool> = [], samples: [Sample] = []) {
        (self.statistics, self.samples) = (statistics, samples)
    }
}

extension FittableNoveltyScore {
    /// Passes over all rows, unless a score says otherwise.
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { nil }
}

extension Mahalanobis {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { ShardedFit(statistics: [false]) }
}

extension RelativeMahalanobis {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { ShardedFit(statistics: [false]) }
}

extension MahalanobisPlusPlus {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { ShardedFit(statistics: [true]) }
}

extension GaussianMixture {
    /// With one covariance for all classes; covariances of their own would make a part D² numbers a class.
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? {
        ownCovariances ? nil : ShardedFit(statistics: [false])
    }
}

extension Residual {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { ShardedFit(statistics: [false]) }
}

extension CentreDistance {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { ShardedFit(statistics: [false]) }
}

extension ContrastScore {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? {
        ShardedFit(statistics: [false], samples: ContrastModel.samples(settings, classes: classes))
    }
}

extension NearestNeighbours {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? {
        ShardedFit(samples: [KnownRows.bankSample(maximumRows, of: rows)])
    }
}

extension IsolationForest {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { ShardedFit(samples: [poolSample]) }
}

extension TextCosine {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { ShardedFit() }
}

extension MaximumConceptMatching {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { ShardedFit() }
}

extension NegativeLabels {
    public func shardedFit(rows: Int, classes: Int) -> ShardedFit? { ShardedFit() }
}

extension NoveltyScores {
    /// What all of `scores` take of known rows together.
    ///
    /// - Throws: `NoveltyError.needsAllRows` naming the first that cannot be fitted from shards.
    public static func shardedFit(
        _ scores: [any NoveltyScore], rows: Int, classes: Int
    ) throws(NoveltyError) -> ShardedFit {
        var result = ShardedFit()
        for score in scores {
            guard let fittable = score as? any FittableNoveltyScore else { continue }
            guard let fit = fittable.shardedFit(rows: rows, classes: classes) else {
                throw .needsAllRows(score: score.name)
            }
            result.statistics.formUnion(fit.statistics)
            result.samples += fit.samples.filter { !result.samples.contains($0) }
        }
        return result
    }

    /// The names of the scores that can be fitted from shards, with their default settings.
    public static var shardable: [String] {
        all.filter { score in
            (score as? any FittableNoveltyScore).map { $0.shardedFit(rows: 1, classes: 1) != nil } ?? true
        }.map(\.name)
    }
}
