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

    /// Rows are sorted once; a resample counts rows by groups of equal scores. O(n log n + draws·n); 6 bytes a row and
    /// thread beside the groups. The same seed gives the same intervals whatever the number of threads.
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
    private let groups: ScoreGroups

    init(_ groups: ScoreGroups) { self.groups = groups }

    func counts(_ stream: inout RandomStream) -> (known: [Int32], novel: [Int32]) {
        (draw(groups.known, groups.knownRows, &stream), draw(groups.novel, groups.novelRows, &stream))
    }

    /// How often each row is drawn, in two bytes a row so that the counts stay in the cache (more than 65,535 draws of one
    /// row have no probability to speak of where there are so many rows), then added up by group.
    private func draw(_ sizes: [Int32], _ rows: Int, _ stream: inout RandomStream) -> [Int32] {
        // A GSL generator costs more than all else here.
        var random = SplitMix64(state: stream.next())
        let range = UInt64(rows)
        return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: rows) { drawn in
            drawn.initialize(repeating: 0)
            for _ in 0..<rows {
                // Lemire's multiplication; its bias of rows/2⁶⁴ is below what doubles can tell.
                drawn[Int(random.next().multipliedFullWidth(by: range).high)] &+= 1
            }
            var row = 0
            return sizes.map { size in
                var total: Int32 = 0
                for _ in 0..<size {
                    total += Int32(drawn[row])
                    row += 1
                }
                return total
            }
        }
    }
}
