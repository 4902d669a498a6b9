import Foundation

/// One chain of the No-U-Turn sampler.
///
/// A tree of depth k is two trees of depth k − 1 side by side in time. It is kept while at both of its ends, and where
/// its halves meet, the summed momenta ρ still point forwards: M⁻¹p·ρ > 0 (Betancourt 2017, appendix A.4.2; the checks
/// where halves meet are Stan's, which see U-turns that straddle them).
final class NoUTurnKernel: AdaptedHamiltonian {
    let dynamics: HamiltonianDynamics
    private let options: NoUTurnSampler
    var adaptation: HamiltonianAdaptation
    var metricAdaptation: MetricAdaptation { options.metric }
    private let pool: VectorPool
    private var levels: [Level] = []
    private var forward: PhasePoint
    private var backward: PhasePoint
    private var current: PhasePoint
    private var proposal: PhasePoint
    private let forwardTree: Branch
    private let backwardTree: Branch
    private let rho: Vector
    // Of the trajectory that is being built.
    private var startEnergy = 0.0
    private var acceptanceSum = 0.0
    private var steps = 0
    private var isDivergent = false

    /// A subtree: momentum and velocity at its end nearer to the start of time's direction (`first`) and at the other
    /// one, and the sum of its momenta.
    private struct Branch {
        let firstMomentum: Vector, firstVelocity: Vector
        let lastMomentum: Vector, lastVelocity: Vector
        let rho: Vector

        init(_ pool: VectorPool) {
            firstMomentum = pool.next()
            firstVelocity = pool.next()
            lastMomentum = pool.next()
            lastVelocity = pool.next()
            rho = pool.next()
        }

        static let vectors = 5
    }

    /// What a level of the recursion needs.
    private struct Level {
        var inner: Branch
        var outer: Branch
        var proposal: PhasePoint
    }

    init(
        _ model: any DifferentiableLogDensityModel, at start: [Double], _ options: NoUTurnSampler, warmup: Int,
        _ stream: inout RandomStream
    ) throws(SamplingError) {
        self.options = options
        dynamics = HamiltonianDynamics(model, at: start, metric: options.metric)
        let depth = options.maximumTreeDepth
        pool = VectorPool(
            vectors: 4 * 3 + 2 * Branch.vectors + 1 + depth * (2 * Branch.vectors + 3), dimension: start.count)
        (forward, backward) = (PhasePoint(pool), PhasePoint(pool))
        (current, proposal) = (PhasePoint(pool), PhasePoint(pool))
        (forwardTree, backwardTree) = (Branch(pool), Branch(pool))
        rho = pool.next()
        for _ in 0..<depth {
            levels.append(Level(inner: Branch(pool), outer: Branch(pool), proposal: PhasePoint(pool)))
        }
        adaptation = try HamiltonianAdaptation(
            dynamics, warmup: warmup, targetAcceptance: options.targetAcceptance, fixedStepSize: options.stepSize,
            &stream)
    }

    func transition(_ stream: inout RandomStream) -> Transition {
        let n = dynamics.dimension
        _ = dynamics.takeEvaluations()
        dynamics.drawMomentum(&stream)
        startEnergy = dynamics.energy
        (acceptanceSum, steps, isDivergent) = (0, 0, false)
        dynamics.save(&current)
        forward.copy(current, n)
        backward.copy(current, n)
        // `last` of each is an end of the whole trajectory.
        forwardTree.lastMomentum.update(from: dynamics.momentum, count: n)
        forwardTree.lastVelocity.update(from: dynamics.velocity, count: n)
        backwardTree.lastMomentum.update(from: dynamics.momentum, count: n)
        backwardTree.lastVelocity.update(from: dynamics.velocity, count: n)
        rho.update(from: dynamics.momentum, count: n)
        var logWeight = 0.0
        var depth = 0

        while depth < options.maximumTreeDepth {
            let goesForward = stream.next() >> 63 == 1
            let (grown, other) = goesForward ? (forwardTree, backwardTree) : (backwardTree, forwardTree)
            // Where the new half begins the old trajectory had its end.
            let level = levels[depth]
            level.inner.lastMomentum.update(from: grown.lastMomentum, count: n)
            level.inner.lastVelocity.update(from: grown.lastVelocity, count: n)
            dynamics.load(goesForward ? forward : backward)
            let step = goesForward ? adaptation.stepSize : -adaptation.stepSize
            var newWeight = -Double.infinity
            let isWhole = build(depth, step, grown, &proposal, &newWeight, &stream)
            if goesForward { dynamics.save(&forward) } else { dynamics.save(&backward) }
            guard isWhole else { break }
            depth += 1
            // Biased towards the new half, which moves further on average.
            if newWeight > logWeight || log(stream.openUniform()) < newWeight - logWeight {
                current.copy(proposal, n)
            }
            logWeight = logSumExp(logWeight, newWeight)

            let newRho = grown.rho
            let isStraight =
                isForward(rho, newRho, other.lastVelocity, grown.lastVelocity)
                && isForward(rho, grown.firstMomentum, other.lastVelocity, grown.firstVelocity)
                && isForward(newRho, level.inner.lastMomentum, level.inner.lastVelocity, grown.lastVelocity)
            for k in 0..<n { rho[k] += newRho[k] }
            guard isStraight else { break }
        }
        dynamics.load(current)
        return Transition(
            acceptance: acceptanceSum / Double(max(steps, 1)), isDivergent: isDivergent,
            evaluations: dynamics.takeEvaluations(), treeDepth: depth, energy: currentEnergy)
    }

    /// The Hamiltonian at the chosen point, with the momentum it was reached with.
    private var currentEnergy: Double {
        dynamics.metric.velocity(dynamics.velocity, dynamics.momentum)
        return dynamics.energy
    }

    /// Whether the sum of two summed momenta points forwards at both ends.
    private func isForward(_ a: Vector, _ b: Vector, _ first: Vector, _ last: Vector) -> Bool {
        var (atFirst, atLast) = (0.0, 0.0)
        for k in 0..<dynamics.dimension {
            let sum = a[k] + b[k]
            atFirst += sum * first[k]
            atLast += sum * last[k]
        }
        return atFirst > 0 && atLast > 0
    }

    /// Builds a tree of 2^depth steps from the dynamics' point on, into `tree`; `proposal` is one of its points, chosen
    /// by their weights e^(start energy − energy), whose sum is e^logWeight.
    ///
    /// Returns false where it turned back or diverged; `tree` and `proposal` are then of no use.
    private func build(
        _ depth: Int, _ step: Double, _ tree: Branch, _ proposal: inout PhasePoint, _ logWeight: inout Double,
        _ stream: inout RandomStream
    ) -> Bool {
        let n = dynamics.dimension
        guard depth > 0 else {
            dynamics.leapfrog(step)
            steps += 1
            let error = dynamics.energy - startEnergy
            acceptanceSum += error > 0 ? exp(-error) : 1
            logWeight = -error
            // Also where the start's own energy was infinite or the error is NaN.
            guard error <= options.divergenceThreshold else {
                isDivergent = true
                return false
            }
            dynamics.save(&proposal)
            tree.firstMomentum.update(from: dynamics.momentum, count: n)
            tree.firstVelocity.update(from: dynamics.velocity, count: n)
            tree.lastMomentum.update(from: dynamics.momentum, count: n)
            tree.lastVelocity.update(from: dynamics.velocity, count: n)
            tree.rho.update(from: dynamics.momentum, count: n)
            return true
        }
        // The level `depth` − 1 is free: trees above use those from `depth` on.
        let (inner, outer) = (levels[depth - 1].inner, levels[depth - 1].outer)
        var (innerWeight, outerWeight) = (-Double.infinity, -Double.infinity)
        guard build(depth - 1, step, inner, &proposal, &innerWeight, &stream) else { return false }
        var other = levels[depth - 1].proposal
        guard build(depth - 1, step, outer, &other, &outerWeight, &stream) else { return false }
        logWeight = logSumExp(innerWeight, outerWeight)
        if log(stream.openUniform()) < outerWeight - logWeight { proposal.copy(other, n) }

        let isStraight =
            isForward(inner.rho, outer.rho, inner.firstVelocity, outer.lastVelocity)
            && isForward(inner.rho, outer.firstMomentum, inner.firstVelocity, outer.firstVelocity)
            && isForward(outer.rho, inner.lastMomentum, inner.lastVelocity, outer.lastVelocity)
        tree.firstMomentum.update(from: inner.firstMomentum, count: n)
        tree.firstVelocity.update(from: inner.firstVelocity, count: n)
        tree.lastMomentum.update(from: outer.lastMomentum, count: n)
        tree.lastVelocity.update(from: outer.lastVelocity, count: n)
        for k in 0..<n { tree.rho[k] = inner.rho[k] + outer.rho[k] }
        return isStraight
    }
}
