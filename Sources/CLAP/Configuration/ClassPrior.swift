/// The Gaussian prior of class vectors, N(mean, deviation²) in every dimension.
public struct ClassPrior: Sendable, Codable, Equatable {
    /// Where the prior of a class has its mean.
    public enum Mean: String, Sendable, Codable, CaseIterable {
        /// At the text feature.
        case text
        /// At a mixture of the text feature and the class's direction in a linear discriminant analysis, weighted by the
        /// likelihood of rows left out (`DiscriminantAnalysis`): an empirical-Bayes prior.
        case data
    }

    /// The prior of a class that was learnt in an earlier task.
    public enum Known: String, Sendable, Codable, CaseIterable {
        /// Its posterior after that task: Bayes' rule over tasks.
        case previousPosterior
        /// That of a new class, from all that is remembered by now. With `data` the densities of the earlier classes carry
        /// what was learnt from task to task; with `text` nothing does.
        case anew
    }

    public var mean = Mean.text
    public var known = Known.previousPosterior
    /// σ of the prior, and where σ of a new class's posterior starts; a unit row's logit has logit scale times this.
    public var deviation = 0.1
    /// Whether σ of the prior is fitted by marginal likelihood, every epoch anew (MacKay 1992, doi:10.1162/neco.1992.4.3.448).
    public var fitsDeviation = false
    /// What a previous posterior's variance is multiplied by before it is a prior: above 1 forgets, below 1 holds fast.
    public var previousVarianceFactor = 1.0
    /// With `data`: whether vectors are longer by √(1 + π/8·s²σ²), so that the predictive probabilities and not the
    /// softmax of the mean logits have the fitted scale. Right where few rows leave the posterior near the prior; with
    /// many rows training finds the scale.
    public var fitsPredictiveScale = false
    /// σ of the Gaussian prior of what classes share (attention, gate, shared map) around its value before the task;
    /// nil for none.
    public var sharedDeviation: Double?

    public init() {}
}
