import Matrices

/// Layer normalisation with PyTorch's names: `weight` (gamma) and `bias` (beta), `[1, D]`.
public struct LayerNormLayer<Scalar: MatrixScalar> {
    public let weight: Parameter<Scalar>
    public let bias: Parameter<Scalar>
    public var epsilon: Scalar = 1e-5

    public init(weight: Parameter<Scalar>, bias: Parameter<Scalar>) {
        self.weight = weight
        self.bias = bias
    }

    public var parameters: [Parameter<Scalar>] { [weight, bias] }

    public func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
        x.layerNorm(gamma: x.tape.parameter(weight), beta: x.tape.parameter(bias), epsilon: epsilon)
    }
}
