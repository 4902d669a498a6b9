import Matrices
import Prediction
import Probability

/// Detection figures with percentile intervals by resampling known and novel rows, each in their own number (Efron and
/// Tibshirani 1993, chapter 13).
public struct DetectionIntervals: Sendable, Hashable, Codable {
    /// Of the rows as they are.
    public let metrics: DetectionMetrics
    /// `nil` without resamples.
    public let auroc: BootstrapInterval?
    public let auprIn: BootstrapInterval?
    public let auprOut: BootstrapInterval?
    public let fpr95: BootstrapInterval?
    public let detectionAccuracy: BootstrapInterval?

    /// Rows are sorted once; a resample counts rows by groups of equal scores. O(n log n + draws·n), 4 bytes a row and
    /// thread. The same seed gives the same intervals whatever the number of threads.
    ///
    /// - Throws: `NoveltyError` where a set is empty or a score is NaN.
    public init(
        known: some Collection<Double>, novel: some Collection<Double>, convention: DetectionConvention = .knownPositive,
        operatingPoint point: ReceiverOperatingCharacteristic.OperatingPoint = .first, draws: Int = 200,
        level: Double = 0.95, seed: UInt64 = 1
    ) throws(NoveltyError) {
        let groups = try ScoreGroups(known: known, novel: novel)
        metrics = groups.metrics(known: groups.known, novel: groups.novel, convention: convention, point)
        let resampler = Resampler(groups)
        var figures = [DetectionMetrics](repeating: metrics, count: max(0, draws))
        figures.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let target = buffer  // each draw writes its own element
            Parallelism.forEach(pieces: target.count) { draw in
                var stream = RandomStream(seed: seed).split(draw)
                let (known, novel) = resampler.counts(&stream)
                target[draw] = groups.metrics(known: known, novel: novel, convention: convention, point)
            }
        }
        func interval(_ figure: (DetectionMetrics) -> Double) -> BootstrapInterval? {
            BootstrapInterval(values: figures.map(figure), level: level)
        }
        auroc = interval(\.auroc)
        auprIn = interval(\.auprIn)
        auprOut = interval(\.auprOut)
        fpr95 = interval(\.fpr95)
        detectionAccuracy = interval(\.detectionAccuracy)
    }
}

/// Draws rows with replacement as counts of the groups they fall into.
private struct Resampler: Sendable {
    /// The group of each known row and of each novel row.
    private let known: [Int32]
    private let novel: [Int32]
    private let groups: Int

    init(_ groups: ScoreGroups) {
        func members(_ counts: [Int32], _ total: Int) -> [Int32] {
            var result: [Int32] = []
            result.reserveCapacity(total)
            for (group, count) in counts.enumerated() {
                for _ in 0..<count { result.append(Int32(group)) }
            }
            return result
        }
        known = members(groups.known, groups.knownRows)
        novel = members(groups.novel, groups.novelRows)
        self.groups = groups.scores.count
    }

    func counts(_ stream: inout RandomStream) -> (known: [Int32], novel: [Int32]) {
        (draw(known, &stream), draw(novel, &stream))
    }

    private func draw(_ members: [Int32], _ stream: inout RandomStream) -> [Int32] {
        var counts = [Int32](repeating: 0, count: groups)
        counts.withUnsafeMutableBufferPointer { counts in
            members.withUnsafeBufferPointer { members in
                for _ in members.indices { counts[Int(members[stream.integer(below: members.count)])] += 1 }
            }
        }
        return counts
    }
}
