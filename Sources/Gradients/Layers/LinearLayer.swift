import Matrices

/// A linear map x·Wᵀ + b with PyTorch's names and shapes: `weight` `[out, in]`, `bias` `[1, out]`.
public struct LinearLayer<Scalar: MatrixScalar> {
    public let weight: Parameter<Scalar>
    public let bias: Parameter<Scalar>?

    public init(weight: Parameter<Scalar>, bias: Parameter<Scalar>?) {
        self.weight = weight
        self.bias = bias
    }

    public var parameters: [Parameter<Scalar>] { [weight] + (bias.map { [$0] } ?? []) }

    /// `[rows, in]` → `[rows, out]`.
    public func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
        x.linear(weight: x.tape.parameter(weight), bias: bias.map(x.tape.parameter))
    }
}
