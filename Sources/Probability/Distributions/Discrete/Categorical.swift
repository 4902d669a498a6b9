import CKernels
import Foundation

/// A class index 0 ..< K with given probabilities.
///
/// O(K) to make (an alias table), O(1) per draw and per mass, O(K) for quantiles. Probabilities of 0 are allowed and have
/// the log mass −∞; torch.distributions moves them away from 0 instead.
public struct Categorical: DiscreteDistribution {
    /// `[K]`, sums to 1.
    public let probabilities: [Double]
    /// `[K]`, natural logarithms.
    public let logProbabilities: [Double]
    private let alias: AliasTable

    /// - Throws: `DistributionError.invalidParameter` unless the numbers are ≥ 0 and sum to 1 within 1e-6; they are
    ///   divided by their sum.
    public init(probabilities: [Double]) throws(DistributionError) {
        try DistributionParameter("probabilities", probabilities, .simplex).check(in: Self.name)
        let total = probabilities.reduce(0, +)
        // A sum that is 1 to rounding is left alone, so that the numbers given are those kept.
        let scaled = abs(total - 1) < 1e-14 ? probabilities : probabilities.map { $0 / total }
        self.init(scaled, scaled.map { log($0) })
    }

    /// Probabilities softmax(logits).
    ///
    /// - Throws: `DistributionError.invalidParameter` where a logit is NaN or +∞, or none is finite; −∞ gives
    ///   probability 0.
    public init(logits: [Double]) throws(DistributionError) {
        if let index = logits.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
            throw .invalidParameter(distribution: Self.name, parameter: "logits[\(index)]", value: logits[index], expected: .real)
        }
        let normaliser = logSumExp(logits)
        try Self.check("logits' log-sum-exp", normaliser, .real)
        let logProbabilities = logits.map { $0 - normaliser }
        self.init(logProbabilities.map { exp($0) }, logProbabilities)
    }

    private init(_ probabilities: [Double], _ logProbabilities: [Double]) {
        self.probabilities = probabilities
        self.logProbabilities = logProbabilities
        alias = AliasTable(probabilities)
    }

    public static var name: String { "Categorical" }
    public var parameters: [DistributionParameter] { [DistributionParameter("probabilities", probabilities, .simplex)] }
    public var classCount: Int { probabilities.count }
    public var support: Support { .integers(lower: 0, upper: classCount - 1) }
    /// Of the index, as a number.
    public var mean: Double { probabilities.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } }
    public var variance: Double {
        let centre = mean
        return probabilities.enumerated().reduce(0) { $0 + (Double($1.offset) - centre) * (Double($1.offset) - centre) * $1.element }
    }
    /// The most probable class; the first of equals.
    public var mode: Int { probabilities.indices.max { (probabilities[$0], -$0) < (probabilities[$1], -$1) } ?? 0 }
    /// −Σ p ln p.
    public var entropy: Double { -zip(probabilities, logProbabilities).reduce(0) { $1.0 == 0 ? $0 : $0 + $1.0 * $1.1 } }

    public func logDensity(_ k: Int) -> Double { logProbabilities.indices.contains(k) ? logProbabilities[k] : -.infinity }

    public func cdf(_ k: Int) -> Double {
        k < 0 ? 0 : k >= classCount - 1 ? 1 : min(1, probabilities[...k].reduce(0, +))
    }
    public func survival(_ k: Int) -> Double {
        k < 0 ? 1 : k >= classCount - 1 ? 0 : min(1, probabilities[(k + 1)...].reduce(0, +))
    }

    public func sample(_ stream: inout RandomStream) -> Int { alias.index(stream.uniform()) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Int>, _ stream: inout RandomStream) {
        let (seed, number) = (stream.next(), stream.next())
        let (alias, size) = (alias, 1 << 12)
        forEachPart(of: buffer, size: size) { part, values in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { uniforms in
                guard let base = uniforms.baseAddress else { return }
                credence_philox_uniform_f64(base, values.count, seed, number, UInt64(part * size))
                alias.fill(values, UnsafeBufferPointer(rebasing: uniforms[0..<values.count]))
            }
        }
    }

    public func logDensities(_ values: UnsafeBufferPointer<Int>, into result: UnsafeMutableBufferPointer<Double>) {
        forEachPiece(values, result) { values, result in
            logProbabilities.withUnsafeBufferPointer { table in
                for index in values.indices {
                    let k = values[index]
                    result[index] = UInt(bitPattern: k) < UInt(bitPattern: table.count) ? table[k] : -.infinity
                }
            }
        }
    }
}
