/// The Gaussian prior of class vectors, N(mean, deviation²) in every dimension.
public struct ClassPrior: Sendable, Codable, Equatable {
    /// Where the prior of a class that is new has its mean.
    public enum Mean: String, Sendable, Codable, CaseIterable {
        /// At the text feature.
        case text
        /// At the class vector of `DiscriminantAnalysis`: text and the rows' first two moments, mixed by likelihood.
        case data
    }

    /// The prior of a class known from an earlier task.
    public enum Known: String, Sendable, Codable, CaseIterable {
        /// Its posterior after that task: Bayes' rule over tasks.
        case previousPosterior
        /// The same as for a new class, whatever was learnt.
        case fixed
    }

    public var mean = Mean.text
    /// σ of a new class's prior and the σ its posterior starts at, for rows of unit length and before the logit scale.
    public var deviation = 0.1
    /// Empirical Bayes: whether σ of the new classes' prior is fitted by marginal likelihood, every epoch anew.
    public var fitsDeviation = false
    public var known = Known.previousPosterior
    /// What the variance of a known class's prior is multiplied by: above 1 forgets, below 1 holds fast.
    public var knownVarianceFactor = 1.0

    public init() {}
}

/// Rehearsal of earlier classes on draws from a Gaussian per class, kept in the model in place of rows.
public struct PseudoRehearsal: Sendable, Codable, Equatable {
    public enum Covariance: String, Sendable, Codable, CaseIterable {
        case pooled, diagonal, lowRank, full
    }

    /// What is kept of a class's own covariance.
    public var covariance = Covariance.lowRank
    /// Eigenvectors a class, for `lowRank`.
    public var rank = 16
    /// Whether the densities are stored in half precision.
    public var storesHalfPrecision = true
    /// Pseudo-rows drawn for each earlier class and task.
    public var rowsPerClass = 200
    /// The part of an earlier class's rows that are pseudo-rows; the others are exemplars. 1 where there are none.
    public var share = 0.8

    public init() {}
}
