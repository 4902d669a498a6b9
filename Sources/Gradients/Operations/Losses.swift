// Losses: scalars a training step descends.

import Matrices

extension Variable {
    /// Mean over rows of the softmax cross-entropy of logits `[rows, classes]` against one label a row, in nats, [1, 1].
    public func crossEntropy(labels: [Int]) -> Variable {
        let (rows, columns) = (rows, columns)
        precondition(labels.count == rows && labels.allSatisfy { $0 >= 0 && $0 < columns }, "labels of \(shape)")
        var slopes = value
        var losses = Matrix<Scalar>(uninitialized: rows, 1)
        Scalar.Kernels.crossEntropyRows(
            losses.mutablePointer(), slopes.mutablePointer(), labels.map(Int32.init), 1 / Scalar(max(rows, 1)), rows,
            columns)
        let mean = losses.sum() / Scalar(max(rows, 1))
        let slope = slopes
        return tape.record(.scalar(mean), from: [self]) { tape, gradient in
            var part = slope
            part.scale(by: gradient[0, 0])
            tape.accumulate(part, to: self)
        }
    }

    /// Mean of the squared differences of all elements, [1, 1].
    public func meanSquaredDifference(to other: Variable) -> Variable {
        let difference = self - other
        return (1 / Scalar(max(value.count, 1))) * difference.multipliedElementwise(by: difference).sum()
    }
}
