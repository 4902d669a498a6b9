import Credence

/// Prediction sets at one error rate, and when to abstain.
struct PredictionSets {
    let predictor: ConformalPredictor
    let thresholds: [Double]
    /// A set larger than this, or an empty one, is no answer; `nil`: every set is.
    let largest: Int?

    /// - Throws: `CommandFailure` where the model has no scores to make sets from.
    init(_ file: ModelFile, model: String, alpha: Double, largest: Int?) throws {
        guard let predictor = file.conformal else {
            throw CommandFailure(
                .badData, "\(model): has no scores for prediction sets; 'credence calibrate' makes them")
        }
        self.predictor = predictor
        self.largest = largest
        thresholds = predictor.thresholds(alpha: alpha)
    }

    /// The places of the classes in the set, most probable first.
    func set(_ probabilities: [Float]) -> [Int] {
        predictor.set(probabilities.map(Double.init), thresholds: thresholds)
    }

    func abstains(_ probabilities: [Float]) -> Bool? {
        largest.map { largest in
            let size = set(probabilities).count
            return size == 0 || size > largest
        }
    }
}
