import Foundation
import Matrices

/// Sequential Monte Carlo by tempering (Del Moral, Doucet and Jasra 2006): particles from the prior are weighted
/// towards prior · likelihood^β, resampled and moved by random-walk Metropolis, with β rising to 1 so that the
/// effective sample size never falls below a share of the particles (Jasra et al. 2011).
///
/// Brings draws of the posterior and the log evidence, needs no gradient, and keeps several modes apart in their right
/// proportion.
public struct TemperingSampler: Sendable, Hashable {
    public var particles: Int
    /// The share of the particles that the effective sample size falls to with each temperature, in (0, 1).
    public var effectiveShare: Double
    public var resampling: Resampling
    /// Metropolis steps a temperature are as many as leave a particle in its place with this probability at the
    /// acceptance seen, …
    public var stayProbability: Double
    /// … but at most this many.
    public var maximumSteps: Int
    /// Temperatures after which the sampler gives up.
    public var maximumStages: Int

    public init(
        particles: Int = 2000, effectiveShare: Double = 0.5, resampling: Resampling = .systematic,
        stayProbability: Double = 0.01, maximumSteps: Int = 100, maximumStages: Int = 1000
    ) {
        self.particles = particles
        self.effectiveShare = effectiveShare
        self.resampling = resampling
        self.stayProbability = stayProbability
        self.maximumSteps = maximumSteps
        self.maximumStages = maximumStages
    }

    /// Samples the posterior of `model`; particles are moved in parallel, and the result does not depend on the number
    /// of threads.
    ///
    /// - Parameter progress: called after each temperature with β; may throw to stop.
    /// - Throws: `TemperingError`, and what `progress` throws.
    public func sample(
        _ model: any TemperedModel, seed: UInt64, progress: ((_ temperature: Double) throws -> Void)? = nil
    ) throws -> TemperedDraws {
        try check()
        let root = RandomStream(seed: seed, generator: .philox4x32)
        var population = try Population(model, count: particles, root.split(0))
        var result = TemperedDraws(positions: Matrix(rows: 0, columns: model.dimension), logEvidence: 0)
        var (temperature, logScale) = (0.0, log(2.38 / Double(model.dimension).squareRoot()))
        var steps = 5
        while temperature < 1 {
            guard result.temperatures.count < maximumStages else {
                throw TemperingError.tooManyStages(maximumStages, temperature: temperature)
            }
            let stream = root.split(result.temperatures.count + 1)
            let next = nextTemperature(after: temperature, population.logLikelihoods)
            guard next > temperature else { throw TemperingError.noProgress(temperature: temperature) }
            let weights = try ImportanceWeights(
                logRatios: population.logLikelihoods.map { $0 == -.infinity ? $0 : (next - temperature) * $0 })
            temperature = next
            result.logEvidence += weights.logMeanRatio
            result.temperatures.append(temperature)
            result.effectiveSampleSizes.append(weights.effectiveSampleSize)

            var chooser = stream.split(0)
            let factor = population.covarianceFactor(weights.weights)
            population.select(try resampling.indices(weights: weights.weights, count: particles, &chooser))
            let acceptance = population.move(
                model, temperature: temperature, factor, scale: exp(logScale), steps: steps, stream.split(1))
            result.acceptances.append(acceptance)
            logScale += acceptance - (model.dimension == 1 ? 0.44 : 0.234)
            let perStep = log1p(-min(max(acceptance, 1e-3), 0.99))
            steps = min(maximumSteps, max(1, Int((log(stayProbability) / perStep).rounded(.up))))
            try progress?(temperature)
        }
        result.positions = population.positions
        result.logLikelihoods = population.logLikelihoods
        return result
    }

    private func check() throws(TemperingError) {
        func refuse(_ name: String, _ value: Any, _ expected: String) -> TemperingError {
            .badOption(name: name, value: "\(value)", expected: expected)
        }
        guard particles >= 2 else { throw refuse("particles", particles, "2 or more") }
        guard effectiveShare > 0, effectiveShare < 1 else {
            throw refuse("effectiveShare", effectiveShare, "a number in (0, 1)")
        }
        guard stayProbability > 0, stayProbability < 1 else {
            throw refuse("stayProbability", stayProbability, "a number in (0, 1)")
        }
        guard maximumSteps >= 1 else { throw refuse("maximumSteps", maximumSteps, "1 or more") }
        guard maximumStages >= 1 else { throw refuse("maximumStages", maximumStages, "1 or more") }
    }

    /// The largest β whose weights still have the effective share, by bisection.
    private func nextTemperature(after temperature: Double, _ logLikelihoods: [Double]) -> Double {
        func size(_ step: Double) -> Double {
            let logs = logLikelihoods.map { $0 == -.infinity ? $0 : step * $0 }
            return exp(2 * logSumExp(logs) - logSumExp(logs.map { 2 * $0 }))
        }
        // Impossible particles are lost at any temperature above 0.
        let possible = logLikelihoods.count { $0 > -.infinity }
        let target = effectiveShare * Double(possible)
        var (low, high) = (0.0, 1 - temperature)
        if size(high) >= target { return 1 }
        for _ in 0..<100 where high - low > 1e-12 * high {
            let middle = (low + high) / 2
            if size(middle) >= target { low = middle } else { high = middle }
        }
        return temperature + (low > 0 ? low : high)
    }
}

/// What tempering found.
public struct TemperedDraws: Sendable {
    /// Equally weighted draws of the posterior, `[particles, dimension]`; they depend on one another.
    public internal(set) var positions: Matrix<Double>
    /// An estimate of ln ∫ prior · likelihood; its exponential is unbiased but for the adaptation. Runs with other
    /// seeds show its error.
    public internal(set) var logEvidence: Double
    /// The β after each stage, ascending to 1.
    public internal(set) var temperatures: [Double] = []
    /// Before resampling, at each stage.
    public internal(set) var effectiveSampleSizes: [Double] = []
    /// The share of Metropolis proposals accepted, at each stage.
    public internal(set) var acceptances: [Double] = []
    /// The log likelihood of each draw.
    public internal(set) var logLikelihoods: [Double] = []

    /// The mean of each coordinate.
    public var mean: [Double] { positions.columnMeans() }
}

/// Why tempering stopped.
public enum TemperingError: Error, Hashable, Sendable, CustomStringConvertible {
    case badOption(name: String, value: String, expected: String)
    /// A draw of the prior with another length.
    case wrongDraw(found: Int, expected: Int)
    /// A log likelihood that is NaN or +∞.
    case badLikelihood(at: [Double], value: Double)
    case impossible(particles: Int)
    case noProgress(temperature: Double)
    case tooManyStages(Int, temperature: Double)

    public var description: String {
        switch self {
        case .badOption(let name, let value, let expected): "tempering: \(name) is \(value), expected \(expected)"
        case .wrongDraw(let found, let expected):
            "tempering: a draw of the prior has \(found) coordinates, expected \(expected)"
        case .badLikelihood(let point, let value): "tempering: the log likelihood is \(value) at \(point)"
        case .impossible(let count): "tempering: all \(count) draws of the prior have the likelihood 0"
        case .noProgress(let temperature): "tempering: the likelihood varies too much to rise beyond β = \(temperature)"
        case .tooManyStages(let count, let temperature):
            "tempering: β is \(temperature) after \(count) stages; raise maximumStages or particles"
        }
    }
}
