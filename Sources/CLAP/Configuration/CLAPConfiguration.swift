/// What a CLAP network is made of and which losses train it (CLAP4CLIP, arXiv 2403.19137).
public struct CLAPConfiguration: Sendable, Codable, Equatable {
    /// The distribution a task's latent r is pulled to (paper, section 3.3).
    public enum Prior: String, Sendable, Codable, CaseIterable {
        /// N(0, 1) in every dimension.
        case standardNormal
        /// The task's own adapters applied to the mean prompt features, without attention.
        case frozen
        /// The task's own adapters applied to attention on a random part of the batch ("data-driven", neural-process like).
        case dataDriven
    }

    /// What the Gaussians of the classes are parameters of.
    public enum Latents: String, Sendable, Codable, CaseIterable {
        /// A linear map to the mean and one to σ, shared by the classes of a task (paper, section 3.2).
        case adapters
        /// A mean and σ of its own for every class: its vector is t + μ, plus what attention and a shared map add.
        case classVectors
    }

    /// D, the length of a feature row.
    public var featureDimension: Int
    /// Inner width of the attention module's feed-forward part.
    public var feedForwardWidth = 2048
    /// Heads of the attention module.
    public var attentionHeads = 1
    /// Whether class features attend to each other and to image features ("VGA", visual-guided attention).
    public var usesAttention = true
    /// What the attention's output is multiplied by before it joins the class features. It ends in a layer norm, so its
    /// rows have a norm near √D beside class features of norm 1: 1 is the reference's choice.
    public var attentionScale = 1.0
    /// Whether a factor that is learnt, 0 at the start, multiplies the attention's output: predictions then start
    /// without it, and the data decide how much of it there is.
    public var gatesAttention = false
    public var latents = Latents.adapters
    /// One pair of mean and σ adapters per task, or one pair shared by all.
    public var adapterPerTask = true
    /// With class vectors: whether a linear map shared by all classes, 0 at the start, moves their text features.
    public var usesSharedAdapter = false
    /// One learnt token per task beside the class features.
    public var usesTaskTokens = false
    /// Draws G of the global latent r_g that all tasks share; 0 for no hierarchy.
    public var globalSamples = 0
    public var prior = Prior.standardNormal
    /// The share of the batch that the data-driven prior attends to, rounded up.
    public var contextFraction = 0.67
    /// β, the weight of the text regulariser; 0 for none.
    public var textRegularization = 15.0
    /// Weight of the cross-entropy that keeps the mean latents of different classes apart; 0 for none.
    public var orthogonalityWeight = 0.0
    /// Weight of the squared distance of the global means of old classes from those of the previous model; needs the
    /// hierarchy.
    public var distillationWeight = 0.0
    /// Weight of the divergence from the prior.
    public var priorMatchingWeight = 0.001
    /// Dropout of the attention module while training.
    public var dropout = 0.1

    public init(featureDimension: Int) { self.featureDimension = featureDimension }

    public var isHierarchical: Bool { globalSamples > 0 }
}
