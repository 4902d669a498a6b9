import Matrices
import Prediction

/// Tensors `gate.means` [tasks, D], `gate.whitening` [tasks · D, D] and `gate.log_determinants` [tasks], all F64.
extension TaskDensities {
    func write(to archive: inout ModelArchive) {
        let means = Matrix(rows: count, columns: dimension, elements: gaussians.flatMap(\.mean))
        archive.tensors["gate.means"] = ArchivedTensor(means)
        archive.tensors["gate.whitening"] = ArchivedTensor(
            Matrix(stacking: [Matrix(rows: 0, columns: dimension)] + gaussians.map(\.whitening)))
        archive.tensors["gate.log_determinants"] = ArchivedTensor(
            Matrix(rows: 1, columns: count, elements: gaussians.map(\.logDeterminant)), shape: [count])
    }

    /// - Throws: `ModelArchiveError` for missing tensors and wrong shapes.
    init(archive: ModelArchive, dimension: Int, covariance: Covariance) throws {
        let means = try archive.doubleMatrix("gate.means", columns: dimension)
        let whitening = try archive.doubleMatrix("gate.whitening", rows: means.rows * dimension, columns: dimension)
        let determinants = try archive.doubleMatrix("gate.log_determinants", rows: 1, columns: means.rows).elements
        self.init(
            dimension: dimension, covariance: covariance,
            gaussians: (0..<means.rows).map { task in
                TaskGaussian(
                    mean: means.row(task), whitening: whitening.rows(task * dimension..<(task + 1) * dimension),
                    logDeterminant: determinants[task])
            })
    }
}
