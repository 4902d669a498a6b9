import Foundation

/// Resampling: turns weighted particles into equally weighted ones by choosing indices, so that index i is chosen
/// n·w_i times on average (Douc, Cappé and Moulines 2005, "Comparison of resampling schemes for particle filtering",
/// doi:10.1109/ISPA.2005.195385).
///
/// Every scheme is unbiased; they differ in the variance of the counts, which is largest for `multinomial`.
public enum Resampling: String, Sendable, Hashable, CaseIterable, Codable {
    /// Independent draws of the indices.
    case multinomial
    /// ⌊n·w_i⌋ copies of each, the rest by independent draws of what is left over.
    case residual
    /// One uniform number in each of n equal strata.
    case stratified
    /// One uniform number for all strata: every count is ⌊n·w_i⌋ or ⌈n·w_i⌉. Cheapest and usually best; the counts are
    /// not independent of the particles' order.
    case systematic

    /// `count` indices in ascending order. O(weights + count).
    ///
    /// - Parameter weights: at least 0, not necessarily summing to 1.
    /// - Throws: `ResamplingError` without weights, with a weight that is negative or not finite, with weights that sum
    ///   to 0 or overflow, or a negative count.
    public func indices(
        weights: [Double], count: Int, _ stream: inout RandomStream
    ) throws(ResamplingError) -> [Int] {
        guard !weights.isEmpty else { throw .noWeights }
        guard count >= 0 else { throw .badCount(count) }
        if let index = weights.firstIndex(where: { !($0 >= 0 && $0 < .infinity) }) {
            throw .badWeight(index: index, value: weights[index])
        }
        let total = weights.reduce(0, +)
        guard total > 0, total < .infinity else { throw .badTotal(total) }
        let n = Double(count)
        switch self {
        case .multinomial:
            return choose(weights, total, sortedUniforms(count, &stream))
        case .stratified:
            return choose(weights, total, (0..<count).map { (Double($0) + stream.uniform()) / n })
        case .systematic:
            let offset = stream.uniform()
            return choose(weights, total, (0..<count).map { (Double($0) + offset) / n })
        case .residual:
            let copies = weights.map { ($0 / total * n).rounded(.down) }
            var indices = copies.enumerated().flatMap { [Int](repeating: $0, count: Int($1)) }
            // Rounding of n·w could make one copy too many where all are whole.
            if indices.count > count { indices.removeLast(indices.count - count) }
            let rest = zip(weights, copies).map { max(0, $0 / total * n - $1) }
            let left = count - indices.count
            let restTotal = rest.reduce(0, +)
            guard left > 0 else { return indices }
            indices += choose(
                restTotal > 0 ? rest : weights, restTotal > 0 ? restTotal : total, sortedUniforms(left, &stream))
            return indices.sorted()
        }
    }
}

/// What resampling refuses.
public enum ResamplingError: Error, Hashable, Sendable, CustomStringConvertible {
    case noWeights
    case badWeight(index: Int, value: Double)
    case badTotal(Double)
    case badCount(Int)

    public var description: String {
        switch self {
        case .noWeights: "resampling: no weights"
        case .badWeight(let index, let value):
            "resampling: weight \(index) is \(value), expected a finite number of at least 0"
        case .badTotal(let total): "resampling: the weights sum to \(total), expected a finite number above 0"
        case .badCount(let count): "resampling: count is \(count), expected 0 or more"
        }
    }
}

/// The indices where the distribution function of the weights passes ascending levels in [0, 1). An index of weight 0
/// is never chosen.
private func choose(_ weights: [Double], _ total: Double, _ levels: [Double]) -> [Int] {
    let last = weights.lastIndex { $0 > 0 } ?? 0
    var (index, cumulative) = (0, weights[0])
    return levels.map { level in
        while index < last && !(level * total < cumulative) {
            index += 1
            cumulative += weights[index]
        }
        return index
    }
}

/// `count` sorted uniform numbers in [0, 1) as normalised sums of exponential gaps (Devroye 1986, V.3.1). O(count).
private func sortedUniforms(_ count: Int, _ stream: inout RandomStream) -> [Double] {
    var sums: [Double] = []
    sums.reserveCapacity(count)
    var sum = 0.0
    for _ in 0..<count {
        sum -= log(stream.openUniform())
        sums.append(sum)
    }
    sum -= log(stream.openUniform())
    return sums.map { min($0 / sum, 1 - 0x1p-53) }
}
