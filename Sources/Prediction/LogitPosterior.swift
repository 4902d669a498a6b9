import Matrices

/// A Gaussian posterior over logits: for each row and class, independent given the row, z ~ N(mean, variance).
///
/// What every head returns, and all that calibration, novelty scores, exemplar selection, metrics and reports see.
public struct LogitPosterior: Sendable {
    /// `[rows, classes]`.
    public let mean: Matrix<Float>
    /// `[rows, classes]`, not negative; zero for heads without uncertainty.
    public let variance: Matrix<Float>

    public init(mean: Matrix<Float>, variance: Matrix<Float>) {
        precondition(
            mean.rows == variance.rows && mean.columns == variance.columns,
            "mean [\(mean.rows), \(mean.columns)] and variance [\(variance.rows), \(variance.columns)]")
        self.mean = mean
        self.variance = variance
    }

    /// Logits known exactly: variance zero.
    public init(mean: Matrix<Float>) {
        self.init(mean: mean, variance: Matrix(rows: mean.rows, columns: mean.columns))
    }

    public var rows: Int { mean.rows }
    public var classes: Int { mean.columns }
}
