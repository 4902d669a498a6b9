import FeatureData
import Matrices

/// The text side of the classes so far, as the network uses it.
public struct CLAPText<Scalar: MatrixScalar>: Sendable {
    /// t `[classes, D]`: the mean of a class's unit-length prompt features, brought to unit length again.
    public let classFeatures: Matrix<Scalar>
    /// `[classes, D]`: the same mean, not brought to unit length.
    public let promptMeans: Matrix<Scalar>
    /// `[classes, D]`: unbiased variance over the prompts; nil where a class has a single prompt.
    public let promptVariances: Matrix<Scalar>?

    /// From one `[prompts, D]` matrix a class; rows are brought to unit length.
    public init(prompts: [Matrix<Scalar>], dimension: Int) {
        var means = Matrix<Scalar>(rows: prompts.count, columns: dimension)
        var variances = means
        for (row, features) in prompts.enumerated() {
            let unit = features.normalizedRows()
            let p = unit.pointer
            let count = Scalar(unit.rows)
            let mean = means.mutablePointer() + row * dimension
            Scalar.Kernels.addColumnSums(mean, 1 / count, p, unit.rows, dimension)
            let variance = variances.mutablePointer() + row * dimension
            for prompt in 0..<unit.rows {
                for d in 0..<dimension {
                    let deviation = p[prompt * dimension + d] - mean[d]
                    variance[d] += deviation * deviation / (count - 1)
                }
            }
        }
        promptMeans = means
        classFeatures = means.normalizedRows()
        promptVariances = prompts.allSatisfy { $0.rows > 1 } ? variances : nil
    }
}
