/// A probability distribution.
///
/// A value of a conforming type always has valid parameters: they are checked when it is made. Functions accept any
/// number: densities outside the support are −∞ in logarithm, probabilities outside [0, 1] have the quantile NaN, NaN
/// gives NaN.
public protocol Distribution: Sendable, Hashable {
    /// `Double` for continuous, `Int` for discrete numbers, `[Double]` for vectors, `Matrix<Double>` for matrices.
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
    /// `count` independent draws; another sequence than `count` single draws where a bulk sampler exists.
    func sample(_ count: Int, _ stream: inout RandomStream) -> [Value]
}

extension Distribution {
    public func sample(_ count: Int, _ stream: inout RandomStream) -> [Value] {
        (0..<count).map { _ in sample(&stream) }
    }

    /// Throws where a parameter does not keep its constraint.
    func checkParameters() throws(DistributionError) {
        for parameter in parameters { try parameter.check(in: Self.name) }
    }

    /// The same for one number, without making a list of parameters: constructors stay cheap.
    static func check(_ name: String, _ value: Double, _ constraint: Constraint) throws(DistributionError) {
        guard constraint.contains(value) else {
            throw .invalidParameter(distribution: Self.name, parameter: name, value: value, expected: constraint)
        }
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
