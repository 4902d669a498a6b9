import Credence
import Foundation

/// Twenty exemplars of each class of the rows that `peers/selection.py --make` wrote, or of random ones of the same shape:
/// seconds a class, and the rows chosen of the first class.
enum SelectionOfExemplars {
    private static let (classes, rows, count) = (10, 5000, 20)

    static func run(_ harness: Harness, file: URL?) throws {
        let data =
            try file.map { try FeatureRows(files: [$0]).load() }
            ?? Workload.rows(classes * rows, classes: 0..<classes)
        let own = Harness(
            threads: harness.threads, repetitions: min(5, harness.repetitions), printsJSON: harness.printsJSON)
        let first = data.features.selectingRows(data.labels.indices.filter { data.labels[$0] == 0 })
        let selectors: [any ExemplarSelector] = [
            HerdingExemplars(), KCenterExemplars(), KMeansPlusPlusExemplars(), FacilityLocationExemplars(),
        ]
        for selector in selectors {
            let chosen = try selector.ranking(
                of: ExemplarCandidates(classLabel: 0, features: first, seed: 1), count: count)
            let seconds = try own.median {
                var buffer = ExemplarBuffer(budget: classes * count)
                try buffer.update(with: data, classes: classes, selector: selector, seed: 1)
            }
            try harness.report(
                Measurement(
                    name: "selection " + selector.name, threads: harness.threads, seconds: seconds / Double(classes),
                    classes: classes, detail: "\(count) of \(rows) rows", chosen: chosen))
        }
    }
}
