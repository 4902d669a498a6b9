import Matrices
import Probability

/// A class's own part of its covariance, beside a multiple of the pooled one.
struct OwnCovariance {
    /// As `ClassDensities.ownShape` says.
    let values: Matrix<Float>
    let pooledWeight: Float

    /// From the rows of a new class, shrunk towards the pooled covariance.
    static func estimate(
        _ moments: ClassMoments, target: Matrix<Float>, kind: ClassDensities.Covariance
    ) throws -> OwnCovariance {
        let freedom = moments.count - 1
        let own = moments.residuals.gram(scaledBy: 1 / Float(freedom))
        let shrinkage = CovarianceShrinkage.intensity(
            own, target: target, fourthMoment: moments.fourthMoment, degreesOfFreedom: freedom)
        return try of((1 - shrinkage) * own, rest: shrinkage, target: target, kind: kind)
    }

    /// Of a class met again: its covariance so far, weighted by its rows, and that of the new rows.
    static func merging(
        _ known: Matrix<Float>, count: Int, with moments: ClassMoments, shift: Matrix<Float>, target: Matrix<Float>,
        kind: ClassDensities.Covariance
    ) throws -> OwnCovariance {
        let total = Float(count + moments.count)
        var sum = (Float(count) / total) * known
        sum.addGram(of: moments.residuals, scaledBy: 1 / total)
        sum.addGram(of: shift, scaledBy: Float(count) * Float(moments.count) / (total * total))
        let freedom = count + moments.count - 1
        let shrinkage = CovarianceShrinkage.intensity(
            sum, target: target,
            // The known rows are gone: their norms are taken to be like the new ones'.
            fourthMoment: moments.fourthMoment * Double(total) / Double(moments.count), degreesOfFreedom: freedom)
        return try of((1 - shrinkage) * sum, rest: shrinkage, target: target, kind: kind)
    }

    /// `own + rest · target` in the form of `kind`, with the same trace.
    private static func of(
        _ own: Matrix<Float>, rest: Float, target: Matrix<Float>, kind: ClassDensities.Covariance
    ) throws -> OwnCovariance {
        let dimension = own.rows
        switch kind {
        case .pooled:
            return OwnCovariance(values: Matrix(rows: 0, columns: dimension), pooledWeight: 1)
        case .diagonal:
            let values = (0..<dimension).map { own[$0, $0] + rest * target[$0, $0] }
            return OwnCovariance(values: Matrix(rows: 1, columns: dimension, elements: values), pooledWeight: 0)
        case .full:
            var triangle: [Float] = []
            triangle.reserveCapacity(dimension * (dimension + 1) / 2)
            for row in 0..<dimension { for column in 0...row { triangle.append(own[row, column]) } }
            return OwnCovariance(
                values: Matrix(rows: 1, columns: triangle.count, elements: triangle), pooledWeight: rest)
        case .lowRank(let rank):
            let factors = try own.leadingFactors(rank: rank)
            let left = max(0, own.trace - factors.dot(factors))
            return OwnCovariance(
                values: factors, pooledWeight: rest + (target.trace > 0 ? left / target.trace : 0))
        }
    }
}

extension Matrix where Scalar == Float {
    /// √λ·v of the `rank` leading eigenvectors of this positive semidefinite matrix, `[rank, n]`: their Gram matrix is
    /// the best approximation of that rank. By subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4)
    /// with eight extra directions and four rounds, O(rank · n²): a whole decomposition costs fifty times that.
    func leadingFactors(rank: Int) throws -> Matrix<Float> {
        let size = Swift.min(rows, rank + 8)
        var noise = NormalNoise(seed: 0)
        var basis: Matrix<Float> = .standardNormal(rows: size, columns: rows, noise: &noise)
        for _ in 0..<4 { basis = basis.multiplied(by: self).orthonormalRows() }
        let small = basis.multiplied(by: self).multiplied(by: basis, .transposed)
        let eigen = try small.symmetricEigen()
        var result = Matrix<Float>(rows: rank, columns: rows)
        let leading = eigen.vectors.multiplied(.transposed, by: basis)
        for index in 0..<Swift.min(rank, size) {
            let position = size - 1 - index
            let scale = Swift.max(0, eigen.values[position]).squareRoot()
            for column in 0..<rows { result[index, column] = scale * leading[position, column] }
        }
        return result
    }

    /// The rows made orthonormal, twice by modified Gram–Schmidt; a row that depends on those before becomes zero.
    private func orthonormalRows() -> Matrix<Float> {
        var result = normalizedRows()
        let p = result.mutablePointer()
        for row in 0..<rows {
            let own = p + row * columns
            for _ in 0..<2 {
                for other in 0..<row {
                    let before = p + other * columns
                    Float.Kernels.combine(own, 1, own, -Float.Kernels.dot(own, before, columns), before, columns)
                }
            }
            let norm = Float.Kernels.dot(own, own, columns).squareRoot()
            Float.Kernels.scale(own, norm > 1e-6 ? 1 / norm : 0, columns)
        }
        return result
    }
}
