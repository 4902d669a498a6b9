import Matrices

/// Multi-head attention with PyTorch's parameters: `in_proj_weight` `[3D, D]` (query, key, value stacked),
/// `in_proj_bias` `[1, 3D]`, `out_proj`.
public struct MultiHeadAttention<Scalar: MatrixScalar> {
    public let inputWeight: Parameter<Scalar>
    public let inputBias: Parameter<Scalar>
    public let output: LinearLayer<Scalar>
    public let heads: Int

    public init(
        inputWeight: Parameter<Scalar>, inputBias: Parameter<Scalar>, output: LinearLayer<Scalar>, heads: Int = 1
    ) {
        self.inputWeight = inputWeight
        self.inputBias = inputBias
        self.output = output
        self.heads = heads
    }

    public var parameters: [Parameter<Scalar>] { [inputWeight, inputBias] + output.parameters }
    /// D.
    public var width: Int { inputWeight.value.columns }

    /// Attention of `x` `[sequences · queryLength, D]` on itself (no `memory`) or on `memory`
    /// `[sequences · keyLength, D]`; `mask` `[queryLength, keyLength]` is added to the scores, −∞ blocks.
    public func callAsFunction(
        _ x: Variable<Scalar>, memory: Variable<Scalar>? = nil, mask: Matrix<Scalar>? = nil, sequences: Int = 1,
        dropoutRate: Double = 0, noise: inout DropoutNoise
    ) -> Variable<Scalar> {
        let tape = x.tape
        let (weight, bias) = (tape.parameter(inputWeight), tape.parameter(inputBias))
        var operation = AttentionOperation<Scalar>(width: width, heads: heads, sequences: sequences, mask: mask)
        if dropoutRate > 0 {
            operation.dropout = DropoutMask(rate: dropoutRate, seed: noise.seed, stream: noise.nextStream())
        }
        let attended: Variable<Scalar>
        if let memory {
            let queries = x.linear(weight: weight, bias: bias, outputs: 0..<width)
            let keysValues = memory.linear(weight: weight, bias: bias, outputs: width..<3 * width)
            attended = operation(
                queries: ColumnBlock(queries), keys: ColumnBlock(keysValues),
                values: ColumnBlock(keysValues, offset: width))
        } else {
            let stacked = x.linear(weight: weight, bias: bias)
            attended = operation(
                queries: ColumnBlock(stacked), keys: ColumnBlock(stacked, offset: width),
                values: ColumnBlock(stacked, offset: 2 * width))
        }
        return output(attended)
    }
}
