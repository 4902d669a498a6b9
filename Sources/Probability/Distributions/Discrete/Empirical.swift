import Foundation

/// The distribution of a finite list of numbers with weights, such as samples of a posterior. `logDensity` is the
/// logarithm of the probability of a value, −∞ where it is not in the list.
///
/// Equal values are merged. O(n log n) to make, O(log n) per call, O(1) per draw by an alias table.
public struct Empirical: UnivariateDistribution {
    /// The different values, ascending.
    public let values: [Double]
    /// The probability of each value.
    public let probabilities: [Double]
    private let cumulative: [Double]
    private let alias: AliasTable

    /// - Parameter weights: one for each value, ≥ 0, not all 0; equal where left out.
    /// - Throws: `DistributionError` where `values` is empty or holds a number that is not finite, or the weights do not
    ///   fit.
    public init(_ values: [Double], weights: [Double]? = nil) throws(DistributionError) {
        let weights = weights ?? Array(repeating: 1, count: values.count)
        guard weights.count == values.count, !values.isEmpty else {
            throw .dimensionMismatch(
                distribution: Self.name, parameter: "weights", expected: max(1, values.count), found: weights.count)
        }
        try DistributionParameter("values", values, .real).check(in: Self.name)
        try DistributionParameter("weights", weights, .atLeast(0)).check(in: Self.name)
        let total = weights.reduce(0, +)
        try Self.check("weights' sum", total, .positive)
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var (distinct, probabilities): ([Double], [Double]) = ([], [])
        for index in order where weights[index] > 0 {
            if distinct.last == values[index] {
                probabilities[probabilities.count - 1] += weights[index] / total
            } else {
                distinct.append(values[index])
                probabilities.append(weights[index] / total)
            }
        }
        self.values = distinct
        self.probabilities = probabilities
        var sum = 0.0
        cumulative = probabilities.map {
            sum += $0
            return sum
        }
        alias = AliasTable(probabilities)
    }

    public static var name: String { "Empirical" }
    public var parameters: [DistributionParameter] {
        [DistributionParameter("values", values, .real), DistributionParameter("probabilities", probabilities, .simplex)]
    }
    public var support: Support { .interval(lower: values.first ?? .nan, upper: values.last ?? .nan) }
    public var mean: Double { zip(values, probabilities).reduce(0) { $0 + $1.0 * $1.1 } }
    public var variance: Double {
        let centre = mean
        return zip(values, probabilities).reduce(0) { $0 + ($1.0 - centre) * ($1.0 - centre) * $1.1 }
    }
    public var mode: Double { probabilities.indices.max { (probabilities[$0], -$0) < (probabilities[$1], -$1) }.map { values[$0] } ?? .nan }
    public var entropy: Double { -probabilities.reduce(0) { $0 + xLogY($1, $1) } }

    /// The number of values ≤ x.
    private func rank(_ x: Double) -> Int {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if values[middle] <= x { low = middle + 1 } else { high = middle }
        }
        return low
    }

    public func logDensity(_ x: Double) -> Double {
        let rank = rank(x)
        guard rank > 0, values[rank - 1] == x else { return x.isNaN ? .nan : -.infinity }
        return log(probabilities[rank - 1])
    }

    public func cdf(_ x: Double) -> Double {
        if x.isNaN { return .nan }
        let rank = rank(x)
        return rank == 0 ? 0 : rank == values.count ? 1 : min(1, cumulative[rank - 1])
    }

    public func survival(_ x: Double) -> Double {
        if x.isNaN { return .nan }
        return probabilities[rank(x)...].reduce(0, +)
    }

    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        var (low, high) = (0, values.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] >= p { high = middle } else { low = middle + 1 }
        }
        return values[low]
    }

    public func upperQuantile(_ q: Double) -> Double {
        guard q >= 0, q <= 1 else { return .nan }
        var (tail, index) = (0.0, values.count - 1)
        while index > 0, tail + probabilities[index] <= q {
            tail += probabilities[index]
            index -= 1
        }
        return values[index]
    }

    public func sample(_ stream: inout RandomStream) -> Double { values[alias.index(stream.uniform())] }
}
