/// The non-decreasing step function nearest to 0/1 labels in squares, by pooling adjacent violators (Ayer et al. 1955;
/// Zadrozny and Elkan 2002, doi:10.1145/775047.775151), linear between its steps.
public struct IsotonicRegression: Sendable, Hashable {
    /// Strictly ascending inputs, with the function's value at each, 0…1; between them the function is linear, outside
    /// constant.
    public let inputs: [Double]
    public let values: [Double]

    init(inputs: [Double], values: [Double]) {
        (self.inputs, self.values) = (inputs, values)
    }

    /// Fits to `labels`, true for 1. Rows with equal inputs count as one with their mean. O(rows · log rows).
    public init(inputs: [Double], labels: [Bool]) {
        precondition(inputs.count == labels.count, "\(inputs.count) inputs and \(labels.count) labels")
        struct Pool {
            var sum: Double
            var count: Double
            var first: Double
            var last: Double
            var mean: Double { sum / count }
        }
        var points: [Pool] = []
        for index in inputs.indices.sorted(by: { (inputs[$0], $0) < (inputs[$1], $1) }) {
            let (x, y) = (inputs[index], labels[index] ? 1.0 : 0)
            if let last = points.last, last.first == x {
                points[points.count - 1].sum += y
                points[points.count - 1].count += 1
            } else {
                points.append(Pool(sum: y, count: 1, first: x, last: x))
            }
        }
        var pools: [Pool] = []
        for point in points {
            var pool = point
            // Means that are equal are one level.
            while let last = pools.last, last.sum * pool.count >= pool.sum * last.count {
                pool = Pool(
                    sum: last.sum + pool.sum, count: last.count + pool.count, first: last.first, last: pool.last)
                pools.removeLast()
            }
            pools.append(pool)
        }
        var (x, y): ([Double], [Double]) = ([], [])
        for pool in pools {
            x.append(pool.first)
            y.append(pool.mean)
            if pool.last > pool.first {
                x.append(pool.last)
                y.append(pool.mean)
            }
        }
        (self.inputs, self.values) = (x, y)
    }

    /// The function's value, O(log steps).
    public func callAsFunction(_ input: Double) -> Double {
        guard let first = inputs.first, let last = inputs.last, !input.isNaN else { return .nan }
        if input <= first { return values[0] }
        if input >= last { return values[values.count - 1] }
        var (low, high) = (0, inputs.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if inputs[middle] <= input { low = middle } else { high = middle }
        }
        let share = (input - inputs[low]) / (inputs[high] - inputs[low])
        return values[low] + share * (values[high] - values[low])
    }
}
