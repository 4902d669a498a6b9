import Matrices
import Prediction

extension Detector {
    /// The scores of unit-length rows `[rows, D]`, one array a part.
    ///
    /// A row's scores have the same bits whatever rows are asked for with it, when thresholds were found as later
    /// (`RowTiles`), unless the head itself looks at the other rows.
    ///
    /// - Parameter head: needed where a part needs posteriors.
    /// - Throws: `NoveltyError`, and what the head throws.
    public func scores(for features: Matrix<Float>, asking head: (any Head)?) throws -> [[Float]] {
        try Self.scores(parts.map(\.score), of: features, asking: head)
    }

    static func scores(
        _ scores: [any NoveltyScore], of features: Matrix<Float>, asking head: (any Head)?
    ) throws -> [[Float]] {
        let head = scores.contains { $0.needs.contains(.posterior) } ? head : nil
        @Sendable func together(_ rows: Matrix<Float>) throws -> [[Float]] {
            let input =
                try head.map { NoveltyInput(posterior: try $0.posterior(for: rows), features: rows) }
                ?? NoveltyInput(features: rows)
            return try scores.map { try $0.scores(for: input) }
        }
        guard head?.answersRowByRow ?? true else { return try together(features) }
        let tiles = try RowTiles.map(features) { tile, _ in try together(tile) }
        return scores.indices.map { score in
            [Float](unsafeUninitializedCapacity: features.rows) { buffer, initialized in
                for row in 0..<features.rows { buffer[row] = tiles[row / RowTiles.rows][score][row % RowTiles.rows] }
                initialized = features.rows
            }
        }
    }
}
