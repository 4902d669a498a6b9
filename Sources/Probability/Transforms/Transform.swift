/// An invertible, differentiable map y = f(x) with the logarithm of its volume change.
///
/// Maps of numbers take `Double`, maps of vectors `[Double]`; a map to the simplex takes one dimension less than it
/// gives, and volume there is measured in all coordinates but the last.
public protocol Transform: Sendable, Hashable {
    associatedtype Value: Sendable

    /// y = f(x).
    func forward(_ x: Value) -> Value
    /// x = f⁻¹(y); NaN where y is not in the image.
    func inverse(_ y: Value) -> Value
    /// ln |det ∂y/∂x| at x.
    func logDeterminant(_ x: Value) -> Double
    /// Of y.
    var image: Support { get }
}

/// A strictly monotone map of an interval of numbers.
public protocol ScalarTransform: Transform where Value == Double {
    var isIncreasing: Bool { get }
    /// dy/dx.
    func slope(_ x: Double) -> Double
    /// The derivative of `logDeterminant` at x.
    func logDeterminantSlope(_ x: Double) -> Double
}

/// A map of vectors.
public protocol VectorTransform: Transform where Value == [Double] {
    /// Of y, for x of a dimension.
    func outputDimension(_ inputDimension: Int) -> Int
    /// The gradient by x of a function of y and of the log-determinant: Jᵀ·cotangent + weight·∇ ln |det J|, J = ∂y/∂x at x.
    func pullback(_ x: [Double], cotangent: [Double], logDeterminantWeight weight: Double) -> [Double]
}
