import Foundation
import Matrices
import Prediction

// What scores that shape activations share. They were made for activations that are not negative, as after a ReLU; the
// features of CLIP are signed, so they are offered for comparison and never a default.

extension LinearClassifier {
    /// The free energy −log Σ_c exp(z_c) of rows, after `shape` has changed them.
    func energies(_ features: Matrix<Float>, shape: @Sendable (inout Matrix<Float>) -> Void) -> [Float] {
        RowBlocks.scores(features) { block in
            var shaped = block
            shape(&shaped)
            return logits(shaped).logSumExp().map { -$0 }
        }
    }
}

extension Matrix where Scalar == Float {
    /// Calls `body` with each row's elements, for writing.
    mutating func forEachRow(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        let base = mutablePointer()
        for row in 0..<rows { body(UnsafeMutableBufferPointer(start: base + row * columns, count: columns)) }
    }
}

extension UnsafeMutableBufferPointer where Element == Float {
    /// The places of the largest elements, those left when `percentile` of all are pruned; of equals the first.
    func largest(pruning percentile: Float) -> ArraySlice<Int> {
        let kept = count - Int((Float(count) * percentile).rounded(.toNearestOrEven))
        let order = indices.sorted { self[$0] != self[$1] ? self[$0] > self[$1] : $0 < $1 }
        return order.prefix(Swift.max(kept, 0))
    }
}

/// The `share` quantile of values, by linear interpolation between order statistics ((n − 1)·share).
func quantile(ofSorted values: [Float], _ share: Double) -> Float {
    guard let last = values.indices.last else { return .nan }
    let place = share * Double(last)
    let below = Swift.min(Int(place), last)
    let above = Swift.min(below + 1, last)
    let part = Float(place - Double(below))
    return values[below] + part * (values[above] - values[below])
}

extension KnownRows {
    /// As many rows as quantiles of activations are taken from: all up to 10,000.
    func activationSample() throws -> Matrix<Float> { try sample(10_000, stream: 4).features }
}
