import Foundation
import Matrices
import Prediction
import TestSupport
import Testing

@testable import Exemplars

/// The selectors of the published code on its own samples of logits: the rows it keeps, class after class, in order.
@Suite(.enabled(if: !Golden.cases("exemplars").isEmpty, "golden exemplars are not there"))
struct PublishedSelectorsTests {
    /// Selector, its name in the golden files, and the files whose numbers do not decide: probabilities that are 0 in Float.
    private static let selectors: [(any ExemplarSelector, String, undecided: Set<String>)] = [
        (HerdingExemplars(space: .logits), "icarl", []), (EntropyExemplars(method: .softmaxOfMean), "entropy", ["saturated"]),
        (DistanceExemplars(), "distance", []), (EnergyExemplars(), "energy", []),
        (VarianceExemplars(), "variance", ["saturated"]),
    ]

    @Test(arguments: Golden.cases("exemplars"), selectors.indices)
    func keepsTheSameRows(name: String, index: Int) throws {
        let (selector, key, undecided) = Self.selectors[index]
        guard !undecided.contains(name) else { return }
        let golden = try Golden.load("exemplars", name)
        let shape = try golden.file.tensor("in.logits").shape
        let values = try golden.values("in.logits", of: Float.self)
        let size = shape[1] * shape[2]
        let samples = (0..<shape[0]).map {
            Matrix<Float>(rows: shape[1], columns: shape[2], elements: Array(values[$0 * size..<($0 + 1) * size]))
        }
        var mean = Matrix<Float>(rows: shape[1], columns: shape[2])
        for row in 0..<shape[1] {
            for k in 0..<shape[2] {
                mean[row, k] = Float(samples.reduce(0.0) { $0 + Double($1[row, k]) } / Double(shape[0]))
            }
        }
        let labels = try golden.integers("in.labels")
        let order = try golden.integers("in.candidate_indices")
        let expected = try golden.integers("out.\(key).batch1")
        let keptLabels = try golden.integers("out.\(key).batch1.labels")
        var found: [Int] = []
        for label in keptLabels.reduce(into: [Int](), { if $0.last != $1 { $0.append($1) } }) {
            let rows = order.filter { labels[$0] == label }
            let candidates = ExemplarCandidates(
                classLabel: label, features: mean.selectingRows(rows),
                posterior: LogitPosterior(mean: mean.selectingRows(rows)),
                logitSamples: samples.map { $0.selectingRows(rows) }, seed: 1)
            let count = keptLabels.filter { $0 == label }.count
            found += try selector.ranking(of: candidates, count: count).map { rows[$0] }
        }
        #expect(found == expected, "\(key)")
    }
}
