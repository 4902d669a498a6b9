/// How a `RAILPrimalHead` learns.
public struct RAILRecipe: Sendable, Equatable, Codable {
    /// Random hidden units; 0 for ridge regression on the feature rows themselves.
    public var hidden = 5000
    /// λ, or how it is chosen at every task: by the sums of all rows learnt (marginal likelihood), or by the task's rows
    /// and the exemplars (leave-one-out).
    public var regulariser = RidgeParameter.fixed(1)
    /// Nil: the least that the condition of the system asks for (`RidgePrecision.sufficient`).
    public var precision: RidgePrecision?
    /// The weight f of the paper's fusion with zero-shot: (1 − f)·zero-shot probabilities + f·scores. Nil: the head alone.
    public var fusionWeight: Float?

    public init() {}

    /// What is wrong with these settings, or nil.
    public var fault: String? {
        if !(0...FeatureExpansion.maximumHidden).contains(hidden) {
            return "the number of hidden units must lie between 0 and \(FeatureExpansion.maximumHidden), not \(hidden)"
        }
        if let fault = regulariser.fault("the regulariser") { return fault }
        if let fusionWeight, !(fusionWeight >= 0 && fusionWeight <= 1) {
            return "the fusion weight must lie between 0 and 1, not \(fusionWeight)"
        }
        return nil
    }
}
