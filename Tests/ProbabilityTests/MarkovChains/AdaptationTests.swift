import Foundation
import Matrices
import Synchronization
import TestSupport
import Testing

@testable import Probability

/// Counts calls from several threads.
final class Counter: Sendable {
    private let count = Atomic(0)
    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
}

@Suite struct AdaptationTests {
    /// Stan's windows for 1000 iterations, and short warm-ups.
    @Test func windowsDouble() {
        let schedule = WarmupSchedule(warmup: 1000)
        #expect(schedule.start == 75 && schedule.windowEnds == [100, 150, 250, 450, 950])
        #expect(!schedule.isInWindow(74) && schedule.isInWindow(75) && schedule.isInWindow(949))
        #expect(!schedule.isInWindow(950) && schedule.endsWindow(99) && !schedule.endsWindow(100))
        #expect(WarmupSchedule(warmup: 100).start == 15 && WarmupSchedule(warmup: 100).windowEnds == [90])
        #expect(WarmupSchedule(warmup: 150).windowEnds == [100])
        #expect(WarmupSchedule(warmup: 10).windowEnds.isEmpty && WarmupSchedule(warmup: 0).windowEnds.isEmpty)
    }

    /// With an acceptance of e^(−step) the target 0.8 lies at step = −ln 0.8.
    @Test func dualAveragingFindsTheTarget() {
        var averaging = DualAveraging(target: 0.8, stepSize: 3)
        expectClose(averaging.averagedStepSize, 3, relative: 1e-15)
        for _ in 0..<2000 { averaging.update(acceptance: exp(-averaging.stepSize)) }
        expectClose(averaging.averagedStepSize, -log(0.8), relative: 0.02)
    }

    @Test func momentsAreThoseOfAllVectors() {
        var stream = RandomStream(seed: 21)
        let vectors = (0..<50).map { _ in
            let z = stream.gaussian()
            return [z + 100, 2 * z + stream.gaussian(), stream.gaussian()]
        }
        var (dense, diagonal) = (
            RunningMoments(dimension: 3, isDense: true), RunningMoments(dimension: 3, isDense: false)
        )
        for x in vectors {
            dense.add(x)
            diagonal.add(x)
        }
        let means = (0..<3).map { k in vectors.reduce(0) { $0 + $1[k] } / 50 }
        var expected = Matrix<Double>(rows: 3, columns: 3)
        for i in 0..<3 {
            for j in 0..<3 {
                let sum = vectors.reduce(0) { $0 + ($1[i] - means[i]) * ($1[j] - means[j]) }
                expected[i, j] = 50.0 / 55 * sum / 49 + (i == j ? 1e-3 * 5 / 55 : 0)
            }
        }
        expectClose(dense.regularizedCovariance, expected, relative: 1e-12)
        expectClose(diagonal.regularizedVariances, (0..<3).map { expected[$0, $0] }, elementwise: 1e-12)
        dense.reset()
        #expect(dense.count == 0 && dense.regularizedVariances == [1e-3, 1e-3, 1e-3])
    }

    /// Momenta have the covariance's inverse, displacements the covariance, velocities are covariance · momentum:
    /// 40,000 draws, 5 standard errors (two moments of a product of normals: variance at most 2).
    @Test(arguments: MetricAdaptation.allCases)
    func metricsDrawTheirGaussians(adaptation: MetricAdaptation) throws {
        var stream = RandomStream(seed: 22)
        var moments = RunningMoments(dimension: 3, isDense: adaptation == .dense)
        for _ in 0..<200 {
            let z = stream.gaussian()
            moments.add([3 * z, z + 0.5 * stream.gaussian(), 0.2 * stream.gaussian() - 0.1 * z])
        }
        var metric = Metric(adaptation, dimension: 3)
        metric.learn(moments)
        let pool = VectorPool(vectors: 2, dimension: 3)
        let (momentum, velocity) = (pool.next(), pool.next())
        let n = 40_000
        // E v·vᵀ = covariance for v = covariance·p and p ~ N(0, covariance⁻¹); displacements have the same.
        var fromVelocity = Matrix<Double>(rows: 3, columns: 3)
        var fromDisplacement = fromVelocity
        for _ in 0..<n {
            metric.drawMomentum(momentum, &stream)
            metric.velocity(velocity, momentum)
            let x = metric.drawDisplacement(&stream)
            for i in 0..<3 {
                for j in 0..<3 {
                    fromVelocity[i, j] += velocity[i] * velocity[j] / Double(n)
                    fromDisplacement[i, j] += x[i] * x[j] / Double(n)
                }
            }
        }
        var expected = Matrix<Double>(rows: 3, columns: 3)
        switch adaptation {
        case .unit: for k in 0..<3 { expected[k, k] = 1 }
        case .diagonal: for k in 0..<3 { expected[k, k] = moments.regularizedVariances[k] }
        case .dense: expected = moments.regularizedCovariance
        }
        #expect(metric.variances == (0..<3).map { expected[$0, $0] })
        for i in 0..<3 {
            for j in 0..<3 {
                let error = (2 * expected[i, i] * expected[j, j] / Double(n)).squareRoot()
                #expect(abs(fromVelocity[i, j] - expected[i, j]) < 5 * error)
                #expect(abs(fromDisplacement[i, j] - expected[i, j]) < 5 * error)
            }
        }
    }
}
