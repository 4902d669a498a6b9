// Draws an index with given probabilities in O(1) (Walker 1977; Vose 1991, doi:10.1109/32.92917).

/// A table of `count` columns, each split between two indices. O(count) to make.
struct AliasTable: Sendable, Hashable {
    private var thresholds: [Double]
    private var others: [Int32]

    /// - Parameter weights: numbers ≥ 0, not all 0.
    init(_ weights: [Double]) {
        let count = weights.count
        let total = weights.reduce(0, +)
        var scaled = weights.map { $0 / total * Double(count) }
        thresholds = Array(repeating: 1, count: count)
        others = (0..<count).map { Int32($0) }
        var (small, large): ([Int], [Int]) = ([], [])
        for index in 0..<count { if scaled[index] < 1 { small.append(index) } else { large.append(index) } }
        while let low = small.popLast(), let high = large.popLast() {
            thresholds[low] = scaled[low]
            others[low] = Int32(high)
            scaled[high] -= 1 - scaled[low]
            if scaled[high] < 1 { small.append(high) } else { large.append(high) }
        }
        // What rounding has left over keeps its own column, unless its weight is 0.
        for index in small where weights[index] == 0 {
            thresholds[index] = 0
            others[index] = Int32(weights.indices.max { weights[$0] < weights[$1] } ?? 0)
        }
    }

    /// The index for a uniform number in [0, 1): its whole part picks a column, the rest decides within it.
    @inline(__always)
    func index(_ uniform: Double) -> Int {
        let position = uniform * Double(thresholds.count)
        let column = min(Int(position), thresholds.count - 1)
        return position - Double(column) < thresholds[column] ? column : Int(others[column])
    }

    /// The same for many: `body` sees the table without bounds checks.
    func fill(_ target: UnsafeMutableBufferPointer<Int>, _ uniforms: UnsafeBufferPointer<Double>) {
        let (count, last) = (Double(thresholds.count), thresholds.count - 1)
        thresholds.withUnsafeBufferPointer { thresholds in
            others.withUnsafeBufferPointer { others in
                for index in target.indices {
                    let position = uniforms[index] * count
                    let column = min(Int(position), last)
                    target[index] = position - Double(column) < thresholds[column] ? column : Int(others[column])
                }
            }
        }
    }
}
