import Matrices

/// What the warm-up learns of the target's shape.
public enum MetricAdaptation: String, Sendable, Hashable, CaseIterable {
    /// Nothing: every coordinate has the unit scale.
    case unit
    /// The variance of each coordinate; O(dimension) a step.
    case diagonal
    /// The whole covariance; O(dimension²) a step, worth it for strong correlations.
    case dense
}

/// The inverse mass matrix of Hamiltonian dynamics: an estimate of the target's covariance.
struct Metric {
    let adaptation: MetricAdaptation
    /// `[d]`, the diagonal.
    private(set) var variances: [Double]
    /// Square roots of the diagonal.
    private var scales: [Double]
    /// Dense: the covariance `[d, d]` and its lower Cholesky factor.
    private var covariance: Matrix<Double>
    private var factor: Matrix<Double>

    init(_ adaptation: MetricAdaptation, dimension: Int) {
        self.adaptation = adaptation
        variances = [Double](repeating: 1, count: dimension)
        scales = variances
        covariance = Matrix(rows: 0, columns: 0)
        factor = covariance
        if adaptation == .dense {
            covariance = Matrix(rows: dimension, columns: dimension)
            for k in 0..<dimension { covariance[k, k] = 1 }
            factor = covariance
        }
    }

    /// Takes over what was learnt; a covariance that rounding has left without a Cholesky factor is passed over.
    mutating func learn(_ moments: RunningMoments) {
        switch adaptation {
        case .unit: return
        case .diagonal:
            let learnt = moments.regularizedVariances
            guard learnt.allSatisfy({ $0 > 0 && $0 < .infinity }) else { return }
            variances = learnt
            scales = learnt.map { $0.squareRoot() }
        case .dense:
            let learnt = moments.regularizedCovariance
            guard let cholesky = try? learnt.choleskyFactor() else { return }
            covariance = learnt
            factor = cholesky
            variances = (0..<learnt.rows).map { learnt[$0, $0] }
        }
    }

    /// velocity = covariance · momentum.
    @inline(__always)
    func velocity(_ velocity: UnsafeMutablePointer<Double>, _ momentum: UnsafePointer<Double>) {
        let n = variances.count
        guard adaptation == .dense else {
            variances.withUnsafeBufferPointer { for k in 0..<n { velocity[k] = $0[k] * momentum[k] } }
            return
        }
        velocity.update(repeating: 0, count: n)
        let rows = covariance.pointer
        // Sums of scaled rows (the matrix is symmetric): the inner loop has no reduction and vectorises.
        for j in 0..<n {
            let (p, row) = (momentum[j], rows + j * n)
            for i in 0..<n { velocity[i] += p * row[i] }
        }
    }

    /// A momentum from N(0, covariance⁻¹): z scaled, or L⁻ᵀ·z.
    func drawMomentum(_ momentum: UnsafeMutablePointer<Double>, _ stream: inout RandomStream) {
        let n = variances.count
        for k in 0..<n { momentum[k] = stream.gaussian() }
        guard adaptation == .dense else {
            for k in 0..<n { momentum[k] /= scales[k] }
            return
        }
        let l = factor.pointer
        for i in stride(from: n - 1, through: 0, by: -1) {
            momentum[i] /= l[i * n + i]
            for j in 0..<i { momentum[j] -= l[i * n + j] * momentum[i] }
        }
    }

    /// A displacement from N(0, covariance): z scaled, or L·z.
    func drawDisplacement(_ stream: inout RandomStream) -> [Double] {
        let n = variances.count
        let z = (0..<n).map { _ in stream.gaussian() }
        guard adaptation == .dense else { return zip(z, scales).map { $0 * $1 } }
        return (0..<n).map { i in (0...i).reduce(0) { $0 + factor[i, $1] * z[$1] } }
    }
}
