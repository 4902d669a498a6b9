import Credence
import Foundation

/// From a head's posterior to the probabilities that are told: by the head's way, then by the model's calibration.
struct PredictiveProbabilities {
    let method: PredictiveMethod
    let calibration: Calibration?

    /// Log-probabilities `[rows, classes]` before the calibration, from `probabilities` where they are known already.
    func uncalibrated(_ posterior: LogitPosterior, _ probabilities: Matrix<Float>? = nil) -> Matrix<Float> {
        guard let probabilities, !method.isClosedForm else { return posterior.logProbabilities(method) }
        return probabilities.flooredLogarithms()
    }

    func callAsFunction(_ posterior: LogitPosterior, _ probabilities: Matrix<Float>? = nil) -> Matrix<Float> {
        let logs = uncalibrated(posterior, probabilities)
        return calibration.map { $0.logProbabilities(logs) } ?? logs
    }
}
