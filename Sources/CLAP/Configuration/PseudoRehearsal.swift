import Prediction

/// Rehearsal of earlier classes on draws from a Gaussian per class, which the model keeps in place of rows.
public struct PseudoRehearsal: Sendable, Codable, Equatable {
    public enum Covariance: String, Sendable, Codable, CaseIterable {
        case pooled, diagonal, lowRank, full
    }

    /// What is kept of a class's own covariance.
    public var covariance = Covariance.lowRank
    /// Eigenvectors a class, for `lowRank`.
    public var rank = 16
    /// Whether the densities are stored in half precision.
    public var storesHalfPrecision = true
    /// Pseudo-rows drawn for each earlier class and task.
    public var rowsPerClass = 200
    /// The part of an earlier class's rows that are pseudo-rows, the others being exemplars: 0 for none, 1 for no
    /// exemplars. Where a class has no exemplars, all are pseudo-rows.
    public var share = 0.8

    public init() {}

    func densities(dimension: Int) -> ClassDensities {
        let kind: ClassDensities.Covariance =
            switch covariance {
            case .pooled: .pooled
            case .diagonal: .diagonal
            case .lowRank: .lowRank(rank: min(rank, dimension))
            case .full: .full
            }
        return ClassDensities(
            dimension: dimension, covariance: kind, elementType: storesHalfPrecision ? .float16 : .float32)
    }
}
