import Matrices

/// A named matrix that training changes, with its gradient.
///
/// Gradients of several backward passes add up until `clearGradient()`. A frozen parameter takes part in the forward
/// pass only: no gradient is computed for it, nor anything that only it would need.
public final class Parameter<Scalar: MatrixScalar> {
    public let name: String
    public var value: Matrix<Scalar>
    /// The gradient so far, the shape of `value`; nil before any backward pass.
    public package(set) var gradient: Matrix<Scalar>?
    public var isFrozen: Bool

    public init(name: String, value: Matrix<Scalar>, isFrozen: Bool = false) {
        self.name = name
        self.value = value
        self.isFrozen = isFrozen
    }

    public func clearGradient() { gradient = nil }
}
