import Foundation
import Gradients
import Matrices
import Probability
import TestSupport
import Testing

/// Gradients of expectations through draws, within 5 standard errors of the derivative of the closed form.
@Suite struct ReparameterizedDrawTests {
    /// 20,000 draws of one setting as a matrix; the gradient by the shared parameter is the sum over them.
    private let count = 20_000

    private func column(_ value: Double) -> Parameter<Double> {
        Parameter(name: "parameter", value: Matrix(rows: count, columns: 1, repeating: value))
    }

    private func check(_ gradient: Matrix<Double>?, _ expected: Double, _ what: String) throws {
        let terms = try #require(gradient).elements
        let mean = terms.reduce(0, +) / Double(terms.count)
        let deviation = (terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(terms.count)).squareRoot()
        #expect(abs(mean - expected) <= 5 * deviation / Double(terms.count).squareRoot(), "\(what): \(mean), expected \(expected)")
    }

    /// E[x²] = α(α + 1)/β².
    @Test func gamma() throws {
        for alpha in [0.4, 3.0, 200] {
            let (concentration, rate) = (column(alpha), column(2))
            var stream = RandomStream(seed: 5)
            let tape = Tape<Double>()
            let x = try tape.drawGamma(concentration: tape.parameter(concentration), rate: tape.parameter(rate), &stream)
            tape.backward(from: x.multipliedElementwise(by: x).sum())
            try check(concentration.gradient, (2 * alpha + 1) / 4, "concentration \(alpha)")
            try check(rate.gradient, -2 * alpha * (alpha + 1) / 8, "rate at \(alpha)")
        }
    }

    /// E[x] = α/(α + β).
    @Test func beta() throws {
        let (first, second) = (column(0.7), column(2.5))
        var stream = RandomStream(seed: 6)
        let tape = Tape<Double>()
        let x = try tape.drawBeta(concentration1: tape.parameter(first), concentration0: tape.parameter(second), &stream)
        tape.backward(from: x.sum())
        try check(first.gradient, 2.5 / (3.2 * 3.2), "first")
        try check(second.gradient, -0.7 / (3.2 * 3.2), "second")
    }

    /// E[xᵢ²] = αᵢ(αᵢ + 1)/(α₀(α₀ + 1)).
    @Test func dirichlet() throws {
        let alpha = [0.5, 2, 1.5]
        let concentration = Parameter<Double>(
            name: "concentration", value: Matrix(Array(repeating: alpha, count: count)))
        let weights = Matrix<Double>(Array(repeating: [1, 0, 0], count: count))
        var stream = RandomStream(seed: 7)
        let tape = Tape<Double>()
        let x = try tape.drawDirichlet(concentration: tape.parameter(concentration), &stream)
        let squares = x.multipliedElementwise(by: x).multipliedElementwise(by: tape.constant(weights))
        tape.backward(from: squares.sum())
        let gradient = try #require(concentration.gradient)
        func moment(_ a: [Double]) -> Double {
            let total = a.reduce(0, +)
            return a[0] * (a[0] + 1) / (total * (total + 1))
        }
        for i in 0..<3 {
            var (above, below) = (alpha, alpha)
            above[i] += 1e-6
            below[i] -= 1e-6
            let part = Matrix(rows: count, columns: 1, elements: (0..<count).map { gradient[$0, i] })
            try check(part, (moment(above) - moment(below)) / 2e-6, "concentration \(i)")
        }
    }

    /// An explicit transport gives the same gradient as the tape's own arithmetic on the same noise.
    @Test func normalDrawsAgreeWithArithmetic() throws {
        let (mean, sigma) = (
            Parameter<Double>(name: "mean", value: Matrix([[1, 2, -1]])), Parameter<Double>(name: "sigma", value: Matrix([[0.5, 2, 1]]))
        )
        var stream = RandomStream(seed: 8)
        let tape = Tape<Double>()
        let x = try tape.draw([tape.parameter(mean), tape.parameter(sigma)], &stream) {
            try Normal(mean: $0[0], standardDeviation: $0[1])
        }
        let z = (0..<3).map { (x.value[0, $0] - mean.value[0, $0]) / sigma.value[0, $0] }
        tape.backward(from: x.multipliedElementwise(by: x).sum())
        expectClose(try #require(mean.gradient).elements, (0..<3).map { 2 * x.value[0, $0] }, relative: 1e-15)
        expectClose(try #require(sigma.gradient).elements, (0..<3).map { 2 * x.value[0, $0] * z[$0] }, relative: 1e-12)
    }

    /// Only the named parameter is a variable; single precision works too.
    @Test func fixedParametersAndSinglePrecision() throws {
        let scale = Parameter<Float>(name: "scale", value: Matrix([[2, 3]]))
        var stream = RandomStream(seed: 9)
        let tape = Tape<Float>()
        let x = try tape.draw([tape.parameter(scale)], places: [2], &stream) {
            try StudentT(degreesOfFreedom: 5, location: 1, scale: $0[0])
        }
        tape.backward(from: x.sum())
        let z = (0..<2).map { (x.value[0, $0] - 1) / scale.value[0, $0] }
        expectClose(try #require(scale.gradient).elements, z, relative: 1e-5)
    }

    /// E[X] = ν·V and, of Cholesky factors of correlations, E[Lᵢᵢ] in closed form, through draws of matrices.
    @Test func matrices() throws {
        let scale: [Double] = [2, 0.5, 0.5, 1]
        let (degrees, v) = (column(5), Parameter<Double>(name: "v", value: Matrix(Array(repeating: scale, count: count))))
        let weights = Matrix<Double>(Array(repeating: [1, 0.5, -0.25, 2], count: count))
        var stream = RandomStream(seed: 17)
        let tape = Tape<Double>()
        let x = try tape.drawMatrices([tape.parameter(degrees), tape.parameter(v)], &stream) {
            try Wishart(degreesOfFreedom: $0[0][0], scale: Matrix(rows: 2, columns: 2, elements: $0[1]))
        }
        #expect(x.columns == 4)
        tape.backward(from: x.multipliedElementwise(by: tape.constant(weights)).sum())
        try check(degrees.gradient, 2 + 0.125 + 2, "degrees of freedom")
        let byScale = try #require(v.gradient)
        for (place, expected) in [(0, 5.0), (1, 0.625), (2, 0.625), (3, 10)] {
            let part = Matrix(rows: count, columns: 1, elements: (0..<count).map { byScale[$0, place] })
            try check(part, expected, "scale \(place)")
        }
        let eta = column(1.7)
        let correlations = Tape<Double>()
        let l = try correlations.drawMatrices([correlations.parameter(eta)], places: [1], &stream) {
            try LKJCholesky(size: 3, concentration: $0[0][0])
        }
        correlations.backward(from: l.columns(8..<9).sum())
        func corner(_ eta: Double) throws -> Double { try LKJCholesky(size: 3, concentration: eta).mean[2, 2] }
        try check(eta.gradient, (corner(1.7 + 1e-5) - corner(1.7 - 1e-5)) / 2e-5, "concentration")
    }

    @Test func studentVectors() throws {
        let (degrees, location) = (
            column(9), Parameter<Double>(name: "location", value: Matrix(Array(repeating: [1.0, -1], count: count)))
        )
        var stream = RandomStream(seed: 18)
        let tape = Tape<Double>()
        let x = try tape.drawRows([tape.parameter(degrees), tape.parameter(location)], &stream) {
            try MultivariateStudentT(
                degreesOfFreedom: $0[0][0], location: $0[1], choleskyFactor: Matrix([[1, 0], [0.5, 0.8]]))
        }
        tape.backward(from: x.squared().sum())
        // E‖x‖² = tr S·ν/(ν − 2) + ‖μ‖².
        try check(degrees.gradient, -2 * (1 + 0.25 + 0.64) / 49, "degrees of freedom")
    }

    @Test func invalidParametersAreErrors() {
        let tape = Tape<Double>()
        var stream = RandomStream(seed: 1)
        let (bad, good) = (tape.input(Matrix([[-1]])), tape.input(Matrix([[1]])))
        #expect(
            throws: DistributionError.invalidParameter(
                distribution: "Gamma", parameter: "concentration", value: -1, expected: .positive)
        ) { try tape.drawGamma(concentration: bad, rate: good, &stream) }
        #expect(throws: DistributionError.self) { try tape.drawDirichlet(concentration: good, &stream) }
    }
}
