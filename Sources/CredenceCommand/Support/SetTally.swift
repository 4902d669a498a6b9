import Credence

/// How prediction sets fare against labels.
struct SetTally {
    private let classes: Int
    private var rows = 0
    private var covered = 0
    private var sizes = 0
    private var empty = 0
    private var single = 0
    private var rowsOfClass: [Int]
    private var coveredOfClass: [Int]

    init(classes: Int) {
        self.classes = classes
        rowsOfClass = Array(repeating: 0, count: classes)
        coveredOfClass = rowsOfClass
    }

    mutating func add(_ probabilities: Matrix<Float>, labels: [Int], _ sets: PredictionSets) {
        for (row, label) in labels.enumerated() {
            let set = sets.set(probabilities.row(row))
            rows += 1
            rowsOfClass[label] += 1
            if set.contains(label) {
                covered += 1
                coveredOfClass[label] += 1
            }
            sizes += set.count
            if set.isEmpty { empty += 1 }
            if set.count == 1 { single += 1 }
        }
    }

    /// `nil` without rows.
    func summary(alpha: Double, _ predictor: ConformalPredictor) -> SetSummary? {
        guard rows > 0 else { return nil }
        // The exact distribution is that of one threshold for all rows.
        let expected =
            predictor.condition == .marginal
            ? ConformalCoverage(alpha: alpha, calibrationRows: predictor.rows, testRows: rows)?.interval() : nil
        let byClass = (0..<classes).filter { rowsOfClass[$0] > 0 }
            .map { Double(coveredOfClass[$0]) / Double(rowsOfClass[$0]) }
        return SetSummary(
            score: predictor.score.name, condition: predictor.condition.rawValue, errorRate: alpha,
            coverage: Double(covered) / Double(rows), expectedCoverage: expected.map { [$0.lower, $0.upper] },
            averageSize: Double(sizes) / Double(rows), empty: Double(empty) / Double(rows),
            single: Double(single) / Double(rows), lowestClassCoverage: byClass.min())
    }
}

/// Figures of prediction sets; shares in 0…1.
struct SetSummary: Encodable {
    var score: String
    var condition: String
    var errorRate: Double
    var coverage: Double
    /// Where the coverage lies in 95 of 100 cases, exactly; of one threshold for all rows.
    var expectedCoverage: [Double]?
    var averageSize: Double
    var empty: Double
    var single: Double
    var lowestClassCoverage: Double?
}
