import Foundation
import Matrices
import Synchronization

/// The particles of tempering with their log densities.
struct Population {
    private(set) var positions: Matrix<Double>
    private(set) var logPriors: [Double]
    private(set) var logLikelihoods: [Double]

    /// Particles that one stream serves, whatever the number of threads.
    private static let blockSize = 32

    /// Draws of the prior.
    init(_ model: any TemperedModel, count: Int, _ root: RandomStream) throws(TemperingError) {
        let dimension = model.dimension
        positions = Matrix(rows: count, columns: dimension)
        logPriors = [Double](repeating: 0, count: count)
        logLikelihoods = logPriors
        let failures = Mutex([Int: TemperingError]())
        forEachBlock(root) { position, prior, likelihood, index, stream in
            let draw = model.drawFromPrior(&stream)
            guard draw.count == dimension else {
                failures.withLock { $0[index] = .wrongDraw(found: draw.count, expected: dimension) }
                return
            }
            for k in 0..<dimension { position[k] = draw[k] }
            prior = model.logPrior(at: draw)
            likelihood = model.logLikelihood(at: draw)
            if likelihood.isNaN || likelihood == .infinity {
                let value = likelihood
                failures.withLock { $0[index] = .badLikelihood(at: draw, value: value) }
            }
        }
        if let first = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
        guard logLikelihoods.contains(where: { $0 > -.infinity }) else { throw .impossible(particles: count) }
    }

    /// Keeps copies of the particles with these indices.
    mutating func select(_ indices: [Int]) {
        positions = positions.selectingRows(indices)
        logPriors = indices.map { logPriors[$0] }
        logLikelihoods = indices.map { logLikelihoods[$0] }
    }

    /// The lower Cholesky factor of the weighted covariance, with a little of its diagonal added; of the diagonal alone
    /// where rounding leaves no factor.
    func covarianceFactor(_ weights: [Double]) -> Matrix<Double> {
        let (n, d) = (positions.rows, positions.columns)
        var centred = positions
        var scaled = positions
        let mean = (0..<d).map { k in (0..<n).reduce(0) { $0 + weights[$1] * positions[$1, k] } }
        for row in 0..<n {
            for k in 0..<d {
                centred[row, k] -= mean[k]
                scaled[row, k] = weights[row] * centred[row, k]
            }
        }
        var covariance = centred.multiplied(.transposed, by: scaled)
        let largest = (0..<d).reduce(Double.leastNormalMagnitude) { max($0, covariance[$1, $1]) }
        for k in 0..<d { covariance[k, k] += 1e-9 * covariance[k, k] + 1e-14 * largest }
        if let factor = try? covariance.choleskyFactor() { return factor }
        var diagonal = Matrix<Double>(rows: d, columns: d)
        for k in 0..<d { diagonal[k, k] = covariance[k, k].squareRoot() }
        return diagonal
    }

    /// Random-walk Metropolis steps of every particle at this temperature; the share of proposals accepted.
    mutating func move(
        _ model: any TemperedModel, temperature: Double, _ factor: Matrix<Double>, scale: Double, steps: Int,
        _ root: RandomStream
    ) -> Double {
        let dimension = positions.columns
        let accepted = Atomic(0)
        forEachBlock(root) { position, prior, likelihood, _, stream in
            var current = (0..<dimension).map { position[$0] }
            var count = 0
            for _ in 0..<steps {
                let z = (0..<dimension).map { _ in stream.gaussian() }
                var proposal = current
                for i in 0..<dimension { for j in 0...i { proposal[i] += scale * factor[i, j] * z[j] } }
                let newPrior = model.logPrior(at: proposal)
                let uniform = stream.openUniform()
                // Outside the prior's support the likelihood may not be defined.
                guard newPrior > -.infinity else { continue }
                let newLikelihood = model.logLikelihood(at: proposal)
                let gain = newPrior - prior + temperature * (newLikelihood - likelihood)
                // NaN is not accepted.
                if log(uniform) < gain && newLikelihood < .infinity {
                    (current, prior, likelihood) = (proposal, newPrior, newLikelihood)
                    count += 1
                }
            }
            for k in 0..<dimension { position[k] = current[k] }
            accepted.add(count, ordering: .relaxed)
        }
        return Double(accepted.load(ordering: .relaxed)) / Double(steps * positions.rows)
    }

    /// Calls `body` with each particle and the stream of its block, blocks in parallel.
    private mutating func forEachBlock(
        _ root: RandomStream,
        _ body: @Sendable (
            _ position: UnsafeMutablePointer<Double>, _ logPrior: inout Double, _ logLikelihood: inout Double,
            _ index: Int, _ stream: inout RandomStream
        ) -> Void
    ) {
        let (count, dimension, size) = (positions.rows, positions.columns, Self.blockSize)
        positions.withUnsafeMutableElements { positions in
            logPriors.withUnsafeMutableBufferPointer { priors in
                logLikelihoods.withUnsafeMutableBufferPointer { likelihoods in
                    // Each block writes its own particles.
                    nonisolated(unsafe) let (x, p, l) = (positions, priors, likelihoods)
                    guard let base = x.baseAddress else { return }
                    nonisolated(unsafe) let first = base
                    Parallelism.forEach(pieces: (count + size - 1) / size) { block in
                        var stream = root.split(block)
                        for index in block * size..<min(count, (block + 1) * size) {
                            body(first + index * dimension, &p[index], &l[index], index, &stream)
                        }
                    }
                }
            }
        }
    }
}
