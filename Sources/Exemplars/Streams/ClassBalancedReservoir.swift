import Probability

/// A sample of a labelled stream that is as balanced over classes as the stream allows, and uniform within each (Chrysakis and
/// Moens 2020, "Online continual learning from imbalanced data", algorithm 1). O(capacity) a row.
public struct ClassBalancedReservoir: Sendable {
    /// The most rows kept.
    public let capacity: Int
    /// The label kept at each place.
    public private(set) var labels: [Int] = []
    private var offered: [Int: Int] = [:]
    private var kept: [Int: Int] = [:]
    /// Classes that were the largest once; they keep to their own size.
    private var full = Set<Int>()
    private var stream: RandomStream

    public init(capacity: Int, seed: UInt64) {
        precondition(capacity > 0, "a reservoir of \(capacity) rows")
        self.capacity = capacity
        stream = RandomStream(seed: seed)
    }

    /// The place at which the next row, of class `label`, is kept, in place of the row there; `nil`: not at all.
    public mutating func offer(label: Int) -> Int? {
        offered[label, default: 0] += 1
        guard labels.count == capacity else {
            labels.append(label)
            kept[label, default: 0] += 1
            if labels.count == capacity { markLargest() }
            return labels.count - 1
        }
        if full.contains(label) {
            // Within a full class: algorithm R.
            let place = stream.integer(below: offered[label] ?? 1)
            guard place < kept[label] ?? 0 else { return nil }
            return self.place(place, ofClass: label)
        }
        // From a largest class one row gives way.
        let most = kept.values.max() ?? 0
        let largest = kept.keys.filter { kept[$0] == most }.sorted()
        let giving = largest[stream.integer(below: largest.count)]
        guard let place = place(stream.integer(below: most), ofClass: giving) else { return nil }
        kept[giving, default: 0] -= 1
        kept[label, default: 0] += 1
        labels[place] = label
        markLargest()
        return place
    }

    private mutating func markLargest() {
        let most = kept.values.max() ?? 0
        for (label, count) in kept where count == most { full.insert(label) }
    }

    /// Where the `rank`-th row of a class lies.
    private func place(_ rank: Int, ofClass label: Int) -> Int? {
        var left = rank
        for (place, other) in labels.enumerated() where other == label {
            if left == 0 { return place }
            left -= 1
        }
        return nil
    }
}
