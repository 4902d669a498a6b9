import FeatureData
import Matrices
import Prediction

/// Class vectors from data in closed form: linear discriminant analysis on the densities of all classes.
///
/// With Σ the pooled covariance, m_k the class means and m their mean, the discriminant of class k is x·Σ⁻¹(m_k − m) −
/// ½(m_k − m)ᵀΣ⁻¹(m_k + m). Logits here have no constant; it is carried by the direction v = Σ⁻¹m/(mᵀΣ⁻¹m), on which
/// rows have a product near 1.
struct DiscriminantAnalysis {
    /// Σ⁻¹(m_k − m) with the constant's part, `[classes, D]`.
    let directions: Matrix<Float>
    /// Σ⁻¹(m_k − m) alone.
    private let contrasts: Matrix<Float>
    private let inverse: Matrix<Float>
    private let densities: ClassDensities
    private let center: Matrix<Float>

    /// - Throws: `LinearAlgebraError` where the pooled covariance is singular: no class has two different rows.
    init(_ densities: ClassDensities) throws {
        self.densities = densities
        inverse = try CholeskyFactorization(densities.pooledCovariance).inverse()
        let means = densities.means
        let center = Matrix(rows: 1, columns: means.columns, elements: means.columnMeans())
        self.center = center
        let spread = center.multiplied(by: inverse)
        let carrier = (1 / max(spread.dot(center), .leastNormalMagnitude)) * spread
        contrasts = means.adding(row: (-center).elements).multiplied(by: inverse)
        var directions = contrasts
        let p = directions.mutablePointer()
        let width = means.columns
        for k in 0..<means.rows {
            let own = p + k * width
            let constant =
                -0.5 * (Float.Kernels.dot(own, means.pointer + k * width, width)
                    + Float.Kernels.dot(own, center.pointer, width))
            Float.Kernels.combine(own, 1, own, constant, carrier.pointer, width)
        }
        self.directions = directions
    }

    /// Discriminants `[rows, classes]` of rows that belong to the densities, each without the row itself: its class's
    /// mean moves by (x − m_k)/(n_k − 1), and Σ⁻¹ by the Sherman–Morrison formula.
    func unseenDiscriminants(of rows: LabelledFeatures) -> Matrix<Float> {
        let features = rows.features
        let means = densities.means
        let width = features.columns
        var result = features.multiplied(by: directions, .transposed)
        // y_i = Σ⁻¹x_i, and products of rows and means with the contrasts.
        let scaled = features.multiplied(by: inverse)
        let scaledMeans = means.multiplied(by: inverse)
        let products = features.multiplied(by: contrasts, .transposed)
        let meanProducts = means.multiplied(by: contrasts, .transposed)
        let freedom = Float(max(densities.degreesOfFreedom, 2))
        let weight = 1 - densities.pooledShrinkage
        let r = result.mutablePointer()
        let classes = means.rows
        for (row, label) in rows.labels.enumerated() {
            let own = r + row * classes
            let count = Float(densities.counts[label])
            guard count > 1 else {
                // Without its only row the class is unknown: it stands where the average class does.
                own[label] = 0
                continue
            }
            let y = scaled.pointer + row * width
            let x = features.pointer + row * width
            let mean = means.pointer + label * width
            let meanScaled = scaledMeans.pointer + label * width
            // The residual r = x − m_k and its products through Σ⁻¹.
            let xx = Float.Kernels.dot(x, y, width)
            let xm = Float.Kernels.dot(x, meanScaled, width)
            let mm = Float.Kernels.dot(mean, meanScaled, width)
            let (xr, rm, rr) = (xx - xm, xm - mm, max(0, xx - 2 * xm + mm))
            let rc = Float.Kernels.dot(center.pointer, y, width) - Float.Kernels.dot(center.pointer, meanScaled, width)
            // Taking the row out takes n/(n − 1)·r·rᵀ from the scatter and r/(n − 1) from the mean.
            let share = weight * count / (count - 1) / freedom
            let gain = share / max(1 - share * rr, 0.05)
            let step = 1 / (count - 1)
            let before = own[label]
            for k in 0..<classes {
                let rd = products[row, k] - meanProducts[label, k]
                own[k] += gain * rd * (xr - 0.5 * (rd + 2 * rc))
            }
            let rd = products[row, label] - meanProducts[label, label] - step * rr
            own[label] =
                before + gain * rd * (xr - 0.5 * (rd + 2 * rc)) - step * xr + step * rm - 0.5 * step * step * rr
        }
        return result
    }
}
