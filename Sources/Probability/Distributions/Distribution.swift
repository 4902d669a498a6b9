import Matrices

/// A probability distribution.
///
/// A value of a conforming type always has valid parameters: they are checked when it is made. Functions accept any
/// number: densities outside the support are −∞ in logarithm, probabilities outside [0, 1] have the quantile NaN, NaN
/// gives NaN.
public protocol Distribution: Sendable, Hashable {
    /// `Double` for continuous, `Int` for discrete numbers, `[Double]` for vectors.
    associatedtype Value

    /// The name in messages and files, for example `Normal`.
    static var name: String { get }
    /// The parameters in the order of the initialiser, with their constraints.
    var parameters: [DistributionParameter] { get }
    var support: Support { get }
    /// The logarithm of the density (continuous) or of the probability (discrete) at `x`; −∞ outside the support.
    func logDensity(_ x: Value) -> Double
    /// Shannon entropy (discrete) or differential entropy (continuous), in nats.
    var entropy: Double { get }
    /// One draw.
    func sample(_ stream: inout RandomStream) -> Value
}

extension Distribution {
    /// `count` independent draws.
    public func sample(_ count: Int, _ stream: inout RandomStream) -> [Value] {
        (0..<count).map { _ in sample(&stream) }
    }
}

/// A distribution of one number.
public protocol UnivariateDistribution: Distribution where Value: Comparable {
    /// NaN where it does not exist.
    var mean: Double { get }
    /// NaN where it does not exist, infinite where the integral is.
    var variance: Double { get }
    /// P(X ≤ x).
    func cdf(_ x: Value) -> Double
    /// P(X > x), exact in the upper tail where 1 − cdf would cancel.
    func survival(_ x: Value) -> Double
    /// The smallest x with P(X ≤ x) ≥ p.
    func quantile(_ p: Double) -> Double
    /// Fills `buffer` with independent draws.
    func fill(_ buffer: UnsafeMutableBufferPointer<Value>, _ stream: inout RandomStream)
}

extension UnivariateDistribution {
    public var standardDeviation: Double { variance.squareRoot() }

    public var median: Double { quantile(0.5) }

    public func fill(_ buffer: UnsafeMutableBufferPointer<Value>, _ stream: inout RandomStream) {
        for index in buffer.indices { buffer[index] = sample(&stream) }
    }

    public func sample(_ count: Int, _ stream: inout RandomStream) -> [Value] {
        Array(unsafeUninitializedCapacity: count) { buffer, initialised in
            fill(UnsafeMutableBufferPointer(start: buffer.baseAddress, count: count), &stream)
            initialised = count
        }
    }
}

/// A distribution of one real number.
public protocol ContinuousDistribution: UnivariateDistribution where Value == Double {}

/// A distribution of one whole number.
public protocol DiscreteDistribution: UnivariateDistribution where Value == Int {}

/// A distribution of vectors.
public protocol MultivariateDistribution: Distribution where Value == [Double] {
    var dimension: Int { get }
    var mean: [Double] { get }
    /// The variance of each coordinate.
    var variance: [Double] { get }
}

extension MultivariateDistribution {
    /// `rows` independent draws, `[rows, dimension]`.
    public func sampleMatrix(rows: Int, _ stream: inout RandomStream) -> Matrix<Double> {
        Matrix(rows: rows, columns: dimension, elements: sample(rows, &stream).flatMap { $0 })
    }
}

/// A distribution whose draws can be seen as smooth functions of its parameters, so that gradients pass through a draw.
///
/// The gradient is that of implicit reparameterisation (Figurnov, Mohamed and Mnih 2018, arXiv:1805.08498): a function
/// of the value alone, whatever sampler drew it. Where a draw is an explicit function of noise the two are the same.
public protocol ReparameterizedDistribution: Distribution {
    /// For a loss L of the draw `value` with ∂L/∂value = `cotangent`: ∂L/∂parameter, in the order of `parameters`, each
    /// as long as the parameter's values.
    func pathwiseGradient(at value: Value, cotangent: Value) -> [[Double]]
}

/// A distribution that a standard normal draw is carried to: value = transport(z).
public protocol NormalTransport: ReparameterizedDistribution {
    /// The value of the standard normal `z` (for vectors, one number a dimension).
    func transport(_ z: Value) -> Value
}
