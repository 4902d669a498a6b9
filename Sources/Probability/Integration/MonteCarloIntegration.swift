import CGSL

/// Integrals over boxes by Monte Carlo: GSL's plain, MISER and VEGAS, and averages over scrambled quasi-random points.
///
/// ```swift
/// var stream = RandomStream(seed: 1)
/// let box = try IntegrationBox(lower: [0, 0], upper: [1, 2])
/// let estimate = try MonteCarloIntegration.vegas().integrate(over: box, evaluations: 100_000, &stream) { x in
///     exp(-x[0] * x[1])
/// }
/// print(estimate.value, estimate.standardError)
/// ```
public enum MonteCarloIntegration: Sendable, Hashable {
    /// The mean over uniformly random points (`gsl_monte_plain`).
    case plain
    /// Recursive stratified sampling: more points where the variance is (`gsl_monte_miser`).
    case miser(MiserOptions = MiserOptions())
    /// Importance sampling from a learnt product of histograms, with stratification in few dimensions
    /// (`gsl_monte_vegas`): best for integrands with peaks along the axes.
    case vegas(VegasOptions = VegasOptions())
    /// The mean over randomised quasi-random points; the standard error is that of `copies` independent scramblings.
    /// Best for smooth integrands of up to some tens of dimensions.
    case quasi(QuasiRandomSequence.Family = .sobol, Scrambling = .owen, copies: Int = 16)

    /// Integrates `function` over `box`.
    ///
    /// - Parameters:
    ///   - evaluations: about how many times the function is called; VEGAS repeats its run, see `VegasOptions`.
    ///   - function: called with one point at a time, on this thread; what it throws ends the integration and is thrown
    ///     on.
    /// - Throws: `IntegrationError` for options out of range and values that are not finite, `GSLError` for what GSL
    ///   refuses, `QuasiRandomError`, and the function's errors.
    public func integrate(
        over box: IntegrationBox, evaluations: Int, _ stream: inout RandomStream,
        _ function: ([Double]) throws -> Double
    ) throws -> IntegrationEstimate {
        guard evaluations >= 2 else {
            throw IntegrationError.badOption(name: "evaluations", value: "\(evaluations)", expected: "2 or more")
        }
        if case .quasi(let family, let scrambling, let copies) = self {
            return try quasi(family, scrambling, copies, box, evaluations, &stream, function)
        }
        return try withoutActuallyEscaping(function) { function in
            let integrand = Integrand(function)
            return try withExtendedLifetime(integrand) {
                try run(integrand, box, evaluations, &stream)
            }
        }
    }

    private func run(
        _ integrand: Integrand, _ box: IntegrationBox, _ evaluations: Int, _ stream: inout RandomStream
    ) throws -> IntegrationEstimate {
        GSL.prepare()
        var function = gsl_monte_function(
            f: evaluateIntegrand, dim: box.dimension, params: Unmanaged.passUnretained(integrand).toOpaque())
        var (lower, upper) = (box.lower, box.upper)
        var (value, error) = (0.0, 0.0)
        /// Throws what went wrong: the function's own error first, as GSL only saw zeros after it.
        func check(_ status: Int32, _ name: String) throws {
            if let failure = integrand.failure { throw failure }
            guard status == 0 else { throw GSLError(status: status, function: name) }
        }
        var chiSquared: Double?
        switch self {
        case .plain:
            guard let state = gsl_monte_plain_alloc(box.dimension) else { throw outOfMemory("gsl_monte_plain_alloc") }
            defer { gsl_monte_plain_free(state) }
            try check(
                stream.withGenerator {
                    gsl_monte_plain_integrate(
                        &function, &lower, &upper, box.dimension, evaluations, $0, state, &value, &error)
                }, "gsl_monte_plain_integrate")
        case .miser(let options):
            guard let state = gsl_monte_miser_alloc(box.dimension) else { throw outOfMemory("gsl_monte_miser_alloc") }
            defer { gsl_monte_miser_free(state) }
            try options.apply(to: state)
            try check(
                stream.withGenerator {
                    gsl_monte_miser_integrate(
                        &function, &lower, &upper, box.dimension, evaluations, $0, state, &value, &error)
                }, "gsl_monte_miser_integrate")
        case .vegas(let options):
            guard let state = gsl_monte_vegas_alloc(box.dimension) else { throw outOfMemory("gsl_monte_vegas_alloc") }
            defer { gsl_monte_vegas_free(state) }
            try options.apply(to: state)
            func round(_ calls: Int) throws {
                try check(
                    stream.withGenerator {
                        gsl_monte_vegas_integrate(
                            &function, &lower, &upper, box.dimension, calls, $0, state, &value, &error)
                    }, "gsl_monte_vegas_integrate")
            }
            // The first round only finds the grid: its early iterations would spoil the average.
            try round(max(2, evaluations / 10 / options.iterations))
            for _ in 0..<options.maximumRounds {
                try round(max(2, evaluations * 9 / 10 / options.iterations))
                chiSquared = gsl_monte_vegas_chisq(state)
                // A constant integrand has no χ².
                if error == 0 || abs((chiSquared ?? 1) - 1) <= 0.5 { break }
            }
        case .quasi: break
        }
        return IntegrationEstimate(
            value: value, standardError: error, evaluations: integrand.evaluations, chiSquaredPerDegree: chiSquared)
    }

    private func quasi(
        _ family: QuasiRandomSequence.Family, _ scrambling: Scrambling, _ copies: Int, _ box: IntegrationBox,
        _ evaluations: Int, _ stream: inout RandomStream, _ function: ([Double]) throws -> Double
    ) throws -> IntegrationEstimate {
        guard copies >= 2 else {
            throw IntegrationError.badOption(name: "copies", value: "\(copies)", expected: "2 or more")
        }
        guard scrambling != .none else {
            throw IntegrationError.badOption(
                name: "scrambling", value: "none", expected: "a scrambling, without which there is no standard error")
        }
        var perCopy = max(1, evaluations / copies)
        // Binary sequences are at their best with whole nets.
        if family.isBinary { perCopy = 1 << (Int.bitWidth - 1 - perCopy.leadingZeroBitCount) }
        var means: [Double] = []
        for _ in 0..<copies {
            var sequence = try QuasiRandomSequence(
                family, dimension: box.dimension, scrambling: scrambling, &stream)
            var sum = 0.0
            for _ in 0..<perCopy {
                let u = try sequence.next()
                let x = u.indices.map { box.lower[$0] + (box.upper[$0] - box.lower[$0]) * u[$0] }
                let value = try function(x)
                guard value.isFinite else { throw IntegrationError.notFinite(at: x, value: value) }
                sum += value
            }
            means.append(box.volume * sum / Double(perCopy))
        }
        let moments = SampleMoments(means)
        return IntegrationEstimate(
            value: moments.mean, standardError: (moments.variance / Double(copies)).squareRoot(),
            evaluations: copies * perCopy, chiSquaredPerDegree: nil)
    }

    private func outOfMemory(_ function: String) -> GSLError {
        GSLError(status: GSLError.Code.noMemory.rawValue, function: function)
    }
}

/// What an integration found.
public struct IntegrationEstimate: Sendable, Hashable {
    public var value: Double
    /// One standard deviation of `value`, as estimated from the same evaluations.
    public var standardError: Double
    /// How many times the function was called.
    public var evaluations: Int
    /// VEGAS: χ² per degree of freedom of its iterations' estimates, near 1 where their errors can be trusted.
    public var chiSquaredPerDegree: Double?
}

/// The integrand as GSL's callback finds it, with the first thing that went wrong.
private final class Integrand {
    let function: ([Double]) throws -> Double
    var failure: (any Error)?
    var evaluations = 0

    init(_ function: @escaping ([Double]) throws -> Double) { self.function = function }

    func value(at x: [Double]) -> Double {
        // GSL has no way to stop early: it goes on with zeros, which cost next to nothing.
        guard failure == nil else { return 0 }
        evaluations += 1
        do {
            let value = try function(x)
            guard value.isFinite else { throw IntegrationError.notFinite(at: x, value: value) }
            return value
        } catch {
            failure = error
            return 0
        }
    }
}

private func evaluateIntegrand(
    _ x: UnsafeMutablePointer<Double>?, _ dimension: Int, _ context: UnsafeMutableRawPointer?
) -> Double {
    guard let x, let context else { return .nan }
    return Unmanaged<Integrand>.fromOpaque(context).takeUnretainedValue()
        .value(at: Array(UnsafeBufferPointer(start: x, count: dimension)))
}
