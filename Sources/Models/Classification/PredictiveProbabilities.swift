import Matrices
import Prediction

/// From a head's posterior to the probabilities that are told: by the head's way, then by the model's calibration.
public struct PredictiveProbabilities: Sendable {
    public let method: PredictiveMethod
    public let calibration: Calibration?

    public init(method: PredictiveMethod, calibration: Calibration?) {
        (self.method, self.calibration) = (method, calibration)
    }

    /// Log-probabilities `[rows, classes]` before the calibration, from `probabilities` where they are known already.
    public func uncalibrated(_ posterior: LogitPosterior, _ probabilities: Matrix<Float>? = nil) -> Matrix<Float> {
        guard let probabilities, !method.isClosedForm else { return posterior.logProbabilities(method) }
        return probabilities.flooredLogarithms()
    }

    public func callAsFunction(_ posterior: LogitPosterior, _ probabilities: Matrix<Float>? = nil) -> Matrix<Float> {
        let logs = uncalibrated(posterior, probabilities)
        return calibration.map { $0.logProbabilities(logs) } ?? logs
    }
}
