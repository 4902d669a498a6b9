import Foundation
import Matrices
import Prediction

/// Minus the log density of a mixture with one Gaussian a class, weighted by the classes' shares:
/// −log Σ_c π_c N(x; μ_c, Σ_c). In nats.
///
/// With one covariance for all classes it is the evidence of linear discriminant analysis (Lee et al. 2018,
/// arXiv:1807.03888, the mixture instead of its largest part), O(D · (D + classes)) a row; with their own, shrunk towards
/// the common one by the rule of Ledoit and Wolf, that of quadratic discriminant analysis (Mukhoti et al. 2023, DDU,
/// arXiv:2102.11582), O(classes · D²) a row and D² numbers a class.
public struct GaussianMixture: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "gaussian-mixture", summary: "Minus the log density of a mixture with one Gaussian a class",
        source: "Mukhoti et al. 2023, arXiv:2102.11582", needs: [.features, .fitting, .labels])

    /// Whether each class has a covariance of its own.
    public var ownCovariances: Bool

    public init(ownCovariances: Bool = false) { self.ownCovariances = ownCovariances }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let statistics = try rows.statistics()
        let pooled = CovarianceEstimate.within(statistics, .automatic)
        if let note = pooled.note(name) { notes.append(note) }
        guard ownCovariances else {
            let factor = try pooled.factorized(score: name)
            return .pooled(
                try WhitenedClasses(statistics, covariance: pooled, score: name),
                shares: statistics.classes.map { Float(Double(statistics.counts[$0]) / Double(rows.count)) },
                logDeterminant: Float(factor.logDeterminant))
        }
        return .own(
            try ComponentGaussians(
                rows, count: rows.classNames.count, covariance: .shrunk(towards: pooled.matrix), score: name,
                notes: &notes, assign: { $0.labels }))
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { block in
            switch model {
            case .pooled(let classes, let shares, let logDeterminant):
                let constant = (Float(block.columns) * log(2 * Float.pi) + logDeterminant) / 2
                return classes.halfSquaredDistances(block).adding(row: shares.map { log($0) }).logSumExp()
                    .map { constant - $0 }
            case .own(let gaussians):
                return gaussians.logDensities(block).adding(row: gaussians.shares.map { log($0) }).logSumExp()
                    .map { -$0 }
            }
        }
    }

    public enum Model: NoveltyModel {
        case pooled(WhitenedClasses, shares: [Float], logDeterminant: Float)
        case own(ComponentGaussians)

        public func write(to archive: inout ScoreArchive) throws {
            switch self {
            case .pooled(let classes, let shares, let logDeterminant):
                try classes.write(to: &archive)
                archive.set(shares, as: "shares")
                archive.set([logDeterminant], as: "log_determinant")
            case .own(let gaussians): gaussians.write(to: &archive)
            }
        }

        public init(archive: ScoreArchive) throws {
            guard archive.has("log_determinant") else {
                self = .own(try ComponentGaussians(archive: archive))
                return
            }
            let classes = try WhitenedClasses(archive: archive)
            let shares = try archive.vector("shares", count: classes.centres.rows)
            guard shares.allSatisfy({ $0 > 0 && $0 <= 1 }) else {
                throw archive.damaged("shares", "expected a share above 0 for each class")
            }
            self = .pooled(
                classes, shares: shares, logDeterminant: try archive.vector("log_determinant", count: 1)[0])
        }
    }
}
