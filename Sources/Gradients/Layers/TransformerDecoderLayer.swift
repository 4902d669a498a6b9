import Matrices

/// A post-norm transformer decoder layer (Vaswani et al. 2017), with the parameter names of PyTorch's
/// `TransformerDecoderLayer`: self-attention, attention on a memory, feed-forward; a residual and a layer norm each.
public struct TransformerDecoderLayer<Scalar: MatrixScalar> {
    public let selfAttention: MultiHeadAttention<Scalar>
    public let crossAttention: MultiHeadAttention<Scalar>
    public let feedForward: FeedForward<Scalar>
    public let norms: [LayerNormLayer<Scalar>]

    /// The layer whose parameters `parameter` returns by name: `self_attn.in_proj_weight`, … `norm3.bias`.
    public init(heads: Int = 1, parameter: (String) throws -> Parameter<Scalar>) rethrows {
        func linear(_ name: String) throws -> LinearLayer<Scalar> {
            LinearLayer(weight: try parameter(name + ".weight"), bias: try parameter(name + ".bias"))
        }
        func attention(_ name: String) throws -> MultiHeadAttention<Scalar> {
            MultiHeadAttention(
                inputWeight: try parameter(name + ".in_proj_weight"), inputBias: try parameter(name + ".in_proj_bias"),
                output: try linear(name + ".out_proj"), heads: heads)
        }
        selfAttention = try attention("self_attn")
        crossAttention = try attention("multihead_attn")
        feedForward = FeedForward(first: try linear("linear1"), second: try linear("linear2"))
        norms = try (1...3).map {
            LayerNormLayer(weight: try parameter("norm\($0).weight"), bias: try parameter("norm\($0).bias"))
        }
    }

    public var parameters: [Parameter<Scalar>] {
        selfAttention.parameters + crossAttention.parameters + feedForward.parameters + norms.flatMap(\.parameters)
    }

    /// `x` `[sequences · queryLength, D]`, `memory` `[sequences · keyLength, D]`; `mask` is that of the self-attention.
    /// Dropout at `dropoutRate` on the attention weights, after each of the three parts and inside the feed-forward.
    public func callAsFunction(
        _ x: Variable<Scalar>, memory: Variable<Scalar>, mask: Matrix<Scalar>? = nil, sequences: Int = 1,
        dropoutRate: Double = 0, noise: inout DropoutNoise
    ) -> Variable<Scalar> {
        var x = x
        let own = selfAttention(x, mask: mask, sequences: sequences, dropoutRate: dropoutRate, noise: &noise)
        x = norms[0](x + own.dropout(rate: dropoutRate, noise: &noise))
        let seen = crossAttention(x, memory: memory, sequences: sequences, dropoutRate: dropoutRate, noise: &noise)
        x = norms[1](x + seen.dropout(rate: dropoutRate, noise: &noise))
        let forward = feedForward(x, dropoutRate: dropoutRate, noise: &noise)
        return norms[2](x + forward.dropout(rate: dropoutRate, noise: &noise))
    }
}
