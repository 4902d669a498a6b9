import Matrices

/// The rows nearest to the mean of their class: prototypes (Snell, Swersky and Zemel 2017, arXiv:1703.05175). O(rows · D).
public struct NearestMeanExemplars: ScoredSelector {
    public init() {}

    public var name: String { "nearest-mean" }

    public func scores(of candidates: ExemplarCandidates) -> [Double] {
        let rows = candidates.features
        guard rows.rows > 0 else { return [] }
        var mean = Array(repeating: 0.0, count: rows.columns)
        for row in 0..<rows.rows { for (column, value) in rows.row(row).enumerated() { mean[column] += Double(value) } }
        return (0..<rows.rows).map { row in
            -zip(rows.row(row), mean).reduce(0) {
                let difference = Double($1.0) - $1.1 / Double(rows.rows)
                return $0 + difference * difference
            }
        }
    }
}
