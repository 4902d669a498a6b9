/// How a `CombinedHead` learns beside its parts.
///
/// Defaults were chosen on held-out training rows (Benchmarks/README.md).
public struct CombinationRecipe: Sendable, Equatable, Codable {
    /// Who has the say between learnt classes and candidates.
    public enum Gate: Sendable, Equatable, Codable {
        /// `CalibratedGate`.
        case calibrated
        /// `ZeroShotGate`.
        case zeroShot
        /// `DistributionAwareGate`, the published rule with its divisor and per batch or image.
        case distributionAware(divisor: Double, scope: DistributionAwareGate.Scope)
    }

    /// The share of a class's rows that no part but a `LeaveOneOutHead` learns, for weights and gate; from 0, below 1.
    public var heldOutShare = 0.1
    /// At most so many of a class; they are kept in the model. 0 for none: weights are then equal.
    public var heldOutRows = 10
    public var weights = CombinationWeights.Rule()
    public var gate = Gate.calibrated
    /// How the covariance of a task's density is estimated; `ridged(1e-7)` in DIKI.
    public var covariance = TaskDensities.Covariance.shrunk

    public init() {}

    /// What is wrong with these settings, or nil.
    var fault: String? {
        if !(heldOutShare >= 0 && heldOutShare < 1) {
            return "the held-out share must be from 0 and below 1, not \(heldOutShare)"
        }
        if heldOutRows < 0 { return "the held-out rows of a class must be 0 or more, not \(heldOutRows)" }
        if let penalty = weights.taskPenalty, !(penalty > 0 && penalty.isFinite) {
            return "the penalty on corrections of tasks must be above 0, not \(penalty)"
        }
        if !(weights.classDeviation >= 0 && weights.classDeviation.isFinite) {
            return "the deviation of class constants must be 0 or more, not \(weights.classDeviation)"
        }
        if case .distributionAware(let divisor, _) = gate, !(divisor > 0 && divisor.isFinite) {
            return "the divisor of the gate must be above 0, not \(divisor)"
        }
        if case .ridged(let ridge) = covariance, !(ridge > 0 && ridge.isFinite) {
            return "the ridge of a covariance must be above 0, not \(ridge)"
        }
        return nil
    }
}
