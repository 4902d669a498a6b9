import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Draws of families of vectors and matrices and of compositions, judged by functions of them whose law is known; in bulk
/// and one at a time. Levels and seeds as in `SamplingLaws`.
@Suite struct VectorFitTests {
    static let covariance = MultivariateLaws.covariance
    static let direction = [0.7, -1.2, 0.4]

    private func inner(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
    private func form(_ x: [Double], _ m: Matrix<Double>) -> Double {
        inner(x, x.indices.map { inner(m.row($0), x) })
    }

    /// 25,000 draws in bulk, then 10,000 single ones.
    private func draws<D: Distribution>(_ d: D, seed: UInt64) -> [(draws: [D.Value], how: String)] {
        var stream = RandomStream(seed: seed)
        return [
            (d.sample(25_000, &stream), "bulk draws of \(D.name)"),
            ((0..<10_000).map { _ in d.sample(&stream) }, "single draws of \(D.name)"),
        ]
    }

    /// Mahalanobis' square is χ²(d), projections are normal.
    private func checkNormal(_ d: some MultivariateDistribution) throws {
        let inverse = try CholeskyFactorization(d.covariance).inverse()
        let projected = try Normal(mean: inner(Self.direction, d.mean), standardDeviation: form(Self.direction, d.covariance).squareRoot())
        for (draws, how) in draws(d, seed: 51) {
            let squares = draws.map { x in form(zip(x, d.mean).map { $0 - $1 }, inverse) }
            GoodnessOfFit.check(squares, try ChiSquared(degreesOfFreedom: 3), "squares of \(how)")
            GoodnessOfFit.check(draws.map { inner(Self.direction, $0) }, projected, "projections of \(how)")
        }
    }

    @Test func normalVectors() throws {
        try checkNormal(MultivariateNormal(mean: [1, 0, -1], covariance: Self.covariance))
        try checkNormal(MultivariateNormal(mean: [1, 0, -1], precision: Self.covariance))
        try checkNormal(DiagonalNormal(mean: [1, 0, -1], standardDeviation: [0.5, 3, 1]))
        try checkNormal(
            LowRankMultivariateNormal(mean: [0, 2, 1], factor: Matrix([[1, 0], [0.5, -1], [-0.4, 0.3]]), diagonal: [0.5, 0.8, 0.9]))
    }

    @Test func studentVectors() throws {
        for nu in [0.8, 5] {
            let d = try MultivariateStudentT(degreesOfFreedom: nu, location: [1, 0, 2], scale: Self.covariance)
            let inverse = try CholeskyFactorization(Self.covariance).inverse()
            let projected = try StudentT(
                degreesOfFreedom: nu, location: inner(Self.direction, d.location),
                scale: form(Self.direction, Self.covariance).squareRoot())
            for (draws, how) in draws(d, seed: 52) {
                let squares = draws.map { x in form(zip(x, d.location).map { $0 - $1 }, inverse) / 3 }
                GoodnessOfFit.check(squares, try FisherF(degreesOfFreedom1: 3, degreesOfFreedom2: nu), "squares of \(how)")
                GoodnessOfFit.check(draws.map { inner(Self.direction, $0) }, projected, "projections of \(how)")
            }
        }
    }

    @Test func dirichletCoordinates() throws {
        for concentration in [[2, 3.5, 1.2], [0.3, 0.05, 2]] {
            let d = try Dirichlet(concentration: concentration)
            for (draws, how) in draws(d, seed: 53) {
                for k in 0..<3 where concentration[k] > 0.1 {
                    let marginal = try Beta(concentration1: concentration[k], concentration0: d.total - concentration[k])
                    GoodnessOfFit.check(draws.map { $0[k] }, marginal, "coordinate \(k) of \(how)")
                }
                // Shares of what the first leaves are independent of it.
                let shares = draws.map { $0[2] / ($0[1] + $0[2]) }
                let share = try Beta(concentration1: concentration[2], concentration0: concentration[1])
                if concentration[1] > 0.1 { GoodnessOfFit.check(shares, share, "shares of \(how)") }
            }
        }
    }

    /// Every vector of counts, numbered, as one categorical variable.
    private func checkCounts(_ d: some MultivariateDistribution, _ vectors: [[Double]]) throws {
        let numbers = Dictionary(uniqueKeysWithValues: vectors.enumerated().map { ($1, $0) })
        let law = try Categorical(probabilities: vectors.map { exp(d.logDensity($0)) })
        for (draws, how) in draws(d, seed: 54) {
            GoodnessOfFit.check(try draws.map { try #require(numbers[$0]) }, law, how)
        }
    }

    @Test func counts() throws {
        let vectors = (0...5).flatMap { a in (0...(5 - a)).map { b in [Double(a), Double(b), Double(5 - a - b)] } }
        try checkCounts(Multinomial(totalCount: 5, probabilities: [0.2, 0.5, 0.3]), vectors)
        try checkCounts(DirichletMultinomial(totalCount: 5, concentration: [2, 0.5, 4]), vectors)
        try checkCounts(OneHotCategorical(probabilities: [0.2, 0.5, 0.3]), [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    }

    /// aᵀXa/aᵀVa ~ χ²(ν) and aᵀV⁻¹a/aᵀX⁻¹a ~ χ²(ν − p + 1).
    @Test func wishart() throws {
        let d = try Wishart(degreesOfFreedom: 5.5, scale: Self.covariance)
        let inverse = try CholeskyFactorization(Self.covariance).inverse()
        for (draws, how) in draws(d, seed: 55) {
            let forms = draws.map { form(Self.direction, $0) / form(Self.direction, Self.covariance) }
            GoodnessOfFit.check(forms, try ChiSquared(degreesOfFreedom: 5.5), "forms of \(how)")
            let inverses = try draws.map { try form(Self.direction, inverse) / form(Self.direction, CholeskyFactorization($0).inverse()) }
            GoodnessOfFit.check(inverses, try ChiSquared(degreesOfFreedom: 3.5), "inverse forms of \(how)")
        }
    }

    @Test func inverseWishart() throws {
        let d = try InverseWishart(degreesOfFreedom: 5.5, scale: Self.covariance)
        let inverse = try CholeskyFactorization(Self.covariance).inverse()
        for (draws, how) in draws(d, seed: 56) {
            let forms = draws.map { form(Self.direction, Self.covariance) / form(Self.direction, $0) }
            GoodnessOfFit.check(forms, try ChiSquared(degreesOfFreedom: 3.5), "forms of \(how)")
            let inverses = try draws.map { try form(Self.direction, CholeskyFactorization($0).inverse()) / form(Self.direction, inverse) }
            GoodnessOfFit.check(inverses, try ChiSquared(degreesOfFreedom: 5.5), "inverse forms of \(how)")
        }
    }

    /// Every correlation r of K variables has (r + 1)/2 ~ Beta(η + K/2 − 1, η + K/2 − 1).
    @Test func lkj() throws {
        for (size, eta) in [(2, 0.7), (4, 1.0), (5, 2.5)] {
            let marginal = eta + 0.5 * Double(size) - 1
            let law = try Beta(concentration1: marginal, concentration0: marginal)
            for (draws, how) in draws(try LKJCholesky(size: size, concentration: eta), seed: 57) {
                for (i, j) in [(1, 0), (size - 1, 0), (size - 1, size - 2)] {
                    let halves = draws.map { 0.5 + 0.5 * inner($0.row(i), $0.row(j)) }
                    GoodnessOfFit.check(halves, law, "correlation \(i), \(j) of \(how)")
                }
            }
        }
    }

    @Test func compositions() throws {
        let mixture = try Mixture(
            weights: [0.25, 0.75], components: [Normal(mean: -3, standardDeviation: 0.5), Normal(mean: 2, standardDeviation: 1.5)])
        for (draws, how) in draws(mixture, seed: 58) { GoodnessOfFit.check(draws, mixture, how) }
        let counts = try Mixture(weights: [0.5, 0.5], components: [Poisson(rate: 2), Poisson(rate: 20)])
        for (draws, how) in draws(counts, seed: 59) { GoodnessOfFit.check(draws, counts, how) }
        let transformed = Transformed(try Normal(mean: 0.3, standardDeviation: 0.7), SigmoidTransform())
        for (draws, how) in draws(transformed, seed: 60) { GoodnessOfFit.check(draws, transformed, how) }
        let falling = Transformed(try Gumbel(location: 1, scale: 2), try AffineTransform(location: 0, scale: -1))
        for (draws, how) in draws(falling, seed: 61) { GoodnessOfFit.check(draws, falling, how) }
        let independent = try Independent([Gamma(concentration: 2, rate: 1), Gamma(concentration: 0.5, rate: 3)])
        for (draws, how) in draws(independent, seed: 62) {
            for k in 0..<2 { GoodnessOfFit.check(draws.map { $0[k] }, independent.marginals[k], "coordinate \(k) of \(how)") }
        }
        let list = try Empirical([3, -1, 2, 7], weights: [1, 2, 3, 2])
        let law = try Categorical(probabilities: list.probabilities)
        for (draws, how) in draws(list, seed: 63) {
            GoodnessOfFit.check(try draws.map { x in try #require(list.values.firstIndex(of: x)) }, law, how)
        }
        for (draws, _) in draws(try Delta(2.5), seed: 64) { #expect(draws.allSatisfy { $0 == 2.5 }) }
    }
}
