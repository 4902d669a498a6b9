import Foundation
import Probability
import TestSupport
import Testing

/// The laws of every method of `MonteCarloIntegration`.
@Suite struct MonteCarloIntegrationTests {
    static let methods: [MonteCarloIntegration] = [
        .plain, .miser(), .vegas(), .quasi(), .quasi(.halton, .randomShift), .quasi(.niederreiter, .digitalShift),
    ]

    /// A Gaussian peak off the middle of [−1, 2]³: the product of three error functions, within 5 standard errors, and
    /// the error itself small.
    @Test(arguments: methods)
    func valuesLieWithinTheirErrors(method: MonteCarloIntegration) throws {
        let (centre, width) = ([0.3, 0.7, -0.2], [0.4, 0.8, 0.6])
        let exact = (0..<3).reduce(1.0) { product, k in
            let scale = width[k] * 2.0.squareRoot()
            let part = erf((2 - centre[k]) / scale) - erf((-1 - centre[k]) / scale)
            return product * part * width[k] * (Double.pi / 2).squareRoot()
        }
        let box = try IntegrationBox(lower: [-1, -1, -1], upper: [2, 2, 2])
        var stream = RandomStream(seed: 81)
        let estimate = try method.integrate(over: box, evaluations: 40_000, &stream) { x in
            exp(-(0..<3).reduce(0) { $0 + pow((x[$1] - centre[$1]) / width[$1], 2) / 2 })
        }
        #expect(abs(estimate.value - exact) < 5 * estimate.standardError, "\(method)")
        #expect(estimate.standardError > 0 && estimate.standardError < 0.01 * exact)
        #expect(estimate.evaluations > 15_000 && estimate.evaluations <= 150_000)
        if case .vegas = method {
            // Above 4.62 with probability 0.001 for the 4 degrees of freedom.
            #expect((estimate.chiSquaredPerDegree ?? 99) < 4.62)
        } else {
            #expect(estimate.chiSquaredPerDegree == nil)
        }
    }

    /// Over 200 seeds the standard error is what the estimates scatter by (within 25 %, four deviations of a sample
    /// deviation of 200 numbers being 20 %).
    @Test func plainErrorsAreHonest() throws {
        let box = try IntegrationBox.unitCube(dimension: 2)
        var (values, errors) = ([Double](), [Double]())
        for seed in 0..<200 {
            var stream = RandomStream(seed: 82).split(seed)
            let estimate = try MonteCarloIntegration.plain.integrate(over: box, evaluations: 500, &stream) {
                $0[0] * $0[1]
            }
            values.append(estimate.value)
            errors.append(estimate.standardError)
        }
        let mean = values.reduce(0, +) / 200
        let scatter = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 199).squareRoot()
        expectClose(errors.reduce(0, +) / 200, scatter, relative: 0.25)
        #expect(abs(mean - 0.25) < 5 * scatter / 200.0.squareRoot())
    }

    @Test(arguments: methods)
    func errorsOfTheFunctionAreThrownOn(method: MonteCarloIntegration) throws {
        struct Refusal: Error {}
        let box = try IntegrationBox.unitCube(dimension: 2)
        var stream = RandomStream(seed: 83)
        var calls = 0
        #expect(throws: Refusal.self) {
            try method.integrate(over: box, evaluations: 10_000, &stream) { _ in
                calls += 1
                if calls == 7 { throw Refusal() }
                return 1
            }
        }
        // Nothing is called after the error.
        #expect(calls == 7)
        #expect(throws: IntegrationError.self) {
            try method.integrate(over: box, evaluations: 10_000, &stream) { $0[0] < 0.5 ? .nan : 1 }
        }
        // The stream is still good, and the same seed gives the same estimate.
        let estimates = try (0..<2).map { _ in
            var stream = RandomStream(seed: 84)
            return try method.integrate(over: box, evaluations: 5000, &stream) { $0[0] + $0[1] }
        }
        #expect(estimates[0] == estimates[1])
        #expect(abs(estimates[0].value - 1) < 0.1)
    }

    /// A narrow ridge along an axis: VEGAS and MISER err far less than plain Monte Carlo.
    @Test func adaptiveMethodsAdapt() throws {
        let box = try IntegrationBox.unitCube(dimension: 4)
        let errors = try [MonteCarloIntegration.plain, .miser(), .vegas()].map { method in
            var stream = RandomStream(seed: 85)
            return try method.integrate(over: box, evaluations: 50_000, &stream) { exp(-200 * pow($0[1] - 0.3, 2)) }
                .standardError
        }
        #expect(errors[1] < 0.3 * errors[0] && errors[2] < 0.3 * errors[0])
    }

    @Test func optionsOutOfRangeAreRefused() throws {
        let boxes: [([Double], [Double])] = [([], []), ([0], [0, 1]), ([1], [1]), ([0], [.infinity]), ([.nan], [1])]
        for (lower, upper) in boxes {
            #expect(throws: IntegrationError.self) { try IntegrationBox(lower: lower, upper: upper) }
        }
        #expect(throws: IntegrationError.self) { try IntegrationBox.unitCube(dimension: 0) }
        let box = try IntegrationBox.unitCube(dimension: 2)
        #expect(box.volume == 1 && box.dimension == 2)
        var miser = MiserOptions()
        miser.estimateFraction = 0
        var vegas = VegasOptions()
        vegas.iterations = 1
        var dither = MiserOptions()
        dither.dither = 0.5
        for method in [
            MonteCarloIntegration.miser(miser), .miser(dither), .vegas(vegas), .quasi(copies: 1), .quasi(.sobol, .none),
        ] {
            #expect(throws: IntegrationError.self) {
                var stream = RandomStream(seed: 86)
                return try method.integrate(over: box, evaluations: 1000, &stream) { _ in 1 }
            }
        }
        #expect(throws: QuasiRandomError.self) {
            var stream = RandomStream(seed: 86)
            let method = MonteCarloIntegration.quasi(.halton, .owen)
            return try method.integrate(over: box, evaluations: 1000, &stream) { _ in 1 }
        }
        #expect(throws: IntegrationError.badOption(name: "evaluations", value: "1", expected: "2 or more")) {
            var stream = RandomStream(seed: 86)
            return try MonteCarloIntegration.plain.integrate(over: box, evaluations: 1, &stream) { _ in 1 }
        }
    }

    @Test func settingsReachTheLibrary() throws {
        let box = try IntegrationBox.unitCube(dimension: 2)
        func integrate(_ method: MonteCarloIntegration) throws -> IntegrationEstimate {
            var stream = RandomStream(seed: 87)
            return try method.integrate(over: box, evaluations: 20_000, &stream) { exp(-10 * $0[0]) * $0[1] }
        }
        let exact = (1 - Foundation.exp(-10.0)) / 20
        var (miser, vegas) = (MiserOptions(), VegasOptions())
        (miser.dither, miser.alpha, miser.minimumEvaluations) = (0.1, 1, 50)
        (vegas.mode, vegas.iterations, vegas.maximumRounds) = (.stratified, 8, 1)
        let pairs: [(MonteCarloIntegration, MonteCarloIntegration)] = [
            (.miser(miser), .miser()), (.vegas(vegas), .vegas()),
        ]
        for (changed, usual) in pairs {
            let (a, b) = try (integrate(changed), integrate(usual))
            #expect(a != b)
            for estimate in [a, b] { #expect(abs(estimate.value - exact) < 5 * estimate.standardError) }
        }
        vegas.mode = .importanceOnly
        let estimate = try integrate(.vegas(vegas))
        #expect(abs(estimate.value - exact) < 5 * estimate.standardError)
    }
}
