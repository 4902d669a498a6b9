import Foundation
import Matrices

extension Normal {
    /// KL(N(μ₁, σ₁²) ‖ N(μ₂, σ₂²)) = ½(r² − 1) − ln r + ½((μ₁ − μ₂)/σ₂)², r = σ₁/σ₂, in nats.
    public func klDivergence(to other: Normal) -> Double {
        normalDivergence(
            difference: mean - other.mean, sigma: standardDeviation, otherSigma: other.standardDeviation)
    }
}

extension DiagonalNormal {
    /// The sum over dimensions of the univariate divergences, in nats.
    ///
    /// - Throws: `DistributionError.dimensionMismatch`.
    public func klDivergence(to other: DiagonalNormal) throws(DistributionError) -> Double {
        guard dimension == other.dimension else {
            throw .dimensionMismatch(
                distribution: Self.name, parameter: "mean", expected: dimension, found: other.dimension)
        }
        return (0..<dimension).reduce(0) {
            $0 + normalDivergence(
                difference: mean[$1] - other.mean[$1], sigma: standardDeviation[$1],
                otherSigma: other.standardDeviation[$1])
        }
    }

    /// For each row, KL(N(mean, diag standardDeviation²) ‖ N(0, I)) = Σ_d ½(σ² − 1) − ln σ + ½μ², in nats; `[rows]`.
    ///
    /// `mean` and `standardDeviation` are `[rows, D]`, every standard deviation above 0. Summed in Double. O(rows · D).
    public static func klDivergencesToStandardNormal<Scalar: MatrixScalar>(
        mean: Matrix<Scalar>, standardDeviation: Matrix<Scalar>
    ) -> [Scalar] {
        rowDivergences(mean, standardDeviation) { _ in (0, 1) }
    }

    /// For each row, KL(N(mean, diag standardDeviation²) ‖ N(otherMean, diag otherStandardDeviation²)), in nats;
    /// `[rows]`. All four are `[rows, D]`, every standard deviation above 0. Summed in Double. O(rows · D).
    public static func klDivergences<Scalar: MatrixScalar>(
        mean: Matrix<Scalar>, standardDeviation: Matrix<Scalar>, toMean otherMean: Matrix<Scalar>,
        standardDeviation otherStandardDeviation: Matrix<Scalar>
    ) -> [Scalar] {
        precondition(
            otherMean.rows == mean.rows && otherMean.columns == mean.columns
                && otherStandardDeviation.rows == mean.rows && otherStandardDeviation.columns == mean.columns,
            "divergence between distributions of different shapes")
        let (otherMean, otherSigma) = (otherMean.pointer, otherStandardDeviation.pointer)
        return rowDivergences(mean, standardDeviation) { (Double(otherMean[$0]), Double(otherSigma[$0])) }
    }

    private static func rowDivergences<Scalar: MatrixScalar>(
        _ mean: Matrix<Scalar>, _ sigma: Matrix<Scalar>, _ other: (Int) -> (mean: Double, sigma: Double)
    ) -> [Scalar] {
        precondition(
            mean.rows == sigma.rows && mean.columns == sigma.columns,
            "mean [\(mean.rows), \(mean.columns)] and standard deviation [\(sigma.rows), \(sigma.columns)]")
        return (0..<mean.rows).map { row in
            var sum = 0.0
            for index in (row * mean.columns)..<((row + 1) * mean.columns) {
                let second = other(index)
                sum += normalDivergence(
                    difference: Double(mean.pointer[index]) - second.mean, sigma: Double(sigma.pointer[index]),
                    otherSigma: second.sigma)
            }
            return Scalar(sum)
        }
    }
}

/// ½(r² − 1) − ln r = ½(r − 1)(r + 1) − ln(1 + (r − 1)): both terms are exact near r = 1, where the divergence is
/// tiny; rounding below 0 is cut off.
func normalDivergence(difference: Double, sigma: Double, otherSigma: Double) -> Double {
    let excess = (sigma - otherSigma) / otherSigma
    let shift = difference / otherSigma
    return max(0, 0.5 * excess * (excess + 2) - log1p(excess)) + 0.5 * shift * shift
}
