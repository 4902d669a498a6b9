/// How a `RAILDualHead` learns.
///
/// The defaults are the best of eighteen pairs of γ and λ on a held-out fifth of the training rows of tinyimagenet100, near
/// the best on cifar10 and fashion-mnist (Benchmarks/README.md).
public struct RAILDualRecipe: Sendable, Equatable, Codable {
    /// The kernel; the γ of a Gaussian one is replaced where `gamma` says so.
    public var kernel = Kernel.gaussian(gamma: 0.3)
    /// How the γ of a Gaussian kernel is chosen at every task; nil: the kernel's own.
    public var gamma: RidgeParameter?
    /// λ, or how it is chosen at every task.
    public var regulariser = RidgeParameter.fixed(0.1)
    /// Up to this many rows the solution is exact; beyond, by landmarks.
    public var exactRows = 5000
    /// Landmarks of the Nyström approximation.
    public var landmarks = 2000
    public var landmarkSelection = LandmarkSelection.random
    /// As in `RAILRecipe`.
    public var fusionWeight: Float?

    /// Rows that γ and λ are chosen on, at most.
    static var searchRows: Int { 1500 }
    static let gammaRange = 1e-2...1e2
    static let regulariserRange = 1e-4...1e2

    public init() {}

    /// What is wrong with these settings, or nil.
    public var fault: String? {
        if let fault = kernel.fault ?? regulariser.fault("the regulariser") ?? gamma?.fault("the kernel's gamma") {
            return fault
        }
        if gamma != nil, kernel.name != "gaussian" { return "the \(kernel.name) kernel has no gamma" }
        if let gamma, gamma.isSearched, regulariser.isSearched, gamma != regulariser {
            return "the regulariser and gamma are searched together: choose both by marginal likelihood or by leave-one-out"
        }
        // Beyond, the square of rows takes more than 34 GB.
        if !(0...65_536).contains(exactRows) { return "rows solved exactly must lie between 0 and 65536, not \(exactRows)" }
        if !(1...65_536).contains(landmarks) { return "landmarks must lie between 1 and 65536, not \(landmarks)" }
        if let fusionWeight, !(fusionWeight >= 0 && fusionWeight <= 1) {
            return "the fusion weight must lie between 0 and 1, not \(fusionWeight)"
        }
        return nil
    }
}
