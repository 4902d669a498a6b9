import Matrices
import Prediction

/// Class means and scatter of known rows, in Double from two passes: the second centres before it squares.
struct RowStatistics: Sendable {
    /// Rows in all.
    let count: Int
    /// Rows of each class; classes without rows have a mean of zero, which nothing uses.
    let counts: [Int]
    /// `[classes, D]`.
    let means: Matrix<Double>
    /// D.
    let mean: [Double]
    /// Σ (x − class mean)(x − class mean)ᵀ `[D, D]`, not divided.
    let withinScatter: Matrix<Double>
    /// Σ ‖x − class mean‖⁴ and Σ ‖x − mean‖⁴, for shrinkage.
    let withinFourthMoment: Double
    let totalFourthMoment: Double

    var dimension: Int { mean.count }
    /// The classes that have rows.
    var classes: [Int] { counts.indices.filter { counts[$0] > 0 } }

    /// Σ (x − mean)(x − mean)ᵀ `[D, D]`: the scatter within and that between classes.
    var totalScatter: Matrix<Double> {
        var between = Matrix<Double>(rows: classes.count, columns: dimension)
        for (row, label) in classes.enumerated() {
            let weight = Double(counts[label]).squareRoot()
            for d in 0..<dimension { between[row, d] = weight * (means[label, d] - mean[d]) }
        }
        var result = withinScatter
        result.addGram(of: between)
        return result
    }

    /// The means of the classes that have rows, `[classes with rows, D]`.
    var presentMeans: Matrix<Double> { means.selectingRows(classes) }
}

extension KnownRows {
    /// Two passes, O(rows · D²); kept for the next score that asks.
    ///
    /// - Parameter unitLength: whether rows are scaled to unit length first.
    func statistics(unitLength: Bool = false) throws -> RowStatistics {
        try shared.statistics(unitLength: unitLength) { try RowStatistics(self, unitLength: unitLength) }
    }
}

extension RowStatistics {
    fileprivate init(_ rows: KnownRows, unitLength: Bool) throws {
        let (classes, dimension) = (rows.classNames.count, rows.dimension)
        var counts = [Int](repeating: 0, count: classes)
        var means = Matrix<Double>(rows: classes, columns: dimension)
        try rows.forEachBlock { block in
            let features = Matrix<Double>(unitLength ? block.features.normalizedRows() : block.features)
            let sums = means.mutablePointer()
            for (row, label) in block.labels.enumerated() {
                counts[label] += 1
                let own = sums + label * dimension
                Double.Kernels.combine(own, 1, own, 1, features.pointer + row * dimension, dimension)
            }
        }
        var mean = means.columnSums()
        for d in mean.indices { mean[d] /= Double(rows.count) }
        means.withUnsafeMutableElements { elements in
            for (label, count) in counts.enumerated() where count > 0 {
                for d in 0..<dimension { elements[label * dimension + d] /= Double(count) }
            }
        }

        var scatter = Matrix<Double>(rows: dimension, columns: dimension)
        var (within, total) = (0.0, 0.0)
        try rows.forEachBlock { block in
            var residuals = Matrix<Double>(unitLength ? block.features.normalizedRows() : block.features)
            total += residuals.adding(row: mean.map { -$0 }).rowSquaredNorms().reduce(0) { $0 + $1 * $1 }
            let base = residuals.mutablePointer()
            for (row, label) in block.labels.enumerated() {
                let own = base + row * dimension
                Double.Kernels.combine(own, 1, own, -1, means.pointer + label * dimension, dimension)
            }
            within += residuals.rowSquaredNorms().reduce(0) { $0 + $1 * $1 }
            scatter.addGram(of: residuals)
        }
        self.init(
            count: rows.count, counts: counts, means: means, mean: mean, withinScatter: scatter,
            withinFourthMoment: within, totalFourthMoment: total)
    }
}
