import FeatureData
import Matrices
import Prediction

/// How far a row lies from what is known of classes, judged by how densely known rows of whatever class lie around it:
/// d/σ_d − p/σ_p + s/σ_s, where
///
/// - d is the squared Mahalanobis distance to the nearest class mean, under the covariance within classes shrunk towards a
///   multiple of the identity with the weight `shrinkage`,
/// - p = ‖P(x − m)‖², P the projection on the span of the class means seen from the mean m of all rows,
/// - s the cosine to the k-th nearest of the known rows kept, k being the share `neighbourShare` of the rows kept a class,
/// - σ the standard deviations of these among known rows.
///
/// Our own. Relative Mahalanobis distances (Ren et al. 2021, arXiv:2106.09022) take a Gaussian of all rows as what a
/// class's density is to be compared with; here it is the density of nearest neighbours (Sun et al. 2022,
/// arXiv:2204.06507): where known rows lie densely, a row has to be nearer to a class to be taken for known. The weights
/// were chosen on held-out training rows, see `Benchmarks/README.md`. Keeps known rows: 4·D bytes each.
/// O(D · (D + classes + rows kept)) a row.
public struct ClassContrast: ContrastScore {
    public static let about = ScoreDescription(
        name: "class-contrast", summary: "Distance to classes and their span, judged by how densely known rows lie there",
        source: "ours, after Ren et al. 2021, arXiv:2106.09022, and Sun et al. 2022, arXiv:2204.06507",
        needs: [.features, .fitting, .labels])

    public var settings: ContrastSettings

    public init(settings: ContrastSettings = ContrastSettings()) { self.settings = settings }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> ContrastModel {
        try ContrastModel(rows, settings, score: self, notes: &notes)
    }

    public func scores(for input: NoveltyInput, model: ContrastModel) throws -> [Float] {
        model.scores(try input.features(for: self))
    }
}

/// `ClassContrast` plus `weight`·E/σ_E, E the energy of the mean logits (Liu et al. 2020, arXiv:2010.03759): what the head
/// says beside what the rows say. The work of both.
public struct ClassContrastEnergy: ContrastScore {
    public static let about = ScoreDescription(
        name: "class-contrast-energy", summary: "Class contrast together with the energy of the mean logits",
        source: "ours; the energy: Liu et al. 2020, arXiv:2010.03759", needs: [.posterior, .features, .fitting, .labels])

    public var settings: ContrastSettings

    public init(settings: ContrastSettings = ContrastSettings()) { self.settings = settings }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> ContrastModel {
        var model = try ContrastModel(rows, settings, score: self, notes: &notes)
        let sample = try rows.sample(ContrastModel.scaleRows, stream: 32).features
        let energies = try rows.posterior(of: sample, for: self).mean.logSumExp().map { -$0 }
        model.weights[ContrastModel.energy] = settings.energyWeight * ContrastModel.reciprocalDeviation(energies)
        return model
    }

    public func scores(for input: NoveltyInput, model: ContrastModel) throws -> [Float] {
        let energies = try input.posterior(for: self).mean.logSumExp()
        let contrast = model.scores(try input.features(for: self))
        return zip(contrast, energies).map { $0 - model.weights[ContrastModel.energy] * $1 }
    }
}

/// A score whose settings are those of the contrast: stored as they are, and checked.
public protocol ContrastScore: FittableNoveltyScore where Model == ContrastModel {
    var settings: ContrastSettings { get }
    init(settings: ContrastSettings)
}

extension ContrastScore {
    public init(from decoder: any Decoder) throws { self.init(settings: try ContrastSettings(from: decoder)) }
    public func encode(to encoder: any Encoder) throws { try settings.encode(to: encoder) }
    public func checkSettings() throws(NoveltyError) { try settings.check(for: self) }
}

/// The settings of `ClassContrast` and `ClassContrastEnergy`.
public struct ContrastSettings: Sendable, Codable, Hashable {
    /// Weight of the identity in the covariance, 0 ... 1.
    public var shrinkage: Float
    /// Known rows kept, a class on average; all where there are fewer.
    public var rowsPerClass: Int
    /// Known rows kept at most, whatever the number of classes.
    public var maximumRows: Int
    /// k as a share of the rows kept a class, above 0 ... 1; k is at least 1.
    public var neighbourShare: Float
    /// The weight of E/σ_E, which the score without energy leaves out.
    public var energyWeight: Float

    public init(
        shrinkage: Float = 0.6, rowsPerClass: Int = 50, maximumRows: Int = 50_000, neighbourShare: Float = 0.3,
        energyWeight: Float = 0.5
    ) {
        self.shrinkage = shrinkage
        self.rowsPerClass = rowsPerClass
        self.maximumRows = maximumRows
        self.neighbourShare = neighbourShare
        self.energyWeight = energyWeight
    }

    func check(for score: some NoveltyScore) throws(NoveltyError) {
        try score.require(shrinkage >= 0 && shrinkage <= 1, "shrinkage", shrinkage, "0 to 1")
        try score.require(rowsPerClass >= 1, "rowsPerClass", rowsPerClass, "1 or more")
        try score.require(maximumRows >= 1, "maximumRows", maximumRows, "1 or more")
        try score.require(
            neighbourShare > 0 && neighbourShare <= 1, "neighbourShare", neighbourShare, "above 0 and at most 1")
        try score.require(
            energyWeight >= 0 && energyWeight.isFinite, "energyWeight", energyWeight, "a finite number from 0")
    }
}
