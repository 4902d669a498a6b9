/// Known and novel rows grouped by equal scores: all that the curves between them need, sorted once.
struct ScoreGroups: Sendable {
    /// Distinct scores, descending.
    let scores: [Double]
    /// Known and novel rows of each group.
    let known: [Int32]
    let novel: [Int32]
    let knownRows: Int
    let novelRows: Int

    /// O(n log n).
    ///
    /// - Throws: `NoveltyError` where a set is empty or a score is NaN.
    init(
        known: some Collection<Double>, novel: some Collection<Double>, knownName: String = "known",
        novelName: String = "novel"
    ) throws(NoveltyError) {
        let known = try Self.descending(known, knownName)
        let novel = try Self.descending(novel, novelName)
        var (scores, knownCounts, novelCounts): ([Double], [Int32], [Int32]) = ([], [], [])
        let most = known.count + novel.count
        scores.reserveCapacity(most)
        knownCounts.reserveCapacity(most)
        novelCounts.reserveCapacity(most)
        var (k, n) = (0, 0)
        while k < known.count || n < novel.count {
            let score = k == known.count ? novel[n] : n == novel.count ? known[k] : max(known[k], novel[n])
            let (firstKnown, firstNovel) = (k, n)
            while k < known.count, known[k] == score { k += 1 }
            while n < novel.count, novel[n] == score { n += 1 }
            scores.append(score)
            knownCounts.append(Int32(k - firstKnown))
            novelCounts.append(Int32(n - firstNovel))
        }
        (self.scores, self.known, self.novel) = (scores, knownCounts, novelCounts)
        (knownRows, novelRows) = (known.count, novel.count)
    }

    private static func descending(_ scores: some Collection<Double>, _ set: String) throws(NoveltyError) -> [Double] {
        if scores.isEmpty { throw .noRows(set: set) }
        for (row, score) in scores.enumerated() where score.isNaN { throw .scoreIsNaN(set: set, row: row) }
        precondition(scores.count <= Int32.max, "\(scores.count) rows")
        return scores.sorted(by: >)
    }
}

/// The figures of detection, each from one pass over the groups with any counts: the rows' own or a resample's.
extension ScoreGroups {
    /// - Parameters:
    ///   - known: rows of each group, as many in all as `knownRows`; empty groups are allowed.
    ///   - novel: likewise.
    func metrics(
        known: [Int32], novel: [Int32], convention: DetectionConvention,
        _ point: ReceiverOperatingCharacteristic.OperatingPoint
    ) -> DetectionMetrics {
        let down = Sweep(positives: novel, negatives: known, reversed: false, rule: convention.rule)
        let up = Sweep(positives: known, negatives: novel, reversed: true, rule: convention.rule)
        return DetectionMetrics(
            auroc: down.area, auprIn: up.precisionRecall, auprOut: down.precisionRecall,
            fpr95: (convention == .knownPositive ? up : down).falsePositiveRate(point),
            detectionAccuracy: down.balancedAccuracy)
    }

    /// A walk through the groups from the most positive on.
    private struct Sweep {
        /// P(positive before negative) + ½·P(together).
        let area: Double
        let precisionRecall: Double
        /// The largest ½·(true-positive rate + true-negative rate).
        let balancedAccuracy: Double
        private let nearest: Double
        private let first: Double

        func falsePositiveRate(_ point: ReceiverOperatingCharacteristic.OperatingPoint) -> Double {
            point == .first ? first : nearest
        }

        init(positives: [Int32], negatives: [Int32], reversed: Bool, rule: DetectionConvention.Rule) {
            let positiveRows = Double(positives.reduce(0) { $0 + Int($1) })
            let negativeRows = Double(negatives.reduce(0) { $0 + Int($1) })
            // Sums and products of counts are whole numbers below 2⁵³: exact, and divisions wait until the end.
            var (found, mistaken) = (0.0, 0.0)
            var (doubledArea, precisionArea) = (0.0, 0.0)
            var bestLead = 0.0
            var (firstMistaken, nearestMistaken) = (negativeRows, 0.0)
            var nearestDistance = Double.infinity
            func consider(_ found: Double, _ mistaken: Double) {
                let distance = abs(found / positiveRows - 0.95)
                if distance <= nearestDistance { (nearestMistaken, nearestDistance) = (mistaken, distance) }
            }
            positives.withUnsafeBufferPointer { positives in
                negatives.withUnsafeBufferPointer { negatives in
                    for place in positives.indices {
                        let group = reversed ? positives.count - 1 - place : place
                        let (p, n) = (Double(positives[group]), Double(negatives[group]))
                        mistaken += n
                        guard p > 0 else {
                            doubledArea += n * 2 * found
                            continue
                        }
                        let (before, mistakenBefore) = (found, mistaken - n)
                        doubledArea += n * (2 * found + p)
                        found += p
                        let precision = found / (found + mistaken)
                        if rule == .steps {
                            precisionArea += p * precision
                        } else {
                            let last = before + mistakenBefore == 0 ? 1 : before / (before + mistakenBefore)
                            precisionArea += p * (precision + last) / 2
                        }
                        bestLead = max(bestLead, found * negativeRows - mistaken * positiveRows)
                        if found / positiveRows >= 0.95, before / positiveRows < 0.95 { firstMistaken = mistaken }
                        // The last point of each rate, but the first of those that have all; of two rates equally near
                        // the one reached later.
                        if before > 0 { consider(before, mistakenBefore) }
                        if found == positiveRows { consider(found, mistaken) }
                    }
                }
            }
            area = doubledArea / 2 / (positiveRows * negativeRows)
            precisionRecall = precisionArea / positiveRows
            balancedAccuracy = 0.5 + bestLead / (positiveRows * negativeRows) / 2
            first = firstMistaken / negativeRows
            nearest = nearestMistaken / negativeRows
        }
    }
}
