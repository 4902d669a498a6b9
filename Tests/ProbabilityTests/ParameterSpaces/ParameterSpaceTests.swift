import Foundation
import Matrices
import TestSupport
import Testing

@testable import Probability

@Suite struct ParameterSpaceTests {
    /// One parameter of each kind.
    static func everything() throws -> ParameterSpace {
        try ParameterSpace([
            ModelParameter("real", .realLine), ModelParameter("pair", .realVectors(dimension: 2)),
            ModelParameter("scale", prior: Gamma(concentration: 3, rate: 2)),
            ModelParameter("below", .interval(lower: -.infinity, upper: -1), count: 2),
            ModelParameter("above", .interval(lower: 2, upper: .infinity)),
            ModelParameter("share", prior: Beta(concentration1: 2, concentration0: 3), count: 2),
            ModelParameter("parts", prior: Dirichlet(concentration: [2, 1, 3.5])),
            ModelParameter("cuts", .ordered(dimension: 3)), ModelParameter("factor", .lowerCholesky(size: 2)),
            ModelParameter("correlation", prior: LKJCholesky(size: 3, concentration: 1.5)),
            ModelParameter("effects", prior: MultivariateNormal(mean: [1, 0], covariance: Matrix([[2, 0.5], [0.5, 1]]))),
            ModelParameter("product", .product([.positive, .positive])),
        ])
    }

    @Test func shapesAndNames() throws {
        let space = try Self.everything()
        #expect(space.dimension == 28 && space.unconstrainedDimension == 24)
        #expect(space.valueNames.count == 28 && Set(space.valueNames).count == 28)
        #expect(space.unconstrainedNames.count == 24 && Set(space.unconstrainedNames).count == 24)
        #expect(space.valueNames[3] == "scale" && space.unconstrainedNames[3] == "unconstrained scale")
        #expect(space.valueNames[space.range(of: "correlation").lowerBound + 1] == "correlation[1, 0]")
        #expect(space.unconstrainedNames[0] == "real" && space.unconstrainedNames[1] == "pair[0]")
    }

    /// Positions and values go to and fro, values lie in their supports, and gradients are those of central differences.
    @Test func mapsAndGradients() throws {
        let space = try Self.everything()
        var stream = RandomStream(seed: 4)
        let weights = (0..<space.dimension).map { _ in stream.gaussian() }
        /// A base density whose gradient is known.
        let base = DifferentiableLogDensityFunction(dimension: space.dimension) { y, gradient in
            gradient = zip(weights, y).map { $0 - $1 }
            return zip(weights, y).reduce(0) { $0 + $1.0 * $1.1 - 0.5 * $1.1 * $1.1 }
        }
        let model = ConstrainedModel(space, base)
        for scale in [0.2, 1, 2.5] {
            let x = (0..<space.unconstrainedDimension).map { _ in scale * stream.gaussian() }
            let y = space.constrained(x)
            for parameter in space.parameters { #expect(parameter.contains(Array(y[space.range(of: parameter.name)])), "\(parameter.name)") }
            expectClose(try space.unconstrained(y), x, absolute: 1e-9)
            var gradient = [Double](repeating: 0, count: x.count)
            let value = model.logDensity(at: x, gradient: &gradient)
            expectClose(value, model.logDensity(at: x), relative: 1e-14)
            for k in x.indices {
                var (above, below) = (x, x)
                above[k] += 1e-5
                below[k] -= 1e-5
                let slope = (model.logDensity(at: above) - model.logDensity(at: below)) / 2e-5
                expectClose(gradient[k], slope, absolute: 1e-7 * max(1, abs(value)), "\(space.unconstrainedNames[k])")
            }
        }
    }

    /// Without data the draws are the priors': means and standard deviations within 5 Monte-Carlo errors, R̂ below 1.01.
    @Test func drawsFromThePriors() throws {
        let space = try ParameterSpace([
            ModelParameter("scale", prior: Gamma(concentration: 3, rate: 2)),
            ModelParameter("cut", prior: TruncatedNormal(location: 0, scale: 1, lower: -0.5, upper: 2)),
            ModelParameter("parts", prior: Dirichlet(concentration: [2, 1.5, 3.5])),
            ModelParameter("correlation", prior: LKJCholesky(size: 3, concentration: 1.5)),
            ModelParameter("cuts", .ordered(dimension: 2)),
        ])
        // The ordered pair is a standard normal sample of two.
        let place = space.range(of: "cuts")
        let base = DifferentiableLogDensityFunction(dimension: space.dimension) { y, gradient in
            for k in place { gradient[k] = -y[k] }
            return place.reduce(0) { $0 - 0.5 * y[$1] * y[$1] }
        }
        let model = ConstrainedModel(space, base)
        let draws = try NoUTurnSampler(targetAcceptance: 0.9)
            .sample(model, plan: SamplingPlan(chains: 4, warmup: 500, draws: 2000), seed: 9).constrained(to: space)
        #expect(draws.parameterNames == space.valueNames)
        func check(_ name: String, _ mean: Double, _ deviation: Double) throws {
            let d = try ChainDiagnostics(draws.parameter(name))
            #expect(abs(d.mean - mean) <= 5 * d.standardErrorOfMean, "\(name): mean \(d.mean), expected \(mean)")
            #expect(
                abs(d.standardDeviation - deviation) <= 5 * d.standardErrorOfStandardDeviation,
                "\(name): deviation \(d.standardDeviation), expected \(deviation)")
            #expect(d.rHat < 1.01, "\(name)")
        }
        let gamma = try Gamma(concentration: 3, rate: 2)
        try check("scale", gamma.mean, gamma.standardDeviation)
        let cut = try TruncatedNormal(location: 0, scale: 1, lower: -0.5, upper: 2)
        try check("cut", cut.mean, cut.standardDeviation)
        let parts = try Dirichlet(concentration: [2, 1.5, 3.5])
        for k in 0..<3 { try check("parts[\(k)]", parts.mean[k], parts.variance[k].squareRoot()) }
        let factor = try LKJCholesky(size: 3, concentration: 1.5)
        for (i, j) in [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2)] {
            try check("correlation[\(i), \(j)]", factor.mean[i, j], factor.variance[i, j].squareRoot())
        }
        // The smaller of two normal numbers has mean −1/√π and variance 1 − 1/π.
        let (low, spread) = (-1 / Double.pi.squareRoot(), (1 - 1 / Double.pi).squareRoot())
        try check("cuts[0]", low, spread)
        try check("cuts[1]", -low, spread)
        #expect(draws.divergences == 0)
        // Without a gradient the slice sampler sees the same density.
        let plain = ConstrainedModel(
            try ParameterSpace([ModelParameter("scale", prior: gamma)]), LogDensityFunction(dimension: 1) { _ in 0 })
        let slices = try SliceSampler().sample(plain, plan: SamplingPlan(chains: 2, warmup: 200, draws: 4000), seed: 2)
            .constrained(to: plain.space)
        let d = try slices.diagnostics(0)
        #expect(abs(d.mean - gamma.mean) <= 5 * d.standardErrorOfMean)
    }

    @Test func whatIsRefused() throws {
        #expect(throws: ParameterSpaceError.noParameters) { try ParameterSpace([]) }
        #expect(throws: ParameterSpaceError.duplicateName("a")) {
            try ParameterSpace([ModelParameter("a", .realLine), ModelParameter("a", .positive)])
        }
        #expect(throws: ParameterSpaceError.noMap(parameter: "k", support: .integers(lower: 0, upper: nil), count: 1)) {
            try ModelParameter("k", .integers(lower: 0, upper: nil))
        }
        #expect(throws: ParameterSpaceError.self) { try ModelParameter("x", .realLine, count: 0) }
        #expect(throws: ParameterSpaceError.self) { try ModelParameter("x", .positiveDefinite(size: 2)) }
        #expect(throws: ParameterSpaceError.self) { try ModelParameter("x", .product([.positive, .realLine])) }
        #expect(throws: ParameterSpaceError.self) { try ModelParameter("x", .interval(lower: 1, upper: 1)) }
        #expect(throws: ParameterSpaceError.self) { try ModelParameter("x", .simplex(dimension: 1)) }
        let space = try ParameterSpace([ModelParameter("a", .positive), ModelParameter("b", .simplex(dimension: 2))])
        #expect(throws: ParameterSpaceError.wrongCount(found: 1, expected: 3)) { try space.unconstrained([1]) }
        #expect(throws: ParameterSpaceError.outsideSupport(parameter: "a", values: [-1], support: .positive)) {
            try space.unconstrained([-1, 0.5, 0.5])
        }
        #expect(throws: ParameterSpaceError.self) { try space.unconstrained([1, 0.5, 0.6]) }
        // The very end of a support has no finite position.
        #expect(throws: ParameterSpaceError.self) { try space.unconstrained([0, 0.5, 0.5]) }
        let error = ParameterSpaceError.outsideSupport(parameter: "a", values: [-1], support: .positive)
        #expect(error.description.contains("a is [-1.0]"))
    }
}
