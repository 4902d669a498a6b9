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
        var result = Matrix<Float>(uninitialized: rows, classes)
        let target = result.mutablePointer()
        for row in 0..<rows {
            for index in (row * classes)..<((row + 1) * classes) {
                let v = variance.pointer[index]
                target[index] = (mean.pointer[index] - centres[row]) / (1 + Float.pi / 8 * v).squareRoot()
            }
        }
        return result
    }
}
