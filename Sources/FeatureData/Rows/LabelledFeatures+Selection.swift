import Matrices

extension LabelledFeatures {
    /// D.
    public var dimension: Int { features.columns }

    /// Some rows, in the order given.
    public func selecting(_ rows: [Int]) -> LabelledFeatures {
        LabelledFeatures(features: features.selectingRows(rows), labels: rows.map { labels[$0] })
    }

    /// The rows of some classes, in their order here. With `relabelling`, the label of `classes[i]` becomes
    /// `firstLabel + i`.
    public func ofClasses(_ classes: [Int], relabellingFrom firstLabel: Int? = nil) -> LabelledFeatures {
        let place = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        var result = selecting(labels.indices.filter { place[labels[$0]] != nil })
        if let firstLabel {
            result.labels = result.labels.map { firstLabel + (place[$0] ?? 0) }
        }
        return result
    }

    /// How many rows each class has; labels must lie in `0..<classes`.
    public func counts(ofClasses classes: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: classes)
        for label in labels { counts[label] += 1 }
        return counts
    }
}
