import Foundation

/// A hidden Markov model: states that follow one another, each with an observation.
public protocol StateSpaceModel: Sendable {
    associatedtype State: Sendable
    associatedtype Observation
    /// A draw of the first state.
    func firstState(_ stream: inout RandomStream) -> State
    /// A draw of the state at `time`, 1 or later, after `state` at the time before.
    func nextState(after state: State, time: Int, _ stream: inout RandomStream) -> State
    /// The log density of an observation given the state at `time`; −∞ where impossible.
    func logDensity(of observation: Observation, given state: State, time: Int) -> Double
}

/// The bootstrap particle filter (Gordon, Salmond and Smith 1993): states moved by the model's own law, weighted by
/// their observations, resampled when the effective sample size falls below a share.
public struct ParticleFilter: Sendable, Hashable {
    public var particles: Int
    /// Resampling takes place below this share of the particles, in (0, 1]; 1 resamples at every time.
    public var effectiveShare: Double
    public var resampling: Resampling

    public init(particles: Int = 1000, effectiveShare: Double = 0.5, resampling: Resampling = .systematic) {
        self.particles = particles
        self.effectiveShare = effectiveShare
        self.resampling = resampling
    }

    /// Filters `observations`, one for each time from 0.
    ///
    /// - Parameter observe: called at each time with the weighted states; its results are returned in order.
    /// - Throws: `ParticleFilterError`, and what `observe` throws.
    /// - Returns: the log likelihood of all observations, whose exponential is unbiased; the effective sample size at
    ///   each time; and what `observe` made of the states.
    public func filter<Model: StateSpaceModel, Result>(
        _ model: Model, _ observations: [Model.Observation], _ stream: inout RandomStream,
        observe: (_ time: Int, _ states: [Model.State], _ weights: ImportanceWeights) throws -> Result
    ) throws -> (logLikelihood: Double, effectiveSampleSizes: [Double], results: [Result]) {
        guard particles >= 2 else {
            throw ParticleFilterError.badOption(name: "particles", value: "\(particles)", expected: "2 or more")
        }
        guard effectiveShare > 0, effectiveShare <= 1 else {
            throw ParticleFilterError.badOption(
                name: "effectiveShare", value: "\(effectiveShare)", expected: "a number in (0, 1]")
        }
        var states: [Model.State] = []
        var logWeights = [Double](repeating: -log(Double(particles)), count: particles)
        var total = 0.0
        var sizes: [Double] = []
        var results: [Result] = []
        for (time, observation) in observations.enumerated() {
            states =
                time == 0
                ? (0..<particles).map { _ in model.firstState(&stream) }
                : states.map { model.nextState(after: $0, time: time, &stream) }
            let ratios = zip(states, logWeights).map {
                $1 + model.logDensity(of: observation, given: $0, time: time)
            }
            let weights: ImportanceWeights
            do throws(ImportanceError) {
                weights = try ImportanceWeights(logRatios: ratios)
            } catch {
                throw ParticleFilterError.lost(time: time, reason: error)
            }
            // The ratios hold the normalised weights of the time before, so their sum is the predictive density.
            total += weights.logMeanRatio + log(Double(particles))
            sizes.append(weights.effectiveSampleSize)
            results.append(try observe(time, states, weights))
            logWeights = weights.logWeights
            if weights.effectiveSampleSize < effectiveShare * Double(particles) || effectiveShare == 1 {
                let indices = try resampling.indices(weights: weights.weights, count: particles, &stream)
                states = indices.map { states[$0] }
                logWeights = [Double](repeating: -log(Double(particles)), count: particles)
            }
        }
        return (total, sizes, results)
    }
}

/// Why a filter stopped.
public enum ParticleFilterError: Error, Hashable, Sendable, CustomStringConvertible {
    case badOption(name: String, value: String, expected: String)
    /// No state explains the observation at this time, or a density is NaN or +∞.
    case lost(time: Int, reason: ImportanceError)

    public var description: String {
        switch self {
        case .badOption(let name, let value, let expected): "particle filter: \(name) is \(value), expected \(expected)"
        case .lost(let time, let reason): "particle filter: at time \(time), \(reason)"
        }
    }
}
