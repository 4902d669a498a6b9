import Matrices

/// Two linear maps with a GELU between them, and dropout after it.
public struct FeedForward<Scalar: MatrixScalar> {
    public let first: LinearLayer<Scalar>
    public let second: LinearLayer<Scalar>

    public init(first: LinearLayer<Scalar>, second: LinearLayer<Scalar>) {
        self.first = first
        self.second = second
    }

    public var parameters: [Parameter<Scalar>] { first.parameters + second.parameters }

    public func callAsFunction(
        _ x: Variable<Scalar>, dropoutRate: Double = 0, noise: inout DropoutNoise
    ) -> Variable<Scalar> {
        second(first(x).gelu().dropout(rate: dropoutRate, noise: &noise))
    }
}
