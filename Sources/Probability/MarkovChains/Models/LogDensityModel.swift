/// A density on real vectors known up to a factor, to draw from.
///
/// Parameters with a constraint are written as functions of unconstrained ones, with the log-determinant of the map's
/// Jacobian added: for σ > 0, say, sample s = ln σ and add s.
public protocol LogDensityModel: Sendable {
    /// The length of a position, 1 or more.
    var dimension: Int { get }
    /// A name for each coordinate in summaries.
    var parameterNames: [String] { get }
    /// The log density up to a constant, in nats; −∞ (or NaN, which counts as that) where there is no density.
    func logDensity(at position: [Double]) -> Double
}

extension LogDensityModel {
    /// x[0], x[1], …
    public var parameterNames: [String] { (0..<dimension).map { "x[\($0)]" } }
}

/// A log density with its gradient.
public protocol DifferentiableLogDensityModel: LogDensityModel {
    /// The log density, as `logDensity(at:)`; sets every element of `gradient`, which has `dimension` of them, to its
    /// partial derivative.
    func logDensity(at position: [Double], gradient: inout [Double]) -> Double
}

extension DifferentiableLogDensityModel {
    public func logDensity(at position: [Double]) -> Double {
        var gradient = [Double](repeating: 0, count: dimension)
        return logDensity(at: position, gradient: &gradient)
    }
}

/// A log density given by a function.
///
/// ```swift
/// let model = LogDensityFunction(dimension: 2) { x in -0.5 * (x[0] * x[0] + 4 * x[1] * x[1]) }
/// ```
public struct LogDensityFunction: LogDensityModel {
    public let dimension: Int
    public let parameterNames: [String]
    private let function: @Sendable ([Double]) -> Double

    public init(
        dimension: Int, parameterNames: [String]? = nil, _ function: @escaping @Sendable ([Double]) -> Double
    ) {
        self.dimension = dimension
        self.parameterNames = parameterNames ?? (0..<dimension).map { "x[\($0)]" }
        self.function = function
    }

    public func logDensity(at position: [Double]) -> Double { function(position) }
}

/// A log density and its gradient given by one function, which sets every element of the gradient.
///
/// ```swift
/// let model = DifferentiableLogDensityFunction(dimension: 2) { x, gradient in
///     gradient[0] = -x[0]
///     gradient[1] = -4 * x[1]
///     return -0.5 * (x[0] * x[0] + 4 * x[1] * x[1])
/// }
/// ```
public struct DifferentiableLogDensityFunction: DifferentiableLogDensityModel {
    public let dimension: Int
    public let parameterNames: [String]
    private let function: @Sendable ([Double], inout [Double]) -> Double

    public init(
        dimension: Int, parameterNames: [String]? = nil,
        _ function: @escaping @Sendable (_ position: [Double], _ gradient: inout [Double]) -> Double
    ) {
        self.dimension = dimension
        self.parameterNames = parameterNames ?? (0..<dimension).map { "x[\($0)]" }
        self.function = function
    }

    public func logDensity(at position: [Double], gradient: inout [Double]) -> Double {
        function(position, &gradient)
    }
}
