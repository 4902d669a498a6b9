import FeatureData
import Matrices
import Prediction
import Probability

/// RAIL's dual head (Xu et al. 2024, section 4.2): kernel ridge regression of one-hot targets on all rows so far, which it
/// keeps. Exact up to a number of rows, beyond it by Nyström landmarks chosen anew from all rows at every task.
///
/// It is Gaussian-process regression: the score of class k has the variance sₖ·(k(x, x) − k(x)ᵀ(K + λI)⁻¹k(x)), sₖ being the scale
/// of the kernel that maximises the marginal likelihood. `ScoreLink` turns scores into logits.
///
/// Everything is in Double. With n rows exact: n² numbers, n³/3 operations in all, n² a row answered; with m landmarks m
/// in the place of n, and n·m² operations a task.
public struct RAILDualHead: ContinualHead {
    public internal(set) var classNames: [String] = []
    public let featureDimension: Int
    /// exp of the encoder's temperature parameter.
    public internal(set) var logitScale: Float = 100
    /// The number of new classes of each task learnt so far; 0 for a task that only updated known ones.
    public internal(set) var classesPerTask: [Int] = []
    public internal(set) var recipe: RAILDualRecipe
    /// All rows learnt, by label.
    public internal(set) var rows: LabelledFeatures
    /// The kernel in use, with its γ as chosen.
    public internal(set) var kernel: Kernel
    /// λ in use; nil before the first task.
    public internal(set) var regulariser: Double?
    public internal(set) var link = ScoreLink()
    var engine = KernelEngine.none
    /// Mean text features `[classes, D]`, for the fusion with zero-shot.
    var textFeatures: Matrix<Float>

    /// A head that knows no class yet.
    ///
    /// - Throws: `HeadError.invalidTask` for settings out of range.
    public init(recipe: RAILDualRecipe = RAILDualRecipe(), featureDimension: Int) throws {
        if let fault = recipe.fault { throw HeadError.invalidTask(fault) }
        self.recipe = recipe
        self.featureDimension = featureDimension
        kernel = recipe.kernel
        rows = LabelledFeatures(features: Matrix(rows: 0, columns: featureDimension), labels: [])
        textFeatures = Matrix(rows: 0, columns: featureDimension)
    }

    /// The scale of the kernel of each class; times λ the noise variance of its targets.
    public var scales: [Double] { engine.scales }
    /// Indices into `rows` of the landmarks; nil where the solution is exact.
    public var landmarks: [Int]? { engine.landmarks }

    static var blockRows: Int { 1024 }

    public func posterior(for features: Matrix<Float>) throws -> LogitPosterior {
        let (scores, variances) = try scores(for: features)
        return link.posterior(scores: scores, leverages: variances, noise: scales)
    }

    /// Scores on the 0/1 scale of the targets `[rows, classes]` (fused with zero-shot where the recipe says so) and their
    /// variances in units of `scales`.
    ///
    /// - Throws: `HeadError.featureDimension`.
    public func scores(for features: Matrix<Float>) throws -> (scores: Matrix<Float>, variances: [Double]) {
        guard features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: features.columns)
        }
        var scores = Matrix<Float>(rows: features.rows, columns: classNames.count)
        var variances: [Double] = []
        for start in stride(from: 0, to: features.rows, by: Self.blockRows) {
            let rows = features.rows(start..<min(start + Self.blockRows, features.rows))
            let found = engine.predict(Matrix<Double>(rows), classes: classNames.count)
            scores.setRows(from: start, to: fused(Matrix<Float>(found.scores), rows: rows))
            variances += found.variances
        }
        return (scores, RAILFusion.variances(variances, weight: recipe.fusionWeight))
    }

    /// With zero-shot among the learnt classes, by the paper's weight.
    func fused(_ scores: Matrix<Float>, rows: Matrix<Float>) -> Matrix<Float> {
        guard let weight = recipe.fusionWeight else { return scores }
        let zeroShot = rows.multiplied(by: textFeatures, .transposed, scaledBy: logitScale)
        return RAILFusion.scores(zeroShot: zeroShot, scores: scores, weight: weight)
    }
}

/// The solution of a dual head.
enum KernelEngine: Sendable {
    case none
    /// With the number of rows of each block that the factor grew by: rounding depends on them.
    case exact(KernelRidge, blocks: [Int])
    case nystrom(NystromRidge, landmarks: [Int])

    var scales: [Double] {
        switch self {
        case .none: []
        case .exact(let ridge, _): ridge.scales
        case .nystrom(let ridge, _): ridge.scales
        }
    }

    var landmarks: [Int]? { if case .nystrom(_, let landmarks) = self { landmarks } else { nil } }
    var blocks: [Int] { if case .exact(_, let blocks) = self { blocks } else { [] } }

    func predict(_ x: Matrix<Double>, classes: Int) -> (scores: Matrix<Double>, variances: [Double]) {
        switch self {
        case .none: (Matrix(rows: x.rows, columns: classes), [Double](repeating: 0, count: x.rows))
        case .exact(let ridge, _): ridge.predict(x)
        case .nystrom(let ridge, _): ridge.predict(x)
        }
    }

    func leaveOneOut(_ x: Matrix<Double>, labels: [Int]) -> (scores: Matrix<Float>, variances: [Double]) {
        switch self {
        case .none: (Matrix(rows: x.rows, columns: 0), [Double](repeating: 0, count: x.rows))
        case .exact(let ridge, _): ridge.leaveOneOut(x, labels: labels)
        case .nystrom(let ridge, _): ridge.leaveOneOut(x, labels: labels)
        }
    }
}
