import FeatureData
import Matrices

/// The densities in a model file: tensors `densities.means` [classes, D], `densities.pooled` [D, D],
/// `densities.pooled_weights` [classes], `densities.counts` [classes], and the classes' own parts as `densities.own`.
extension ClassDensities {
    /// What the configuration has to keep beside the tensors.
    public struct Description: Sendable, Codable, Equatable {
        var covariance: Covariance
        var elementType: ElementType
        var degreesOfFreedom: Int
        var fourthMoment: Double
    }

    public var description: Description {
        Description(
            covariance: covariance, elementType: elementType, degreesOfFreedom: degreesOfFreedom,
            fourthMoment: fourthMoment)
    }

    public func write(to archive: inout ModelArchive) {
        archive.tensors["densities.means"] = ArchivedTensor(means, as: elementType)
        archive.tensors["densities.pooled"] = ArchivedTensor(pooled)
        archive.tensors["densities.pooled_weights"] = ArchivedTensor(vector: pooledWeights)
        archive.tensors["densities.counts"] = ArchivedTensor(counts)
        if covariance != .pooled { archive.tensors["densities.own"] = ArchivedTensor(own, as: elementType) }
    }

    /// - Throws: `ModelArchiveError` for missing tensors and wrong shapes, and where the numbers cannot be densities.
    public init(_ description: Description, archive: ModelArchive, dimension: Int, classes: Int) throws {
        func check(_ condition: Bool, _ reason: String) throws {
            guard condition else {
                throw ModelArchiveError.configuration(file: archive.path, reason: "densities: \(reason)")
            }
        }
        if case .lowRank(let rank) = description.covariance {
            try check(rank >= 1 && rank <= dimension, "rank \(rank), expected 1 to \(dimension)")
        }
        let type = description.elementType
        try check(type == .float16 || type == .float32, "stored as \(type.rawValue), expected F16 or F32")
        try check(
            description.degreesOfFreedom >= 0 && description.fourthMoment >= 0 && description.fourthMoment.isFinite,
            "degrees of freedom or fourth moment below 0")
        self.init(dimension: dimension, covariance: description.covariance, elementType: type)
        counts = try archive.integers("densities.counts", count: classes)
        try check(counts.allSatisfy { $0 >= 0 }, "negative counts of rows")
        means = try archive.matrix("densities.means", rows: counts.count, columns: dimension)
        pooled = try archive.matrix("densities.pooled", rows: dimension, columns: dimension)
        pooledWeights = try archive.vector("densities.pooled_weights", count: counts.count)
        try check(pooledWeights.allSatisfy { $0 >= 0 && $0.isFinite }, "negative weights of the pooled covariance")
        try check(means.isFinite && pooled.isFinite, "means or covariances that are not finite")
        degreesOfFreedom = description.degreesOfFreedom
        fourthMoment = description.fourthMoment
        if covariance != .pooled {
            let shape = Self.ownShape(covariance, dimension)
            own = try archive.matrix("densities.own", rows: counts.count * shape.rows, columns: shape.columns)
            try check(own.isFinite, "covariances that are not finite")
        }
    }
}
