import CKernels
import Foundation
import Matrices

extension LogitPosterior {
    /// Class probabilities `[rows, classes]`; every row sums to 1 within rounding. A row depends on itself alone.
    public func probabilities(_ method: PredictiveMethod = .monteCarlo) -> Matrix<Float> {
        switch method {
        case .softmaxOfMean: mean.softmax()
        case .meanField: meanField { Float.Kernels.softmaxRows($0, $0, $1, classes) }
        case .monteCarlo(let samples): MonteCarlo.run(self, samples: samples).probabilities
        }
    }

    /// Logarithms of the class probabilities `[rows, classes]`, in nats.
    ///
    /// Exact to rounding however small the probability for `softmaxOfMean` and `meanField`, which never form it; for
    /// `monteCarlo` not below ln 2⁻¹²⁶ = −87.3, where Float ends.
    public func logProbabilities(_ method: PredictiveMethod = .monteCarlo) -> Matrix<Float> {
        switch method {
        case .softmaxOfMean: mean.logSoftmax()
        case .meanField: meanField { Float.Kernels.logSoftmaxRows($0, $0, $1, classes) }
        case .monteCarlo: floored(probabilities(method))
        }
    }

    private func floored(_ probabilities: Matrix<Float>) -> Matrix<Float> {
        var result = probabilities
        result.withUnsafeMutableElements {
            for index in $0.indices { $0[index] = log(max($0[index], Float.leastNormalMagnitude)) }
        }
        return result
    }

    /// `normalise` of the logits (m − c)/√(1 + π/8·v), block by block of rows while they are in the cache.
    private func meanField(
        _ normalise: @Sendable (UnsafeMutablePointer<Float>, _ rows: Int) -> Void
    ) -> Matrix<Float> {
        let (rows, classes, blockRows) = (rows, classes, 64)
        var result = Matrix<Float>(uninitialized: rows, classes)
        // Each block writes its own rows.
        nonisolated(unsafe) let (target, means, variances) = (result.mutablePointer(), mean.pointer, variance.pointer)
        Parallelism.forEach(pieces: (rows + blockRows - 1) / blockRows) { block in
            let first = block * blockRows
            let count = min(blockRows, rows - first)
            var centres = Matrix<Float>(uninitialized: count, 1)
            let centre = centres.mutablePointer()
            Float.Kernels.logSumExpRows(centre, means + first * classes, count, classes)
            credence_mean_field_rows_f32(
                target + first * classes, means + first * classes, variances + first * classes, centre, count, classes)
            normalise(target + first * classes, count)
        }
        return result
    }
}
