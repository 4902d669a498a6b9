import Foundation
import Matrices
import Prediction

/// A linear classifier W·x + b that stands for the known classes in scores that look at a network's last layer.
///
/// Heads answer with posteriors and need not have such a layer. So:
/// - with a head, the affine map of features that comes nearest to its mean logits on the known rows in least squares.
///   It is the head's own map where the mean logits are affine in the features, which those of CLAP with a fixed
///   context, of linear heads and of zero-shot heads are;
/// - without one, linear discriminant analysis: W_c = Σ⁻¹μ_c, b_c = −½·μ_cᵀΣ⁻¹μ_c + log(n_c/n), whose soft-max is the
///   posterior of classes that are Gaussian with the covariance Σ in common.
public struct LinearClassifier: Sendable, Equatable {
    /// `[classes, D]`.
    public let weight: Matrix<Float>
    /// One a class.
    public let bias: [Float]

    public init(weight: Matrix<Float>, bias: [Float]) {
        precondition(weight.rows == bias.count, "\(weight.rows) rows of weights and \(bias.count) biases")
        self.weight = weight
        self.bias = bias
    }

    public var classes: Int { weight.rows }
    /// D.
    public var dimension: Int { weight.columns }

    /// W·x + b for rows `[rows, D]`, `[rows, classes]`.
    public func logits(_ features: Matrix<Float>) -> Matrix<Float> {
        features.multiplied(by: weight, .transposed).adding(row: bias)
    }
}

extension LinearClassifier: NoveltyModel {
    public func write(to archive: inout ScoreArchive) throws {
        archive.set(weight, as: "weight")
        archive.set(bias, as: "bias")
    }

    public init(archive: ScoreArchive) throws {
        let weight = try archive.matrix("weight", rows: archive.classes, columns: archive.dimension)
        self.init(weight: weight, bias: try archive.vector("bias", count: weight.rows))
    }
}

extension KnownRows {
    /// The classifier that stands for the head or, without one, for the classes. Up to three passes, kept for the next
    /// score that asks.
    func linearClassifier(notes: inout [String]) throws -> LinearClassifier {
        let made = try shared.classifier {
            hasPosterior ? try leastSquaresClassifier() : try discriminantClassifier()
        }
        notes.append(
            hasPosterior
                ? "the linear classifier is the affine map nearest to the model's mean logits"
                : "the linear classifier is a linear discriminant analysis of the known rows, there being no model")
        return made
    }

    private func leastSquaresClassifier() throws -> LinearClassifier {
        let statistics = try statistics()
        var products = Matrix<Double>(rows: dimension, columns: classNames.count)
        var sums = [Double](repeating: 0, count: classNames.count)
        try forEachBlock(posterior: true) { block in
            guard let posterior = block.posterior else { return }
            if let bad = posterior.mean.firstNonfinite {
                throw NoveltyError.knownRows(
                    reason: "the head's logits of row \(block.firstRow + bad / posterior.classes) are not finite")
            }
            let centred = Matrix<Double>(block.features).adding(row: statistics.mean.map { -$0 })
            let logits = Matrix<Double>(posterior.mean)
            products.setToProduct(centred, .transposed, logits, beta: 1)
            for (index, sum) in logits.columnSums().enumerated() { sums[index] += sum }
        }
        // Centred features: W solves S·Wᵀ = Σ (x − m)·z and b = mean z − W·m. Directions that the rows do not have are
        // left to a ridge far below those that they do.
        let scatter = statistics.totalScatter
        let weight = try scatter.ridged(relative: 1e-10).solve(products).transposed()
        let origin = Matrix(rows: dimension, columns: 1, elements: statistics.mean)
        let bias = zip(sums, weight.multiplied(by: origin).elements).map { $0 / Double(count) - $1 }
        return LinearClassifier(weight: Matrix<Float>(weight), bias: bias.map { Float($0) })
    }

    private func discriminantClassifier() throws -> LinearClassifier {
        let statistics = try statistics()
        let covariance = CovarianceEstimate.within(statistics, .automatic).matrix
        let factor = try covariance.ridged(relative: 1e-10)
        let solved = factor.solve(statistics.means.transposed()).transposed()
        var bias = [Float](repeating: 0, count: classNames.count)
        for label in bias.indices {
            var quadratic = 0.0
            for d in 0..<dimension { quadratic += solved[label, d] * statistics.means[label, d] }
            // A class without rows is never the answer.
            let share = max(Double(statistics.counts[label]) / Double(count), .leastNormalMagnitude)
            bias[label] = Float(log(share) - quadratic / 2)
        }
        return LinearClassifier(weight: Matrix<Float>(solved), bias: bias)
    }
}

extension Matrix where Scalar == Double {
    /// The Cholesky factorisation of a positive semidefinite matrix plus `relative` times its mean diagonal.
    func ridged(relative: Double) throws -> CholeskyFactorization<Double> {
        let ridge = Swift.max(relative * trace / Double(Swift.max(rows, 1)), .leastNormalMagnitude)
        return try CholeskyFactorization(self + Matrix(diagonal: ridge, size: rows))
    }
}
