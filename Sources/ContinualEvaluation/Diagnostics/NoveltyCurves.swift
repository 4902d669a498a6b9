import NoveltyDetection

extension BenchmarkResults.Novelty.Curves {
    /// The curves of scores, higher = more novel; `nil` where a set is empty or a score is not finite. O(n log n).
    ///
    /// The bins span all but the outermost half per cent of the rows on either side, so that a few far scores do not
    /// squeeze all others into one bin.
    init?(known: [Float], novel: [Float], bins: Int = 40) {
        guard known.allSatisfy(\.isFinite), novel.allSatisfy(\.isFinite),
            let curve = try? ReceiverOperatingCharacteristic(positives: novel.map(Double.init), negatives: known.map(Double.init))
        else { return nil }
        let all = (known + novel).sorted()
        let margin = all.count / 200
        lowest = Double(all[margin])
        highest = Double(all[all.count - 1 - margin])
        let width = (highest - lowest) / Double(bins)
        let start = lowest
        func histogram(_ values: [Float]) -> [Int] {
            var counts = [Int](repeating: 0, count: bins)
            for value in values {
                let bin = width > 0 ? ((Double(value) - start) / width).rounded(.down) : 0
                counts[Int(min(Double(bins - 1), max(0, bin)))] += 1
            }
            return counts
        }
        self.known = histogram(known)
        self.novel = histogram(novel)
        // The points nearest to equal steps along the curve, whose length is 2 in this measure.
        let (negatives, positives) = (curve.falsePositiveRates, curve.truePositiveRates)
        var kept: [Int] = []
        var step = 0
        for point in negatives.indices where (negatives[point] + positives[point]) * 40 >= Double(step) || point == negatives.count - 1 {
            kept.append(point)
            step = Int((negatives[point] + positives[point]) * 40) + 1
        }
        falsePositiveRates = kept.map { negatives[$0].rounded4 }
        truePositiveRates = kept.map { positives[$0].rounded4 }
        let sorted = known.sorted()
        threshold = Double(sorted[min(sorted.count - 1, (sorted.count * 95 + 99) / 100 - 1)])
    }
}
