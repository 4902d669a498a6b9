/// A model of constrained parameters, as samplers take it: positions are unconstrained, and the base model sees the values.
///
/// Its log density is that of the base at the value, plus the parameters' priors, plus the map's log-determinant. A base
/// that holds the whole posterior density goes with parameters without priors.
public struct ConstrainedModel<Base: LogDensityModel>: LogDensityModel {
    public let space: ParameterSpace
    /// A density of values.
    public let base: Base

    public init(_ space: ParameterSpace, _ base: Base) {
        precondition(
            base.dimension == space.dimension, "a density of \(base.dimension) numbers and parameters of \(space.dimension)")
        (self.space, self.base) = (space, base)
    }

    public var dimension: Int { space.unconstrainedDimension }
    public var parameterNames: [String] { space.unconstrainedNames }

    public func logDensity(at position: [Double]) -> Double {
        let value = space.constrained(position)
        return base.logDensity(at: value) + space.logPrior(value) + space.logDeterminant(position)
    }
}

extension ConstrainedModel: DifferentiableLogDensityModel where Base: DifferentiableLogDensityModel {
    public func logDensity(at position: [Double], gradient: inout [Double]) -> Double {
        let value = space.constrained(position)
        var slopes = [Double](repeating: 0, count: space.dimension)
        let density = base.logDensity(at: value, gradient: &slopes)
        let priors = space.logPriorGradient(value)
        for k in slopes.indices { slopes[k] += priors[k] }
        gradient = space.pullback(position, cotangent: slopes)
        return density + space.logPrior(value) + space.logDeterminant(position)
    }
}
