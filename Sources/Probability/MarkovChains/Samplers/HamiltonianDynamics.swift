import Foundation

/// Vectors of one length in one block of memory, freed together: the trees of NUTS copy and add vectors at every step,
/// for which arrays cost a check and often an allocation each.
final class VectorPool {
    let dimension: Int
    private let base: UnsafeMutablePointer<Double>
    private let capacity: Int
    private var used = 0

    init(vectors: Int, dimension: Int) {
        self.dimension = dimension
        capacity = vectors
        base = .allocate(capacity: vectors * dimension)
        base.initialize(repeating: 0, count: vectors * dimension)
    }

    /// One more vector, valid while the pool lives.
    func next() -> UnsafeMutablePointer<Double> {
        precondition(used < capacity, "a pool of \(capacity) vectors")
        used += 1
        return base + (used - 1) * dimension
    }

    deinit { base.deallocate() }
}

typealias Vector = UnsafeMutablePointer<Double>

/// A point of phase space with the gradient of the log density there, in vectors of a pool.
struct PhasePoint {
    let position: Vector
    let gradient: Vector
    let momentum: Vector
    var logDensity = -Double.infinity

    init(_ pool: VectorPool) {
        position = pool.next()
        gradient = pool.next()
        momentum = pool.next()
    }

    mutating func copy(_ other: PhasePoint, _ count: Int) {
        position.update(from: other.position, count: count)
        gradient.update(from: other.gradient, count: count)
        momentum.update(from: other.momentum, count: count)
        logDensity = other.logDensity
    }
}

/// Hamiltonian dynamics with energy −log density + ½ momentumᵀ·M⁻¹·momentum, by leapfrog steps; the point moves in
/// place.
final class HamiltonianDynamics {
    let model: any DifferentiableLogDensityModel
    let dimension: Int
    var metric: Metric
    // The model takes arrays.
    private(set) var position: [Double]
    private var gradient: [Double]
    private(set) var logDensity: Double
    let momentum: Vector
    /// M⁻¹·momentum, of the momentum as it is.
    let velocity: Vector
    private let pool: VectorPool
    private(set) var evaluations = 0

    init(_ model: any DifferentiableLogDensityModel, at start: [Double], metric: MetricAdaptation) {
        self.model = model
        dimension = start.count
        self.metric = Metric(metric, dimension: start.count)
        position = start
        gradient = [Double](repeating: 0, count: start.count)
        pool = VectorPool(vectors: 2, dimension: start.count)
        (momentum, velocity) = (pool.next(), pool.next())
        logDensity = 0
        evaluate()
    }

    private func evaluate() {
        let value = model.logDensity(at: position, gradient: &gradient)
        precondition(gradient.count == dimension, "the model changed the length of its gradient")
        logDensity = value.isNaN ? -.infinity : value
        evaluations += 1
    }

    /// Evaluations since the last call.
    func takeEvaluations() -> Int {
        defer { evaluations = 0 }
        return evaluations
    }

    func drawMomentum(_ stream: inout RandomStream) {
        metric.drawMomentum(momentum, &stream)
        metric.velocity(velocity, momentum)
    }

    /// Energy of the point; +∞ where it is NaN.
    var energy: Double {
        var kinetic = 0.0
        for k in 0..<dimension { kinetic += momentum[k] * velocity[k] }
        let energy = 0.5 * kinetic - logDensity
        return energy.isNaN ? .infinity : energy
    }

    /// One leapfrog step of length `step`, backwards in time where it is negative.
    func leapfrog(_ step: Double) {
        let n = dimension
        gradient.withUnsafeBufferPointer { for k in 0..<n { momentum[k] += 0.5 * step * $0[k] } }
        metric.velocity(velocity, momentum)
        position.withUnsafeMutableBufferPointer { for k in 0..<n { $0[k] += step * velocity[k] } }
        evaluate()
        gradient.withUnsafeBufferPointer { for k in 0..<n { momentum[k] += 0.5 * step * $0[k] } }
        metric.velocity(velocity, momentum)
    }

    func save(_ point: inout PhasePoint) {
        let n = dimension
        position.withUnsafeBufferPointer { if let p = $0.baseAddress { point.position.update(from: p, count: n) } }
        gradient.withUnsafeBufferPointer { if let p = $0.baseAddress { point.gradient.update(from: p, count: n) } }
        point.momentum.update(from: momentum, count: n)
        point.logDensity = logDensity
    }

    func load(_ point: PhasePoint) {
        let n = dimension
        position.withUnsafeMutableBufferPointer { for k in 0..<n { $0[k] = point.position[k] } }
        gradient.withUnsafeMutableBufferPointer { for k in 0..<n { $0[k] = point.gradient[k] } }
        momentum.update(from: point.momentum, count: n)
        logDensity = point.logDensity
    }

    /// A step size whose single step is accepted with about probability 0.8, found by doubling or halving `guess`
    /// (Hoffman and Gelman 2014, algorithm 4).
    ///
    /// - Throws: `SamplingError.noStepSize`.
    func reasonableStepSize(_ guess: Double, _ stream: inout RandomStream) throws(SamplingError) -> Double {
        let own = VectorPool(vectors: 3, dimension: dimension)
        var start = PhasePoint(own)
        save(&start)
        defer { withExtendedLifetime(own) { load(start) } }
        return try search(guess, start, &stream)
    }

    private func search(
        _ guess: Double, _ start: PhasePoint, _ stream: inout RandomStream
    ) throws(SamplingError) -> Double {
        var step = guess
        var direction = 0.0
        while true {
            load(start)
            drawMomentum(&stream)
            let before = energy
            leapfrog(step)
            let isLikely = before - energy > log(0.8)
            if direction == 0 { direction = isLikely ? 2 : 0.5 }
            // On the way up the step before was the last good one.
            guard isLikely == (direction == 2) else { return direction == 2 ? step / 2 : step }
            step *= direction
            guard step > 1e-12, step < 1e7 else { throw .noStepSize(last: step) }
        }
    }
}
