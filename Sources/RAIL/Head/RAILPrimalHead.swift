import FeatureData
import Matrices
import Prediction
import Probability

/// RAIL's primal head (Xu et al., "Advancing cross-domain discriminability in continual learning of vision-language
/// models", NeurIPS 2024): ridge regression of one-hot targets on random ReLU features, learnt in one pass over a task's
/// rows, without gradients and without forgetting.
///
/// Where the paper updates the inverse of the regularised Gram matrix row block by row block (`RecursiveRidge` has that
/// form), this head adds up the Gram matrix and the class sums and solves once a task: the same solution with a fraction
/// of the operations, and sums can be taken out again (`unlearn`) and added up over machines.
///
/// The same factor gives the posterior of Bayesian linear regression with a Gaussian prior of variance σ²/λ on every weight:
/// the score of class k has the variance σₖ²·φᵀ(ΦᵀΦ + λI)⁻¹φ, σₖ² being the maximum of the marginal likelihood. `ScoreLink`
/// turns scores into logits.
///
/// Learning n rows costs n·h² operations and h³/3 a task, whatever the number of classes; a row's answer h², of which the
/// variance is nearly all. Memory: h² numbers. The head keeps no row.
public struct RAILPrimalHead: ContinualHead {
    public internal(set) var classNames: [String] = []
    public let featureDimension: Int
    /// exp of the encoder's temperature parameter.
    public internal(set) var logitScale: Float = 100
    /// The number of new classes of each task learnt so far; 0 for a task that only updated known ones.
    public internal(set) var classesPerTask: [Int] = []
    public internal(set) var recipe: RAILRecipe
    /// φ; drawn by the seed of the first task.
    public internal(set) var expansion: FeatureExpansion?
    var system: RidgeSystem?
    var solution = RidgeSolution()
    /// Mean text features `[classes, D]`, for the fusion with zero-shot.
    var textFeatures: Matrix<Float>

    /// A head that knows no class yet.
    ///
    /// - Parameter expansion: φ, where it is not to be drawn by the seed of the first task.
    /// - Throws: `HeadError.invalidTask` for settings out of range.
    public init(recipe: RAILRecipe = RAILRecipe(), featureDimension: Int, expansion: FeatureExpansion? = nil) throws {
        if let fault = recipe.fault { throw HeadError.invalidTask(fault) }
        precondition(expansion.map { $0.inputDimension == featureDimension } ?? true, "an expansion of another dimension")
        self.recipe = recipe
        self.featureDimension = featureDimension
        self.expansion = expansion
        textFeatures = Matrix(rows: 0, columns: featureDimension)
    }

    /// The ridge weights `[classes, h]`.
    public var weights: Matrix<Double> { solution.weights }
    /// σ² of each class, the noise variance of its targets.
    public var noiseVariances: [Double] { solution.noise }
    /// λ of the present solution; nil before the first task.
    public var regulariser: Double? { solution.regulariser }
    public var link: ScoreLink { solution.link }
    /// Rows of each class in the sums.
    public var rowCounts: [Int] { system?.counts ?? [] }
    /// How the sums are kept; nil before the first task.
    public var precision: RidgePrecision? { system?.precision }

    /// Rows taken at once when answering: their features and solved rows stay within some 100 MB at 15,000 units.
    static var blockRows: Int { 1024 }

    public func posterior(for features: Matrix<Float>) throws -> LogitPosterior {
        let (scores, leverages) = try scores(for: features)
        return solution.link.posterior(scores: scores, leverages: leverages, noise: solution.noise)
    }

    /// Scores on the 0/1 scale of the targets `[rows, classes]` (fused with zero-shot where the recipe says so) and their
    /// variances in units of the classes' `noiseVariances`.
    ///
    /// - Throws: `HeadError.featureDimension`.
    public func scores(for features: Matrix<Float>) throws -> (scores: Matrix<Float>, leverages: [Double]) {
        guard features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: features.columns)
        }
        var scores = Matrix<Float>(rows: features.rows, columns: classNames.count)
        guard let expansion, let system, !classNames.isEmpty else {
            return (scores, [Double](repeating: 0, count: features.rows))
        }
        var leverages: [Double] = []
        leverages.reserveCapacity(features.rows)
        for start in stride(from: 0, to: features.rows, by: Self.blockRows) {
            let rows = features.rows(start..<min(start + Self.blockRows, features.rows))
            let expanded = expansion.single(rows)
            let raw = expanded.multiplied(by: solution.singleWeights, .transposed)
            scores.setRows(from: start, to: fused(raw, rows: rows))
            leverages += system.leverages(expanded)
        }
        return (scores, RAILFusion.variances(leverages, weight: recipe.fusionWeight))
    }

    /// With zero-shot among the learnt classes, by the paper's weight.
    func fused(_ scores: Matrix<Float>, rows: Matrix<Float>) -> Matrix<Float> {
        guard let weight = recipe.fusionWeight else { return scores }
        let zeroShot = rows.multiplied(by: textFeatures, .transposed, scaledBy: logitScale)
        return RAILFusion.scores(zeroShot: zeroShot, scores: scores, weight: weight)
    }
}

/// What is solved for from the sums.
struct RidgeSolution: Sendable {
    var weights = Matrix<Double>(rows: 0, columns: 0) {
        didSet { singleWeights = Matrix<Float>(weights) }
    }
    /// As predictions use them.
    private(set) var singleWeights = Matrix<Float>(rows: 0, columns: 0)
    var noise: [Double] = []
    var regulariser: Double?
    var link = ScoreLink()
}

extension Matrix {
    /// Copies rows over those from `start` on.
    mutating func setRows(from start: Int, to rows: Matrix) {
        precondition(rows.columns == columns && start + rows.rows <= self.rows, "rows do not fit")
        (mutablePointer() + start * columns).update(from: rows.pointer, count: rows.count)
    }
}
