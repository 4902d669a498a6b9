import Foundation
import Probability
import TestSupport
import Testing

@Suite struct GoldenParetoSmoothingTests {
    static let names = ["heavy0.5", "heavy0.9", "heavy1.3", "light", "normal1", "offset", "small"]

    @Test(.enabled(if: Golden.has("mcmc", "importance_psis"), "golden weights are not there"), arguments: names)
    func figuresAreThoseOfArviz(name: String) throws {
        let golden = try Golden.load("mcmc", "importance_psis")
        func values(_ key: String) throws -> [Double] { try golden.values(key) }
        let logRatios = try values("in.\(name).log_ratios")
        let raw = try ImportanceWeights(logRatios: logRatios)
        let smoothed = try ParetoSmoothedWeights(logRatios: logRatios)

        expectClose(smoothed.shape, try values("out.\(name).khat")[0], relative: 1e-11, "khat")
        expectClose(
            smoothed.weights.logWeights, try values("out.\(name).smoothed_log_weights"), elementwise: 1e-12,
            "smoothed weights")
        expectClose(raw.effectiveSampleSize, try values("out.\(name).ess_raw")[0], relative: 1e-12, "raw size")
        expectClose(
            smoothed.weights.effectiveSampleSize, try values("out.\(name).ess_smoothed")[0], relative: 1e-12,
            "smoothed size")
        expectClose(
            raw.entropyEffectiveSampleSize, try values("out.\(name).entropy_ess_raw")[0], relative: 1e-12, "entropy")

        let exceedances = try values("mid.\(name).gpd_exceedances_sorted")
        #expect(smoothed.tailLength == exceedances.count)
        let fit = try #require(GeneralizedParetoFit(exceedances: exceedances))
        expectClose(fit.shape, try values("mid.\(name).gpd_k")[0], relative: 1e-11, "shape")
        expectClose(fit.scale, try values("mid.\(name).gpd_sigma")[0], relative: 1e-11, "scale")
    }
}

@Suite struct ParetoSmoothingTests {
    /// Exceedances drawn by the inverse of the distribution function: the estimate's standard error is about
    /// (1 + k)/√n; five of them.
    @Test(arguments: [-0.3, 0.2, 0.7, 1.2])
    func shapesAreFound(shape: Double) throws {
        var stream = RandomStream(seed: 51)
        let n = 4000
        let exceedances = (0..<n).map { _ in 2.5 * expm1(-shape * log(stream.openUniform())) / shape }.sorted()
        let fit = try #require(GeneralizedParetoFit(exceedances: exceedances, priorDraws: 0))
        expectClose(fit.shape, shape, absolute: 5 * (1 + abs(shape)) / Double(n).squareRoot())
        expectClose(fit.scale, 2.5, relative: 5 * 2.0 / Double(n).squareRoot())
    }

    @Test func thereIsNoFitWithoutATail() throws {
        #expect(GeneralizedParetoFit(exceedances: [1, 2, 3, 4]) == nil)
        #expect(GeneralizedParetoFit(exceedances: [1, 3, 2, 4, 5]) == nil)
        #expect(GeneralizedParetoFit(exceedances: [0, 0, 0, 0, 0, 0]) == nil)
        #expect(GeneralizedParetoFit(exceedances: [1, 2, 3, 4, .infinity]) == nil)
        let equal = try ParetoSmoothedWeights(logRatios: [Double](repeating: 3, count: 100))
        #expect(equal.shape == .infinity && equal.tailLength == 0 && !equal.isReliable)
        expectClose(equal.weights.effectiveSampleSize, 100, relative: 1e-12)
    }

    /// Adding a constant to all log ratios changes no weight; their order does not matter.
    @Test func weightsDependOnRatiosOnly() throws {
        var stream = RandomStream(seed: 52)
        let ratios = (0..<500).map { _ in 1.5 * stream.gaussian() }
        let plain = try ParetoSmoothedWeights(logRatios: ratios)
        let moved = try ParetoSmoothedWeights(logRatios: ratios.map { $0 - 800 })
        expectClose(moved.weights.logWeights, plain.weights.logWeights, absolute: 1e-11)
        expectClose(moved.weights.logMeanRatio + 800, plain.weights.logMeanRatio, absolute: 1e-11)
        let order = stream.permutation(ratios.count)
        let mixed = try ParetoSmoothedWeights(logRatios: order.map { ratios[$0] })
        expectClose(mixed.weights.logWeights, order.map { plain.weights.logWeights[$0] }, absolute: 1e-12)
    }

    @Test func badRatiosAreRefused() {
        #expect(throws: ImportanceError.noRatios) { try ImportanceWeights(logRatios: []) }
        #expect(throws: ImportanceError.badRatio(index: 1, value: .infinity)) {
            try ParetoSmoothedWeights(logRatios: [0, .infinity])
        }
        #expect(throws: ImportanceError.noWeight(count: 2)) {
            try ImportanceWeights(logRatios: [-.infinity, -.infinity])
        }
        #expect(throws: ImportanceError.self) { try ParetoSmoothedWeights(logRatios: [0, 1], relativeEfficiency: 0) }
        #expect(throws: ImportanceError.self) { try ImportanceWeights(logRatios: [0, .nan]) }
    }
}
