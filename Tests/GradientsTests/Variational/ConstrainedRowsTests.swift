import Foundation
import Gradients
import Matrices
import Probability
import TestSupport
import Testing

@Suite struct ConstrainedRowsTests {
    static func space() throws -> ParameterSpace {
        try ParameterSpace([
            ModelParameter("rate", prior: Gamma(concentration: 2, rate: 1)),
            ModelParameter("shares", prior: Dirichlet(concentration: [2, 1, 1.5])), ModelParameter("shift", .realLine),
            ModelParameter("correlation", prior: LKJCholesky(size: 2, concentration: 3)),
        ])
    }

    /// A likelihood that uses every parameter.
    static func model<Scalar: MatrixScalar>(_ space: ParameterSpace, _ type: Scalar.Type) -> VariationalModel<Scalar> {
        VariationalModel<Scalar>(space) { p in
            let shift = p["shift"] - p["rate"].log()
            let logs = p["shares"].log().rowSums() + p["correlation"].columns(1..<2)
            return logs - shift.squared()
        }
    }

    /// The tape's density and gradient are those of the same model in plain numbers.
    @Test func densitiesAndGradients() throws {
        let space = try Self.space()
        let model = Self.model(space, Double.self)
        #expect(model.dimension == 5 && model.parameterNames == space.unconstrainedNames)
        let plain = ConstrainedModel(
            space, LogDensityFunction(dimension: space.dimension) { y in
                let shift = y[4] - log(y[0])
                return log(y[1]) + log(y[2]) + log(y[3]) + y[6] - shift * shift
            })
        var stream = RandomStream(seed: 3)
        for _ in 0..<5 {
            let x = (0..<5).map { _ in stream.gaussian() }
            var gradient = [Double](repeating: 0, count: 5)
            let value = model.logDensity.logDensity(at: x, gradient: &gradient)
            expectClose(value, plain.logDensity(at: x), relative: 1e-13)
            for k in x.indices {
                var (above, below) = (x, x)
                above[k] += 1e-5
                below[k] -= 1e-5
                let slope = (plain.logDensity(at: above) - plain.logDensity(at: below)) / 2e-5
                expectClose(gradient[k], slope, absolute: 1e-8 * max(1, abs(value)), "\(k)")
            }
        }
    }

    @Test func manyRowsAndSinglePrecision() throws {
        let space = try Self.space()
        let (double, single) = (Self.model(space, Double.self), Self.model(space, Float.self))
        var noise = NormalNoise(seed: 5)
        let positions: Matrix<Double> = noise.matrix(rows: 7, columns: 5)
        let values = double.logJoint(Tape().constant(positions)).value
        let floats = Matrix(rows: 7, columns: 5, elements: positions.elements.map { Float($0) })
        expectClose(single.logJoint(Tape().constant(floats)).value.elements, values.elements, relative: 1e-5)
        for row in 0..<7 {
            expectClose(values[row, 0], double.logDensity.logDensity(at: positions.row(row)), relative: 1e-14)
        }
    }

    /// A Poisson rate with a conjugate gamma prior: a guide's and NUTS's draws meet Gamma(2 + Σk, 1 + n).
    @Test func conjugateRate() throws {
        let counts: [Double] = [3, 5, 2, 4, 6, 1, 4, 3]
        let space = try ParameterSpace([ModelParameter("rate", prior: Gamma(concentration: 2, rate: 1))])
        let total = counts.reduce(0, +)
        let model = VariationalModel<Double>(space) { p in
            p["rate"].log().scaled(by: total) - p["rate"].scaled(by: Double(counts.count))
        }
        let exact = try Gamma(concentration: 2 + total, rate: 1 + Double(counts.count))
        let draws = try NoUTurnSampler().sample(model.logDensity, plan: SamplingPlan(chains: 2, warmup: 500, draws: 2000), seed: 4)
            .constrained(to: space)
        let d = try draws.diagnostics(0)
        #expect(abs(d.mean - exact.mean) <= 5 * d.standardErrorOfMean)
        #expect(abs(d.standardDeviation - exact.standardDeviation) <= 5 * d.standardErrorOfStandardDeviation)
        let guide = FullRankGuide<Double>(dimension: 1)
        _ = try VariationalInference(steps: 1500).fit(model, guide, seed: 6)
        let weighted = try guide.weightedDraws(of: model, count: 20_000, seed: 7)
        let (mean, error) = weighted.expectation { space.constrained($0)[0] }
        #expect(abs(mean - exact.mean) <= 5 * error)
    }
}
