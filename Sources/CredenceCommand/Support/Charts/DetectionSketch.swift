import Credence
import Foundation

/// One novelty score: how it lies for known and for novel rows, its threshold, and its receiver operating characteristic.
struct DetectionSketch {
    private let name: String
    private let known: [Float]
    private let novel: [Float]
    private let threshold: Double
    private let curve: ReceiverOperatingCharacteristic

    /// - Parameter threshold: of the detector; rows above it are called novel.
    /// - Throws: `NoveltyError` where a set is empty or a score is NaN.
    init(name: String, known: [Float], novel: [Float], threshold: Double) throws(NoveltyError) {
        (self.name, self.known, self.novel, self.threshold) = (name, known, novel, threshold)
        curve = try ReceiverOperatingCharacteristic(
            positives: novel.map(Double.init), negatives: known.map(Double.init), positiveName: "novel",
            negativeName: "known")
    }

    var area: Double { curve.area }

    func lines(_ canvas: ChartCanvas) -> [String] {
        let hasROC = canvas.width >= 72
        let width = min(60, canvas.width - 8 - (hasROC ? 32 : 0))
        let scale = Self.range(known, novel)
        let (knownShares, novelShares) = (shares(known, scale, width), shares(novel, scale, width))
        let top = (knownShares + novelShares).max() ?? 1
        var left: [String] = []
        for (title, shares, look) in [("known", knownShares, ChartCanvas.Look.known), ("novel", novelShares, .novel)] {
            for (number, line) in BlockGraph.columns(shares, top: top, height: 2, canvas).enumerated() {
                left.append((number == 1 ? title : "").padded(6) + canvas.paint(line, look))
            }
        }
        var axis = Array(String(repeating: canvas.choose("─", "-"), count: width))
        let share = (threshold - scale.lowerBound) / (scale.upperBound - scale.lowerBound)
        if (0...1).contains(share) { axis[BlockGraph.place(share, width: width)] = Character(canvas.choose("┴", "^")) }
        left.append("      " + canvas.paint(String(axis), .faint))
        let ends = (Self.short(scale.lowerBound), "threshold " + Self.short(threshold), Self.short(scale.upperBound))
        left.append("      " + canvas.paint(BlockGraph.ruler(ends, width: width), .faint))
        let heading = canvas.paint(name, .heading) + ": scores, from least to most novel"
        guard hasROC else { return [heading] + left }

        let right = BlockGraph.framed(
            BlockGraph.columns(rates(columns: 20), top: 1, height: 4, canvas), low: "0", high: "1", canvas,
            below: ("0", "known rows", "1"))
        let gap = "      "
        let blank = String(repeating: " ", count: 6 + width)
        let plain = "\(name): scores, from least to most novel"
        let title = plain.count <= blank.count ? String(repeating: " ", count: blank.count - plain.count) : ""
        return [heading + title + gap + String(format: "novel rows found, area %.3f", area)]
            + (0..<max(left.count, right.count)).map { row in
                (left.indices.contains(row) ? left[row] : blank) + gap + (right.indices.contains(row) ? right[row] : "")
            }
    }

    /// The middle 99 % of all scores; a few far rows would leave no room for the others. They are counted at the ends.
    private static func range(_ known: [Float], _ novel: [Float]) -> ClosedRange<Double> {
        let sorted = (known + novel).filter(\.isFinite).sorted()
        guard let first = sorted.first, let last = sorted.last, first < last else {
            let centre = Double(sorted.first ?? 0)
            return centre - 1...centre + 1
        }
        let cut = sorted.count / 200
        let (low, high) = (sorted[cut], sorted[sorted.count - 1 - cut])
        return low < high ? Double(low)...Double(high) : Double(first)...Double(last)
    }

    private func shares(_ scores: [Float], _ scale: ClosedRange<Double>, _ width: Int) -> [Double] {
        var counts = [Int](repeating: 0, count: width)
        for score in scores {
            let share = (Double(score) - scale.lowerBound) / (scale.upperBound - scale.lowerBound)
            counts[BlockGraph.place(min(1, max(0, share)), width: width)] += 1
        }
        return counts.map { Double($0) / Double(scores.count) }
    }

    /// Novel rows found where that share of known rows is called novel, in the middle of each column.
    private func rates(columns: Int) -> [Double] {
        let (x, y) = (curve.falsePositiveRates, curve.truePositiveRates)
        var point = 0
        return (0..<columns).map { column in
            let wanted = (Double(column) + 0.5) / Double(columns)
            while point < x.count - 1, x[point + 1] <= wanted { point += 1 }
            guard point < x.count - 1, x[point + 1] > x[point] else { return y[point] }
            return y[point] + (y[point + 1] - y[point]) * (wanted - x[point]) / (x[point + 1] - x[point])
        }
    }

    private static func short(_ value: Double) -> String {
        String(format: "%.4g", value)
    }
}
