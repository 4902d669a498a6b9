import Foundation
import Matrices

extension LogitPosterior {
    /// Class probabilities `[rows, classes]`; every row sums to 1 within rounding. A row depends on itself alone.
    public func probabilities(_ method: PredictiveMethod = .monteCarlo) -> Matrix<Float> {
        switch method {
        case .softmaxOfMean: mean.softmax()
        case .meanField: meanFieldLogits().softmax()
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
        case .meanField: meanFieldLogits().logSoftmax()
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

    private func meanFieldLogits() -> Matrix<Float> {
        let centres = mean.logSumExp()
        let (rows, classes, blockRows) = (rows, classes, 256)
        var result = Matrix<Float>(uninitialized: rows, classes)
        // Each block writes its own rows.
        nonisolated(unsafe) let (target, means, variances) = (result.mutablePointer(), mean.pointer, variance.pointer)
        Parallelism.forEach(pieces: (rows + blockRows - 1) / blockRows) { block in
            for row in block * blockRows..<min((block + 1) * blockRows, rows) {
                let centre = centres[row]
                for index in row * classes..<(row + 1) * classes {
                    target[index] = (means[index] - centre) / (1 + Float.pi / 8 * variances[index]).squareRoot()
                }
            }
        }
        return result
    }
}
