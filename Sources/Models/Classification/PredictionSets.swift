import Prediction

/// Prediction sets at one error rate, and when to abstain.
public struct PredictionSets: Sendable {
    public let predictor: ConformalPredictor
    public let thresholds: [Double]
    /// A set larger than this, or an empty one, is no answer; `nil`: every set is.
    public let largest: Int?

    /// - Throws: `ModelUseError.noPredictionSets` where the model has no scores to make sets from.
    public init(_ file: ModelFile, model: String, alpha: Double, largest: Int?) throws {
        guard let predictor = file.conformal else {
            throw ModelUseError.noPredictionSets(file: model)
        }
        self.predictor = predictor
        self.largest = largest
        thresholds = predictor.thresholds(alpha: alpha)
    }

    /// The places of the classes in the set, most probable first.
    public func set(_ probabilities: [Float]) -> [Int] {
        predictor.set(probabilities.map(Double.init), thresholds: thresholds)
    }

    public func abstains(_ probabilities: [Float]) -> Bool? {
        largest.map { largest in
            let size = set(probabilities).count
            return size == 0 || size > largest
        }
    }
}
