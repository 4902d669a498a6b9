import Foundation

/// What is gained by answering only where the model is most confident: risk (the share of errors) against coverage (the
/// share answered) (Geifman and El-Yaniv 2017, arXiv:1705.08500; Geifman et al. 2019, arXiv:1805.08206).
public struct SelectivePrediction: Sendable, Hashable {
    /// Errors among the i + 1 most confident rows, as a share; rows with equal confidence in their given order. `[rows]`.
    public let risks: [Double]
    /// All errors.
    public let errors: Int

    /// O(rows · log rows).
    public init(confidences: [Double], correct: [Bool]) {
        precondition(confidences.count == correct.count, "\(confidences.count) confidences, \(correct.count) answers")
        var (errors, risks) = (0, [Double]())
        risks.reserveCapacity(confidences.count)
        let order = confidences.indices.sorted { (-confidences[$0], $0) < (-confidences[$1], $1) }
        for (rank, row) in order.enumerated() {
            if !correct[row] { errors += 1 }
            risks.append(Double(errors) / Double(rank + 1))
        }
        (self.risks, self.errors) = (risks, errors)
    }

    private var count: Double { Double(risks.count) }

    /// The area under the risk–coverage curve: the mean of `risks`. 0…1; `nil` without rows, as all below.
    public var area: Double? { risks.isEmpty ? nil : risks.reduce(0, +) / count }

    /// The area that is left where all errors are the least confident rows.
    public var optimalArea: Double? {
        guard !risks.isEmpty else { return nil }
        let right = risks.count - errors
        return (0..<errors).reduce(0) { $0 + Double($1 + 1) / Double(right + $1 + 1) } / count
    }

    /// `area` less `optimalArea`: what the order of confidence loses, whatever the accuracy.
    public var excessArea: Double? { area.flatMap { area in optimalArea.map { area - $0 } } }

    /// The optimum for many rows, r + (1 − r)·ln(1 − r), which Geifman et al. take off.
    public var optimalAreaOfManyRows: Double? {
        guard !risks.isEmpty else { return nil }
        let risk = Double(errors) / count
        return risk < 1 ? risk + (1 - risk) * log(1 - risk) : 1
    }

    /// The accuracy on the most confident share `coverage` of the rows, at least one. 0 < coverage ≤ 1.
    public func accuracy(atCoverage coverage: Double) -> Double? {
        guard !risks.isEmpty else { return nil }
        let rows = min(risks.count, max(1, Int((coverage * count).rounded(.up))))
        return 1 - risks[rows - 1]
    }

    /// The largest share of rows that can be answered with at most `risk` errors among them; 0 where none can.
    public func coverage(atRisk risk: Double) -> Double? {
        guard !risks.isEmpty else { return nil }
        return Double((risks.lastIndex { $0 <= risk } ?? -1) + 1) / count
    }
}
