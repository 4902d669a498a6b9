import Matrices

/// Feature rows with their labels, in memory.
public struct LabelledFeatures: Sendable {
    /// `[rows, D]`.
    public var features: Matrix<Float>
    /// One label a row, an index into a list of class names.
    public var labels: [Int]

    public init(features: Matrix<Float>, labels: [Int]) {
        precondition(features.rows == labels.count, "\(features.rows) rows and \(labels.count) labels")
        self.features = features
        self.labels = labels
    }

    public var count: Int { labels.count }
}
