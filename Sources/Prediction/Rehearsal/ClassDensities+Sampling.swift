import FeatureData
import Matrices
import Probability

extension ClassDensities {
    /// Pseudo-rows: `counts[k]` draws from the Gaussian of class k, brought to unit length, class after class.
    ///
    /// O(rows · D²) and one Cholesky factorisation (`full`: one a class). The rows of a class depend on `random` and on
    /// its own density and the pooled covariance alone, and on no number of threads.
    /// - Throws: `LinearAlgebraError` for a covariance that is far from positive definite: a damaged one.
    public func sample(_ counts: [Int], random: RandomStream) throws -> LabelledFeatures {
        precondition(counts.count <= classes, "rows of \(counts.count) classes, \(classes) are known")
        precondition(counts.enumerated().allSatisfy { $1 == 0 || self.counts[$0] > 0 }, "rows of an unknown class")
        let shrunk = pooledCovariance
        let factors: [Matrix<Float>]
        switch covariance {
        case .pooled, .lowRank: factors = [try shrunk.covarianceFactor()]
        case .diagonal: factors = [shrunk]
        case .full:
            factors = try counts.indices.map { label in
                counts[label] > 0 ? try classCovariance(label, pooled: shrunk).covarianceFactor() : shrunk
            }
        }
        let starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        var features = Matrix<Float>(uninitialized: starts[counts.count], dimension)
        nonisolated(unsafe) let target = features.mutablePointer()  // each class writes its own rows
        Parallelism.forEach(pieces: counts.count) { label in
            guard counts[label] > 0 else { return }
            var noise = random.split(label).noise
            let rows = draw(
                counts[label], of: label, factor: factors[factors.count == 1 ? 0 : label], noise: &noise)
            (target + starts[label] * dimension).update(from: rows.pointer, count: rows.count)
        }
        return LabelledFeatures(
            features: features, labels: counts.indices.flatMap { Array(repeating: $0, count: counts[$0]) })
    }

    /// `[count, D]` rows of one class; `factor` is L with L·Lᵀ the pooled covariance, for `full` the class's own, or for
    /// `diagonal` the pooled covariance itself.
    private func draw(
        _ count: Int, of label: Int, factor: Matrix<Float>, noise: inout NormalNoise
    ) -> Matrix<Float> {
        let normal: Matrix<Float> = .standardNormal(rows: count, columns: dimension, noise: &noise)
        var rows: Matrix<Float>
        switch covariance {
        case .pooled, .full:
            rows = normal.multiplied(by: factor, .transposed)
        case .diagonal:
            rows = normal
            var variances = own.rows(label..<label + 1)
            for d in 0..<dimension { variances[0, d] += pooledWeights[label] * factor[d, d] }
            let deviations = variances.squareRoot()
            let p = rows.mutablePointer()
            for row in 0..<count {
                Float.Kernels.multiply(p + row * dimension, p + row * dimension, deviations.pointer, dimension)
            }
        case .lowRank(let rank):
            rows = normal.multiplied(by: factor, .transposed, scaledBy: pooledWeights[label].squareRoot())
            let leading: Matrix<Float> = .standardNormal(rows: count, columns: rank, noise: &noise)
            rows.setToProduct(leading, .asStored, own.rows(label * rank..<(label + 1) * rank), alpha: 1, beta: 1)
        }
        return rows.adding(row: means.row(label)).normalizedRows()
    }
}

extension Matrix where Scalar == Float {
    /// L with L·Lᵀ this covariance; zero for zero. Where rounding (of half precision, or of rows that are all the same) has
    /// left it indefinite, with the least of a few multiples of the identity added that makes it definite.
    fileprivate func covarianceFactor() throws(LinearAlgebraError) -> Matrix<Float> {
        let variance = trace / Float(Swift.max(rows, 1))
        guard variance > .leastNormalMagnitude else { return Matrix(rows: rows, columns: columns) }
        for share in [0, 1e-6, 1e-4, 1e-2] as [Float] {
            let candidate = share == 0 ? self : self + Matrix(diagonal: share * variance, size: rows)
            if let factor = try? candidate.choleskyFactor() { return factor }
        }
        return try (self + Matrix(diagonal: variance, size: rows)).choleskyFactor()
    }
}
