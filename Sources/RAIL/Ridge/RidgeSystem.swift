import Foundation
import Matrices
import Prediction

/// Sums in single or in double precision, and what is solved with them.
struct RidgeSystem: Sendable {
    /// One of the two is there. Not an enum: changing a payload in place would copy h² numbers.
    private var single: RidgeSums<Float>?
    private var double: RidgeSums<Double>?
    private(set) var precision: RidgePrecision

    init(dimension: Int, precision: RidgePrecision) {
        self.precision = precision
        if precision == .single { single = RidgeSums(dimension: dimension) } else { double = RidgeSums(dimension: dimension) }
    }

    init(_ sums: RidgeSums<Float>) { (single, precision) = (sums, .single) }
    init(_ sums: RidgeSums<Double>, precision: RidgePrecision) { (double, self.precision) = (sums, precision) }

    var dimension: Int { single?.dimension ?? double?.dimension ?? 0 }
    var counts: [Int] { single?.counts ?? double?.counts ?? [] }
    var rows: Int { counts.reduce(0, +) }
    var trace: Double { single?.trace ?? double?.trace ?? 0 }
    var cross: Matrix<Double> { single?.cross ?? double?.cross ?? Matrix(rows: 0, columns: dimension) }
    var logDeterminant: Double { single?.logDeterminant ?? double?.logDeterminant ?? 0 }
    var staged: (cross: Matrix<Double>, counts: [Int])? { single?.staged ?? double?.staged }
    var hasFactor: Bool { single?.hasFactor ?? double?.hasFactor ?? false }

    /// The upper triangle of the Gram matrix `[h(h + 1)/2]` in its own precision.
    var archivedGram: ArchivedTensor {
        let count = dimension * (dimension + 1) / 2
        if let single { return ArchivedTensor(single.packedGram, shape: [count]) }
        return ArchivedTensor(double?.packedGram ?? Matrix(rows: 1, columns: count), shape: [count])
    }

    /// Goes on in `precision`: sums kept in single precision are widened; they never become narrower.
    mutating func raise(to precision: RidgePrecision) {
        guard precision > self.precision else { return }
        if let sums = single {
            single = nil
            double = RidgeSums(sums)
        }
        self.precision = precision
    }

    mutating func stage(classes: Int) {
        single?.stage(classes: classes)
        double?.stage(classes: classes)
    }

    /// Adds φ of unit rows to the sums begun.
    mutating func add(_ rows: Matrix<Float>, labels: [Int], expansion: FeatureExpansion) {
        if precision == .double {
            double?.add(expansion.double(rows), labels: labels)
        } else {
            let features = expansion.single(rows)
            single?.add(features, labels: labels)
            double?.add(features, labels: labels)
        }
    }

    /// The sums begun in place: each row of their lower triangle, then the class sums of φ.
    mutating func forEachStagedRow(
        single body: (UnsafeMutableBufferPointer<Float>) throws -> Void,
        double other: (UnsafeMutableBufferPointer<Double>) throws -> Void
    ) rethrows {
        try single?.forEachStagedRow(body)
        try double?.forEachStagedRow(other)
        try single?.forEachStagedClass(other)
        try double?.forEachStagedClass(other)
    }

    /// Adds the lower triangle of other sums, row by row, to those begun.
    ///
    /// - Returns: whether it is in the precision of these.
    mutating func addStaged(_ triangle: ArchivedTensor.Values, cross: Matrix<Double>, counts: [Int]) -> Bool {
        switch triangle {
        case .single(let packed) where single != nil: single?.addStaged(packed, cross: cross, counts: counts)
        case .double(let packed) where double != nil: double?.addStaged(packed, cross: cross, counts: counts)
        default: return false
        }
        return true
    }

    /// The lower triangle of the sums begun, row by row `[h(h + 1)/2]`, in its own precision.
    var archivedStagedTriangle: ArchivedTensor {
        let count = dimension * (dimension + 1) / 2
        if let single { return ArchivedTensor(single.packedStaged, shape: [count]) }
        return ArchivedTensor(double?.packedStaged ?? Matrix(rows: 1, columns: count), shape: [count])
    }

    mutating func addStagedCounts(_ counts: [Int]) {
        single?.addStagedCounts(counts)
        double?.addStagedCounts(counts)
    }

    mutating func commit(subtracting: Bool = false) {
        single?.commit(subtracting: subtracting)
        double?.commit(subtracting: subtracting)
    }

    mutating func removeClasses(_ removed: Set<Int>) {
        single?.removeClasses(removed)
        double?.removeClasses(removed)
    }

    mutating func factorize(regulariser: Double) throws(LinearAlgebraError) {
        try single?.factorize(regulariser: regulariser)
        try double?.factorize(regulariser: regulariser)
    }

    /// The ridge solution `[classes, h]`: cross products times (G + λI)⁻¹, from the factor.
    func weights() -> Matrix<Double> {
        if let single {
            var result = Matrix<Float>(single.cross)
            single.solveRight(.transposed, &result)
            single.solveRight(.asStored, &result)
            return Matrix<Double>(result)
        }
        guard let double else { return Matrix(rows: 0, columns: 0) }
        var result = double.cross
        double.solveRight(.transposed, &result)
        double.solveRight(.asStored, &result)
        return result
    }

    /// φᵀ(G + λI)⁻¹φ of each row of φ `[rows, h]`: the posterior variance in units of the noise variance, and the leverage
    /// of a row that was learnt. h² operations a row.
    func leverages(_ features: Matrix<Float>) -> [Double] {
        if let single {
            var solved = features
            single.solveRight(.transposed, &solved)
            return solved.rowSquaredNorms().map(Double.init)
        }
        guard let double else { return [] }
        var solved = Matrix<Double>(features)
        double.solveRight(.transposed, &solved)
        return solved.rowSquaredNorms()
    }
}

extension RidgeSystem {
    /// σₖ² = (yₖᵀyₖ − yₖᵀΦ(ΦᵀΦ + λI)⁻¹Φᵀyₖ)/n, the maximum of the marginal likelihood over a scale common to noise and
    /// prior, σ²I + (σ²/λ)ΦΦᵀ being the covariance of the targets (Rasmussen and Williams 2006, section 5.4.1).
    func noiseVariances() -> [Double] {
        let n = Double(max(1, rows))
        return zip(counts, explained()).map { max((Double($0) - $1) / n, 1e-12) }
    }

    /// Of all classes' targets, at the best noise variance of each: −(n/2)·log σₖ² − ½·log|I + ΦΦᵀ/λ| summed over classes,
    /// without constants.
    func logMarginalLikelihood(regulariser: Double) -> Double {
        let (n, classes) = (Double(rows), Double(counts.count))
        let determinant = logDeterminant - Double(dimension) * log(regulariser)
        return noiseVariances().reduce(0) { $0 - n / 2 * log($1) } - classes / 2 * determinant
    }

    /// Mean over rows of the squared errors of leave-one-out predictions, summed over classes.
    func leaveOneOutError(_ features: Matrix<Float>, labels: [Int]) -> Double {
        let scores = features.multiplied(by: Matrix<Float>(weights()), .transposed)
        let left = LeaveOneOut.scores(scores, leverages: leverages(features), labels: labels).scores
        var sum = 0.0
        for (row, label) in labels.enumerated() {
            for k in 0..<left.columns {
                let error = Double(left[row, k]) - (k == label ? 1 : 0)
                sum += error * error
            }
        }
        return sum / Double(max(1, labels.count))
    }

    /// yₖᵀΦ(G + λI)⁻¹Φᵀyₖ of each class.
    private func explained() -> [Double] {
        if let single {
            var solved = Matrix<Float>(single.cross)
            single.solveRight(.transposed, &solved)
            return Matrix<Double>(solved).rowSquaredNorms()
        }
        guard let double else { return [] }
        var solved = double.cross
        double.solveRight(.transposed, &solved)
        return solved.rowSquaredNorms()
    }
}
