import Matrices
import Prediction

/// SSD: the squared Mahalanobis distance to the nearest cluster of the known rows scaled to unit length, each cluster with
/// its own covariance; no labels (Sehwag, Chiang and Mittal 2021, arXiv:2103.12051, section 3).
///
/// Clusters are those of k-means on at most 20,000 known rows; one, the authors' choice, is the Mahalanobis distance to
/// all rows together. O(clusters · D²) a row, and D² numbers a cluster.
public struct ClusterDistance: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "ssd", summary: "Squared Mahalanobis distance to the nearest k-means cluster, without labels",
        source: "Sehwag, Chiang and Mittal 2021, arXiv:2103.12051", needs: [.features, .fitting])

    /// From 1.
    public var clusters: Int

    public init(clusters: Int = 1) { self.clusters = clusters }

    public func checkSettings() throws(NoveltyError) { try require(clusters >= 1, "clusters", clusters, "1 or more") }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> ComponentGaussians {
        let centres: Matrix<Float>
        if clusters == 1 {
            centres = Matrix(rows: 1, columns: rows.dimension)
        } else {
            let sample = try rows.sample(20_000, stream: 5).features.normalizedRows()
            centres = KMeans.centres(sample, count: clusters, seed: rows.seed)
        }
        return try ComponentGaussians(
            rows, count: centres.rows, unitLength: true, covariance: .estimate(.automatic), score: name, notes: &notes,
            assign: { KMeans.assign($0.features.normalizedRows(), to: centres) })
    }

    public func scores(for input: NoveltyInput, model: ComponentGaussians) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { block in
            (-model.squaredDistances(block.normalizedRows())).rowMaxima().map { -$0 }
        }
    }
}
