import Matrices
import Prediction

/// The softmax of the mean logits, until predictive methods are in `Prediction`.
package struct PlugInProbabilities: Sendable {
    package init() {}

    package func probabilities(of posterior: LogitPosterior) -> Matrix<Float> {
        var result = posterior.mean
        let p = result.mutablePointer()
        FloatKernels.softmaxRows(p, p, result.rows, result.columns)
        return result
    }
}
