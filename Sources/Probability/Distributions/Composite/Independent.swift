import Foundation
import Matrices

/// Independent coordinates, each with a distribution of its own of one type: a vector whose density is the product.
public struct Independent<Base: UnivariateDistribution>: MultivariateDistribution where Base.Value == Double {
    public let marginals: [Base]

    public init(_ marginals: [Base]) { self.marginals = marginals }

    public static var name: String { "Independent<\(Base.name)>" }
    /// Each parameter of the base, one value a coordinate; constraints are those of the first coordinate.
    public var parameters: [DistributionParameter] {
        guard var result = marginals.first?.parameters else { return [] }
        for marginal in marginals.dropFirst() {
            for (index, parameter) in marginal.parameters.enumerated() { result[index].values += parameter.values }
        }
        return result
    }
    public var dimension: Int { marginals.count }
    public var support: Support { .product(marginals.map(\.support)) }
    public var mean: [Double] { marginals.map(\.mean) }
    public var variance: [Double] { marginals.map(\.variance) }
    public var covariance: Matrix<Double> { .diagonal(variance) }
    public var mode: [Double] { marginals.map(\.mode) }
    public var entropy: Double { marginals.reduce(0) { $0 + $1.entropy } }

    public func logDensity(_ x: [Double]) -> Double {
        checkWidth(x.count)
        return zip(marginals, x).reduce(0) { $0 + $1.0.logDensity($1.1) }
    }

    public func sample(_ stream: inout RandomStream) -> [Double] { marginals.map { $0.sample(&stream) } }

    /// Each coordinate by its own bulk sampler.
    public func fill(_ rows: inout Matrix<Double>, _ stream: inout RandomStream) {
        checkWidth(rows.columns)
        let (target, count) = (rows.mutablePointer(), rows.rows)
        for (column, marginal) in marginals.enumerated() {
            for (row, value) in marginal.sample(count, &stream).enumerated() { target[row * dimension + column] = value }
        }
    }

    /// Σ KL of the coordinates, where `table` has their pair.
    ///
    /// - Throws: `DistributionError` where the dimensions differ or the pair is not known.
    public func klDivergence<Other>(to other: Independent<Other>, using table: KLDivergence = .standard) throws -> Double {
        guard dimension == other.dimension else {
            throw DistributionError.dimensionMismatch(
                distribution: Independent<Other>.name, parameter: "marginals", expected: dimension, found: other.dimension)
        }
        return try zip(marginals, other.marginals).reduce(0) { try $0 + table($1.0, $1.1) }
    }
}

extension Independent: ReparameterizedDistribution where Base: ReparameterizedDistribution {
    /// Each parameter's gradient, one value a coordinate.
    public func pathwiseGradient(at value: [Double], cotangent: [Double]) -> [[Double]] {
        let parts = marginals.indices.map { marginals[$0].pathwiseGradient(at: value[$0], cotangent: cotangent[$0]) }
        guard let count = parts.first?.count else { return [] }
        return (0..<count).map { parameter in parts.flatMap { $0[parameter] } }
    }
}
