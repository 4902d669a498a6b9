/// A Bayesian model whose likelihood can be brought in step by step: prior(x) · likelihood(x)^β for β from 0 to 1.
public protocol TemperedModel: Sendable {
    var dimension: Int { get }
    /// One draw from the prior.
    func drawFromPrior(_ stream: inout RandomStream) -> [Double]
    /// The prior's log density up to a constant; −∞ outside its support.
    func logPrior(at position: [Double]) -> Double
    /// The log likelihood with all its constants, which the log evidence is to hold; −∞ where impossible.
    func logLikelihood(at position: [Double]) -> Double
}

/// A tempered model given by functions.
public struct TemperedFunctions: TemperedModel {
    public let dimension: Int
    private let prior: @Sendable (inout RandomStream) -> [Double]
    private let priorDensity: @Sendable ([Double]) -> Double
    private let likelihood: @Sendable ([Double]) -> Double

    public init(
        dimension: Int, drawFromPrior: @escaping @Sendable (inout RandomStream) -> [Double],
        logPrior: @escaping @Sendable ([Double]) -> Double, logLikelihood: @escaping @Sendable ([Double]) -> Double
    ) {
        self.dimension = dimension
        prior = drawFromPrior
        priorDensity = logPrior
        likelihood = logLikelihood
    }

    public func drawFromPrior(_ stream: inout RandomStream) -> [Double] { prior(&stream) }
    public func logPrior(at position: [Double]) -> Double { priorDensity(position) }
    public func logLikelihood(at position: [Double]) -> Double { likelihood(position) }
}
