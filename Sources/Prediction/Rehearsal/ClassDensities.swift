import FeatureData
import Matrices

/// One Gaussian over feature rows a class: what pseudo-rehearsal remembers in place of rows.
///
/// A class keeps its mean; its covariance is the one of all classes pooled, or mixed with its own in one of several
/// forms. Estimates from few rows are shrunk by the rule of Ledoit and Wolf (`CovarianceShrinkage`). Classes met again
/// are merged with what was known of them. Numbers are held as precisely as they are stored (`elementType`), so saving
/// and loading changes no bit.
///
/// With a single row a class has no covariance of its own, and where every class has a single row there is none at all:
/// the mean, which then is that row, is all that is kept.
public struct ClassDensities: Sendable {
    /// What is kept of a class's own covariance.
    public enum Covariance: Sendable, Codable, Equatable {
        /// Nothing: all classes share the pooled covariance. D numbers a class, D² in all.
        case pooled
        /// Variances by dimension, without the pooled correlations. 2·D numbers a class.
        case diagonal
        /// Its leading eigenvectors; the rest of its trace has the pooled shape. (rank + 1)·D numbers a class.
        case lowRank(rank: Int)
        /// All of it. D·(D + 3)/2 numbers a class.
        case full
    }

    public let covariance: Covariance
    /// How means and a class's own covariance are stored: `float16` or `float32`. The pooled covariance is `float32`.
    public let elementType: ElementType
    /// D.
    public let dimension: Int
    /// Rows seen of each class; 0 where a class is unknown.
    public internal(set) var counts: [Int] = []
    /// `[classes, D]`.
    public internal(set) var means: Matrix<Float>
    /// Σ residual·residualᵀ over all rows, divided by `degreesOfFreedom`, `[D, D]`.
    var pooled: Matrix<Float>
    /// Rows less classes.
    public internal(set) var degreesOfFreedom = 0
    /// Σ ‖residual‖⁴ over all rows, for the shrinkage of the pooled covariance.
    var fourthMoment = 0.0
    /// The classes' own parts: variances `[classes, D]`, factors `[classes · rank, D]` whose Gram matrix is the leading
    /// part, or lower triangles `[classes, D·(D + 1)/2]`; without rows for `pooled`.
    var own: Matrix<Float>
    /// What the pooled covariance is multiplied by in each class's.
    var pooledWeights: [Float] = []

    public init(dimension: Int, covariance: Covariance = .pooled, elementType: ElementType = .float32) {
        precondition(elementType == .float16 || elementType == .float32, "densities in \(elementType.rawValue)")
        if case .lowRank(let rank) = covariance { precondition(rank >= 1 && rank <= dimension, "rank \(rank)") }
        self.dimension = dimension
        self.covariance = covariance
        self.elementType = elementType
        means = Matrix(rows: 0, columns: dimension)
        pooled = Matrix(rows: dimension, columns: dimension)
        own = Matrix(rows: 0, columns: Self.ownShape(covariance, dimension).columns)
    }

    /// Rows and columns of a class's own part.
    static func ownShape(_ covariance: Covariance, _ dimension: Int) -> (rows: Int, columns: Int) {
        switch covariance {
        case .pooled: (0, dimension)
        case .diagonal: (1, dimension)
        case .lowRank(let rank): (rank, dimension)
        case .full: (1, dimension * (dimension + 1) / 2)
        }
    }

    /// The number of classes, known or not.
    public var classes: Int { counts.count }

    /// The mean squared distance of rows from their class's mean, the trace of the pooled covariance.
    public var spread: Float { pooled.trace }

    /// What a density is, in words.
    public var kind: String {
        switch covariance {
        case .pooled: "mean and pooled covariance"
        case .diagonal: "mean and variances"
        case .lowRank(let rank): "mean, \(rank) directions and pooled covariance"
        case .full: "mean and covariance"
        }
    }

    /// Bytes of the model file that it takes.
    public var byteCount: Int {
        (means.count + own.count) * elementType.byteCount + (pooled.count + pooledWeights.count) * 4
    }

    /// The pooled within-class covariance `[D, D]`, shrunk.
    public var pooledCovariance: Matrix<Float> {
        CovarianceShrinkage.mixed(pooled, shrinkage: pooledShrinkage)
    }

    /// The weight of the identity in `pooledCovariance`, 0 ... 1.
    public var pooledShrinkage: Float {
        CovarianceShrinkage.intensity(
            pooled, target: CovarianceShrinkage.identity(of: pooled), fourthMoment: fourthMoment,
            degreesOfFreedom: degreesOfFreedom)
    }
}

// MARK: - Learning

extension ClassDensities {
    /// Adds the rows of some classes: new ones, and more of known ones.
    ///
    /// O(rows · D²); O(D³) for a class met again with `lowRank`.
    /// - Parameters:
    ///   - rows: labels below `classes`.
    ///   - classes: how many there are after the update, at least as many as before.
    public mutating func update(with rows: LabelledFeatures, classes: Int) throws {
        precondition(rows.features.columns == dimension, "rows of \(rows.features.columns) dimensions, not \(dimension)")
        precondition(classes >= self.classes && rows.labels.allSatisfy { $0 >= 0 && $0 < classes }, "labels")
        let shape = Self.ownShape(covariance, dimension)
        let added = classes - counts.count
        counts += Array(repeating: 0, count: added)
        pooledWeights += Array(repeating: 1, count: added)
        means = means.appendingRows(Matrix(rows: added, columns: dimension))
        own = own.appendingRows(Matrix(rows: added * shape.rows, columns: shape.columns))

        let members = Dictionary(grouping: rows.labels.indices, by: { rows.labels[$0] }).sorted { $0.key < $1.key }
        let sums = members.map { ClassMoments(rows.features.selectingRows($0.value), label: $0.key) }
        let shift = sums.map { mergeMean($0) }
        mergePooled(sums, shift)
        let target = covariance == .pooled ? pooled : pooledCovariance
        for (moments, shift) in zip(sums, shift) { try mergeOwn(moments, shift, target) }
        round()
    }

    /// Moves the class's mean; returns the step from the old mean to that of the new rows, nil for a new class.
    private mutating func mergeMean(_ moments: ClassMoments) -> Matrix<Float>? {
        let (label, count) = (moments.label, counts[moments.label])
        let old = means.rows(label..<label + 1)
        let step = moments.mean - old
        let share = Float(moments.count) / Float(moments.count + count)
        let merged = count == 0 ? moments.mean : old + share * step
        (means.mutablePointer() + label * dimension).update(from: merged.pointer, count: dimension)
        return count == 0 ? nil : step
    }

    /// Adds residuals, and for classes met again the distance of the two means, to the pooled covariance.
    private mutating func mergePooled(_ sums: [ClassMoments], _ shifts: [Matrix<Float>?]) {
        let before = Float(degreesOfFreedom)
        pooled.scale(by: before)
        for (moments, shift) in zip(sums, shifts) {
            pooled.addGram(of: moments.residuals)
            fourthMoment += moments.fourthMoment
            degreesOfFreedom += moments.count - (shift == nil ? 1 : 0)
            if let shift {
                let (old, new) = (Float(counts[moments.label]), Float(moments.count))
                pooled.addGram(of: shift, scaledBy: old * new / (old + new))
            }
        }
        pooled.scale(by: degreesOfFreedom > 0 ? 1 / Float(degreesOfFreedom) : 0)
    }

    /// Estimates the class's own part, shrunk towards `target`, the pooled covariance.
    private mutating func mergeOwn(
        _ moments: ClassMoments, _ shift: Matrix<Float>?, _ target: Matrix<Float>
    ) throws {
        let (label, old) = (moments.label, counts[moments.label])
        defer { counts[label] = old + moments.count }
        guard covariance != .pooled, old + moments.count > 1 else { return }
        let shape = Self.ownShape(covariance, dimension)
        let part: OwnCovariance
        if let shift, old > 0 {
            part = try .merging(
                classCovariance(label, pooled: target), count: old, with: moments, shift: shift, target: target,
                kind: covariance)
        } else {
            part = try .estimate(moments, target: target, kind: covariance)
        }
        pooledWeights[label] = part.pooledWeight
        (own.mutablePointer() + label * shape.rows * shape.columns).update(
            from: part.values.pointer, count: shape.rows * shape.columns)
    }

    /// What storing keeps of the numbers.
    private mutating func round() {
        guard elementType == .float16 else { return }
        means.roundToHalf()
        own.roundToHalf()
    }

    /// The covariance `[D, D]` of a class, given the pooled one.
    func classCovariance(_ label: Int, pooled: Matrix<Float>) -> Matrix<Float> {
        let shape = Self.ownShape(covariance, dimension)
        var result = pooledWeights[label] * pooled
        switch covariance {
        case .pooled: break
        case .diagonal:
            for d in 0..<dimension { result[d, d] += own[label, d] }
        case .lowRank:
            result.addGram(of: own.rows(label * shape.rows..<(label + 1) * shape.rows))
        case .full:
            var next = own.pointer + label * shape.columns
            for row in 0..<dimension {
                for column in 0...row {
                    result[row, column] += next.pointee
                    if column < row { result[column, row] += next.pointee }
                    next += 1
                }
            }
        }
        return result
    }
}

/// The rows of one class, centred.
struct ClassMoments {
    let label: Int
    let count: Int
    /// `[1, D]`.
    let mean: Matrix<Float>
    /// `[rows, D]`.
    let residuals: Matrix<Float>
    /// Σ ‖residual‖⁴.
    let fourthMoment: Double

    init(_ rows: Matrix<Float>, label: Int) {
        self.label = label
        count = rows.rows
        let mean = Matrix(rows: 1, columns: rows.columns, elements: rows.columnMeans())
        self.mean = mean
        residuals = rows.adding(row: (-mean).elements)
        fourthMoment = residuals.rowSquaredNorms().reduce(0) { $0 + Double($1) * Double($1) }
    }
}

extension Matrix where Scalar == Float {
    fileprivate mutating func roundToHalf() {
        var half = [UInt16](repeating: 0, count: count)
        ShortFloat.half.write(&half, pointer, count)
        ShortFloat.half.read(mutablePointer(), half, count)
    }
}
