import Matrices
import Prediction

/// The statistics of one shard's rows with what it takes to join them with those of others: the formula of Chan, Golub and
/// LeVeque (1983, doi:10.1080/00031305.1983.10483115) for scatter, and its counterpart for sums of fourth powers.
///
/// Joined means and scatter are exact to rounding, and so is the fourth moment about the mean of all rows. That about the class
/// means, on which only the amount of shrinkage of a covariance rests, takes a class's own scatter in a shard to be the shard's
/// scatter within classes, scaled to the class's trace: an error of the order of one part in the class's rows in the shard, and
/// none for classes that lie in one shard.
struct ShardStatistics: Sendable {
    let base: RowStatistics
    /// Of each class, r being a row less its class's mean in the shard: Σ‖r‖², Σ‖r‖⁴ and Σ‖r‖²·r `[classes, D]`.
    let squares: [Double]
    let fourths: [Double]
    let cubes: Matrix<Double>
    /// Σ‖t‖²·t, t being a row less the mean of the shard; D.
    let totalCube: [Double]
}

extension ShardStatistics {
    /// Three passes over the shard's rows, O(rows · D²). There may be none.
    init(_ rows: KnownRows, unitLength: Bool) throws {
        let (classes, dimension) = (rows.classNames.count, rows.dimension)
        guard rows.count > 0 else {
            self.init(
                base: RowStatistics(
                    count: 0, counts: [Int](repeating: 0, count: classes), means: Matrix(rows: classes, columns: dimension),
                    mean: [Double](repeating: 0, count: dimension), withinScatter: Matrix(rows: dimension, columns: dimension),
                    withinFourthMoment: 0, totalFourthMoment: 0),
                squares: [Double](repeating: 0, count: classes), fourths: [Double](repeating: 0, count: classes),
                cubes: Matrix(rows: classes, columns: dimension), totalCube: [Double](repeating: 0, count: dimension))
            return
        }
        let base = try rows.statistics(unitLength: unitLength)
        var squares = [Double](repeating: 0, count: classes)
        var fourths = squares
        var cubes = Matrix<Double>(rows: classes, columns: dimension)
        var total = Matrix<Double>(rows: 1, columns: dimension)
        try rows.forEachBlock { block in
            let features = Matrix<Double>(unitLength ? block.features.normalizedRows() : block.features)
            var residuals = features
            let own = residuals.mutablePointer()
            for (row, label) in block.labels.enumerated() {
                Double.Kernels.combine(
                    own + row * dimension, 1, own + row * dimension, -1, base.means.pointer + label * dimension, dimension)
            }
            let target = cubes.mutablePointer()
            for (row, square) in residuals.rowSquaredNorms().enumerated() {
                let label = block.labels[row]
                squares[label] += square
                fourths[label] += square * square
                Double.Kernels.combine(
                    target + label * dimension, 1, target + label * dimension, square, residuals.pointer + row * dimension,
                    dimension)
            }
            let centred = features.adding(row: base.mean.map { -$0 })
            let sum = total.mutablePointer()
            for (row, square) in centred.rowSquaredNorms().enumerated() {
                Double.Kernels.combine(sum, 1, sum, square, centred.pointer + row * dimension, dimension)
            }
        }
        self.init(base: base, squares: squares, fourths: fourths, cubes: cubes, totalCube: total.elements)
    }
}

extension RowStatistics {
    /// Those of all rows, from shards in order. Memory: one D² beside theirs.
    init(joining shards: [ShardStatistics]) {
        let (classes, dimension) = (shards[0].base.counts.count, shards[0].base.dimension)
        var counts = [Int](repeating: 0, count: classes)
        var means = Matrix<Double>(rows: classes, columns: dimension)
        var mean = [Double](repeating: 0, count: dimension)
        for shard in shards {
            for label in 0..<classes where shard.base.counts[label] > 0 {
                counts[label] += shard.base.counts[label]
                for d in 0..<dimension { means[label, d] += Double(shard.base.counts[label]) * shard.base.means[label, d] }
            }
            for d in 0..<dimension { mean[d] += Double(shard.base.count) * shard.base.mean[d] }
        }
        let count = counts.reduce(0, +)
        for label in 0..<classes where counts[label] > 0 {
            for d in 0..<dimension { means[label, d] /= Double(counts[label]) }
        }
        for d in 0..<dimension { mean[d] /= Double(max(count, 1)) }

        var scatter = Matrix<Double>(rows: dimension, columns: dimension)
        var (within, total) = (0.0, 0.0)
        for shard in shards where shard.base.count > 0 {
            let base = shard.base
            scatter.add(base.withinScatter, scaledBy: 1)
            var shifts = Matrix<Double>(rows: classes, columns: dimension)
            let trace = base.withinScatter.trace
            for label in base.classes {
                let shift = (0..<dimension).map { base.means[label, $0] - means[label, $0] }
                let weight = Double(base.counts[label]).squareRoot()
                for d in 0..<dimension { shifts[label, d] = weight * shift[d] }
                let share = trace > 0 ? shard.squares[label] / trace : 0
                within += Self.fourthMoment(
                    shard.fourths[label], square: shard.squares[label], cube: shard.cubes.row(label),
                    quadratic: share * base.withinScatter.quadraticForm(shift), rows: Double(base.counts[label]), shift)
            }
            scatter.addGram(of: shifts)
            let shift = (0..<dimension).map { base.mean[$0] - mean[$0] }
            let own = base.totalScatter
            total += Self.fourthMoment(
                base.totalFourthMoment, square: own.trace, cube: shard.totalCube, quadratic: own.quadraticForm(shift),
                rows: Double(base.count), shift)
        }
        self.init(
            count: count, counts: counts, means: means, mean: mean, withinScatter: scatter, withinFourthMoment: within,
            totalFourthMoment: total)
    }

    /// Σ‖r + d‖⁴ of rows r with mean zero, of which Σ‖r‖⁴, Σ‖r‖², Σ‖r‖²r and dᵀ(Σrrᵀ)d are known.
    private static func fourthMoment(
        _ fourth: Double, square: Double, cube: [Double], quadratic: Double, rows: Double, _ shift: [Double]
    ) -> Double {
        let length = shift.reduce(0) { $0 + $1 * $1 }
        let product = zip(cube, shift).reduce(0) { $0 + $1.0 * $1.1 }
        return fourth + 4 * quadratic + rows * length * length + 4 * product + 2 * square * length
    }
}

extension Matrix where Scalar == Double {
    /// vᵀ·A·v.
    fileprivate func quadraticForm(_ vector: [Double]) -> Double {
        let column = Matrix(rows: vector.count, columns: 1, elements: vector)
        return zip(multiplied(by: column).elements, vector).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
