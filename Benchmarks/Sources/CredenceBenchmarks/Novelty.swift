import Credence
import Foundation

/// Novelty scores of the rows that `peers/novelty.py --make` wrote, or of random ones of the same shapes: rows a second,
/// and the area under the curve for comparison.
enum Novelty {
    private static let (classes, rows, neighbours) = (100, 50_000, 50)
    private static let blockRows = 2000

    static func run(_ harness: Harness, folder: URL?) throws {
        let data = try Data(folder: folder)
        let logits = data.logits
        let posteriors = blocks(logits).map { NoveltyInput(posterior: LogitPosterior(mean: $0)) }
        // A million rows in the memory of 50,000.
        for score: any NoveltyScore in [
            Energy(), MaximumLogit(), MaximumSoftmaxProbability(), Entropy(),
            GeneralizedEntropy(smallestProbability: 1e-7),
        ] {
            try report(score, posteriors, passes: 20, harness, data)
        }
        let known = KnownRows(data.known, classNames: (0..<classes).map { "class \($0)" })
        let features = blocks(data.scored.features).map { NoveltyInput(features: $0) }
        let scatter = CovarianceKind.scatter(ridge: 1e-6)
        try report(try Mahalanobis(covariance: scatter).fitted(to: known), features, passes: 20, harness, data)
        try report(try RelativeMahalanobis(covariance: scatter).fitted(to: known), features, passes: 20, harness, data)
        let nearest = try NearestNeighbours(neighbours: neighbours).fitted(to: known)
        try report(nearest, Array(features.prefix(10_000 / blockRows)), passes: 1, harness, data)
        // Ours: what the default costs.
        try report(try ClassContrast().fitted(to: known), features, passes: 1, harness, data)
    }

    /// Blocks of the size that the peer scores at a time.
    private static func blocks(_ matrix: Matrix<Float>) -> [Matrix<Float>] {
        stride(from: 0, to: matrix.rows, by: blockRows).map { matrix.rows($0..<min($0 + blockRows, matrix.rows)) }
    }

    private static func report(
        _ score: some NoveltyScore, _ inputs: [NoveltyInput], passes: Int, _ harness: Harness, _ data: Data
    ) throws {
        var values: [Float] = []
        let own = Harness(
            threads: harness.threads, repetitions: min(3, harness.repetitions), printsJSON: harness.printsJSON,
            countsProcessorTime: harness.countsProcessorTime)
        let seconds = try own.median {
            for _ in 0..<passes {
                values.removeAll(keepingCapacity: true)
                for input in inputs { values += try score.scores(for: input) }
            }
        }
        // The areas of the slow ones at the peer's side are of the first rows.
        for count in Set([values.count, min(values.count, 6000), min(values.count, 10_000)]).sorted(by: >) {
            let novel = (0..<count).filter { data.scored.labels[$0] == 1 }.map { values[$0] }
            let known = (0..<count).filter { data.scored.labels[$0] == 0 }.map { values[$0] }
            let metrics = try DetectionMetrics(known: known, novel: novel)
            try harness.report(
                Measurement(
                    name: "novelty " + score.name, threads: harness.threads, seconds: seconds, classes: classes,
                    detail: "\(count) rows", value: metrics.auroc, unit: "AUROC",
                    rowsPerSecond: Double(passes * values.count) / seconds))
        }
    }

    private struct Data {
        let known: LabelledFeatures
        /// Labelled 1 where novel.
        let scored: LabelledFeatures
        let logits: Matrix<Float>

        init(folder: URL?) throws {
            let directions: Matrix<Float>
            if let folder {
                func load(_ name: String) throws -> LabelledFeatures {
                    try FeatureRows(files: [folder.appending(path: name + ".safetensors")]).load()
                }
                known = try load("known")
                scored = try load("scored")
                directions = try FeatureRows(files: [folder.appending(path: "classes.safetensors")]).block(0..<classes).features
            } else {
                known = Workload.rows(rows, classes: 0..<classes)
                scored = Workload.rows(rows, classes: 0..<2)
                directions = known.features.rows(0..<classes)
            }
            logits = scored.features.multiplied(by: directions, .transposed, scaledBy: Workload.logitScale)
        }
    }
}
