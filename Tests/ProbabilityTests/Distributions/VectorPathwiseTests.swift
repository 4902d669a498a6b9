import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Pathwise gradients of families of vectors and matrices: the gradient of E[g(x)] by each parameter, from draws with fixed
/// seeds, within 5 standard errors of the derivative of the closed form.
@Suite struct VectorPathwiseTests {
    static let weights = [1.0, -2, 0.5]
    static let step = 1e-5

    /// The mean of terms within 5 standard errors of `expected`.
    private func check(_ terms: [Double], _ expected: Double, _ what: String) {
        let n = Double(terms.count)
        let mean = terms.reduce(0, +) / n
        let deviation = (terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
        #expect(abs(mean - expected) <= 5 * deviation / n.squareRoot(), "\(what): \(mean), expected \(expected)")
        #expect(deviation > 0, "\(what)")
    }

    /// g(x) = Σ cᵢ·xᵢ².
    private func check(
        _ d: some MultivariateDistribution & ReparameterizedDistribution, _ parameter: Int, _ element: Int,
        _ expected: Double, _ what: String
    ) {
        var stream = RandomStream(seed: 71)
        let terms = d.sample(40_000, &stream).map { x -> Double in
            let cotangent = zip(Self.weights, x).map { 2 * $0 * $1 }
            return d.pathwiseGradient(at: x, cotangent: cotangent)[parameter][element]
        }
        check(terms, expected, what)
    }

    private func moment(_ d: some MultivariateDistribution) -> Double {
        (0..<3).reduce(0) { $0 + Self.weights[$1] * (d.variance[$1] + d.mean[$1] * d.mean[$1]) }
    }

    /// The slope of `value` of one number of a list.
    private func slope(_ numbers: [Double], _ index: Int, _ value: ([Double]) throws -> Double) rethrows -> Double {
        var (above, below) = (numbers, numbers)
        above[index] += Self.step
        below[index] -= Self.step
        return try (value(above) - value(below)) / (2 * Self.step)
    }

    @Test func dirichlet() throws {
        let alpha = [0.8, 2, 1.5]
        for i in 0..<3 {
            let expected = try slope(alpha, i) { try moment(Dirichlet(concentration: $0)) }
            check(try Dirichlet(concentration: alpha), 0, i, expected, "Dirichlet \(i)")
        }
    }

    static let factor = Matrix<Double>([[1.2, 0, 0], [0.4, 0.8, 0], [-0.3, 0.5, 0.6]])

    private func matrix(_ elements: [Double]) -> Matrix<Double> { Matrix(rows: 3, columns: 3, elements: elements) }

    @Test func multivariateNormal() throws {
        let d = try MultivariateNormal(mean: [1, 0, 2], choleskyFactor: Self.factor)
        for (i, j) in [(0, 0), (1, 0), (2, 1), (2, 2)] {
            let expected = try slope(Self.factor.elements, i * 3 + j) {
                try moment(MultivariateNormal(mean: [1, 0, 2], choleskyFactor: matrix($0)))
            }
            check(d, 1, i * 3 + j, expected, "factor \(i), \(j)")
        }
    }

    @Test func lowRankNormal() throws {
        let (w, diagonal) = (Matrix<Double>([[1, 0.2], [0.5, -1], [-0.4, 0.3]]), [0.5, 0.8, 0.9])
        let d = try LowRankMultivariateNormal(mean: [1, 0, 2], factor: w, diagonal: diagonal)
        for (i, j) in [(0, 0), (1, 1), (2, 0)] {
            check(d, 1, i * 2 + j, 2 * Self.weights[i] * w[i, j], "low rank factor \(i), \(j)")
        }
        for i in 0..<3 { check(d, 2, i, Self.weights[i], "low rank diagonal \(i)") }
    }

    /// E[xᵢ²] = S_ii·ν/(ν − 2) + μᵢ².
    @Test func multivariateStudentT() throws {
        func family(_ nu: Double, _ l: [Double]) throws -> MultivariateStudentT {
            try MultivariateStudentT(degreesOfFreedom: nu, location: [1, 0, 2], choleskyFactor: matrix(l))
        }
        let d = try family(9, Self.factor.elements)
        check(d, 0, 0, try slope([9], 0) { try moment(family($0[0], Self.factor.elements)) }, "degrees of freedom")
        for i in 0..<3 { check(d, 1, i, [2.0, 0, 2][i], "location \(i)") }
        for (i, j) in [(0, 0), (1, 0), (2, 1), (2, 2)] {
            let expected = try slope(Self.factor.elements, i * 3 + j) { try moment(family(9, $0)) }
            check(d, 2, i * 3 + j, expected, "factor \(i), \(j)")
        }
        // In one dimension it is the univariate family's gradient.
        let (one, t) = try (
            MultivariateStudentT(degreesOfFreedom: 4, location: [1], choleskyFactor: Matrix([[2]])),
            StudentT(degreesOfFreedom: 4, location: 1, scale: 2)
        )
        for x in [-7, 0.4, 2.5] {
            expectClose(
                one.pathwiseGradient(at: [x], cotangent: [1.5]).flatMap { $0 },
                t.pathwiseGradient(at: x, cotangent: 1.5).flatMap { $0 }, relative: 1e-9)
        }
    }

    static let cotangent = Matrix<Double>([[1, 0.5, -0.2], [0.1, -0.7, 0.3], [0.4, 0, 0.9]])
    static let scale = MultivariateLaws.covariance

    private func inner(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
        zip(a.elements, b.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// g(X) = (C·X)² of the elements, whose expectation is that of the variance of a linear form; and C·X itself.
    private func checkMatrices<Family: WishartFamily & ReparameterizedDistribution>(
        _ nu: Double, _ make: (Double, Matrix<Double>) throws -> Family, _ moment: (Family) -> Double
    ) throws {
        let d = try make(nu, Self.scale)
        var stream = RandomStream(seed: 72)
        let gradients = d.sample(40_000, &stream).map { x in
            d.pathwiseGradient(at: x, cotangent: 2 * inner(Self.cotangent, x) * Self.cotangent)
        }
        check(gradients.map { $0[0][0] }, try slope([nu], 0) { try moment(make($0[0], Self.scale)) }, "degrees of freedom")
        for (i, j) in [(0, 0), (1, 0), (2, 1), (2, 2)] {
            // Both mirror images move.
            let expected = try slope([0], 0) { move in
                var scale = Self.scale
                scale[i, j] += move[0]
                if i != j { scale[j, i] += move[0] }
                return try moment(make(nu, scale))
            }
            let terms = gradients.map { i == j ? $0[1][i * 3 + j] : $0[1][i * 3 + j] + $0[1][j * 3 + i] }
            check(terms, expected, "scale \(i), \(j)")
        }
    }

    /// E[(tr CX)²] = ν²·(tr SV)² + 2ν·tr SVSV, S the symmetric part of C.
    @Test func wishart() throws {
        let s = 0.5 * (Self.cotangent + Self.cotangent.transposed())
        try checkMatrices(6.5, { try Wishart(degreesOfFreedom: $0, scale: $1) }) { d in
            let sv = s.multiplied(by: d.scale)
            let trace = (0..<3).reduce(0) { $0 + sv[$1, $1] }
            let square = sv.multiplied(by: sv)
            let nu = d.degreesOfFreedom
            return nu * nu * trace * trace + 2 * nu * (0..<3).reduce(0) { $0 + square[$1, $1] }
        }
    }

    /// E[XᵢⱼXₖₗ] of von Rosen (1988), as a trace formula.
    @Test func inverseWishart() throws {
        let s = 0.5 * (Self.cotangent + Self.cotangent.transposed())
        try checkMatrices(13, { try InverseWishart(degreesOfFreedom: $0, scale: $1) }) { d in
            let sv = s.multiplied(by: d.scale)
            let trace = (0..<3).reduce(0) { $0 + sv[$1, $1] }
            let square = sv.multiplied(by: sv)
            let squares = (0..<3).reduce(0) { $0 + square[$1, $1] }
            let m = d.degreesOfFreedom - 3
            // With m = ν − p: E[(tr SX)²] = ((m − 2)(tr SΨ)² + 2·tr SΨSΨ)/(m(m − 1)(m − 3)).
            return ((m - 2) * trace * trace + 2 * squares) / (m * (m - 1) * (m - 3))
        }
    }

    @Test func oneDimensionalMatrices() throws {
        let x = Matrix<Double>([[3.3]])
        let wishart = try Wishart(degreesOfFreedom: 5, scale: Matrix([[2]])).pathwiseGradient(at: x, cotangent: Matrix([[1.5]]))
        let chi = try ChiSquared(degreesOfFreedom: 5).pathwiseGradient(at: 3.3 / 2, cotangent: 1.5 * 2)
        expectClose(wishart[0][0], chi[0][0], relative: 1e-12)
        expectClose(wishart[1][0], 1.5 * 3.3 / 2, relative: 1e-13)
        let inverse = try InverseWishart(degreesOfFreedom: 5, scale: Matrix([[2]])).pathwiseGradient(at: x, cotangent: Matrix([[1.5]]))
        // x = 2/χ².
        let other = try ChiSquared(degreesOfFreedom: 5).pathwiseGradient(at: 2 / 3.3, cotangent: -1.5 * 3.3 * 3.3 / 2)
        expectClose(inverse[0][0], other[0][0], relative: 1e-12)
        expectClose(inverse[1][0], 1.5 * 3.3 / 2, relative: 1e-13)
    }

    /// E[Lᵢⱼ²] and E[Lᵢᵢ] are in closed form.
    @Test func lkj() throws {
        func moment(_ eta: Double) throws -> Double {
            let d = try LKJCholesky(size: 4, concentration: eta)
            var sum = 0.0
            for i in 0..<4 {
                for j in 0..<i { sum += Double(i + 2 * j) * d.variance[i, j] }
                sum -= 1.5 * d.mean[i, i]
            }
            return sum
        }
        for eta in [0.6, 1.7, 20] {
            let d = try LKJCholesky(size: 4, concentration: eta)
            var stream = RandomStream(seed: 73)
            let terms = d.sample(40_000, &stream).map { l -> Double in
                var cotangent = Matrix<Double>(rows: 4, columns: 4)
                for i in 0..<4 {
                    for j in 0..<i { cotangent[i, j] = Double(i + 2 * j) * 2 * l[i, j] }
                    cotangent[i, i] = -1.5
                }
                return d.pathwiseGradient(at: l, cotangent: cotangent)[1][0]
            }
            check(terms, try slope([eta], 0) { try moment($0[0]) }, "concentration \(eta)")
        }
    }
}
