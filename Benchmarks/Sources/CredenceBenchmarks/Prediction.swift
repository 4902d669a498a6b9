import Credence

/// Rows per second of prediction at 100 classes: the posterior of the logits alone; with class probabilities by the
/// mean-field approximation; and the published way.
enum Prediction {
    private static let classes = 100

    static func run(_ harness: Harness) throws {
        try Parallelism.withThreads(harness.threads) {
            var head = try Workload.head(beforeLastOf: classes)
            try head.learn(
                Workload.learningTask(classes / Workload.classesPerTask - 1, rows: Workload.batch), seed: 1
            ) { _ in }
            head.recipe.prediction = CLAPPrediction()
            try measure("posterior in closed form", head, rows: 10_000, harness) { _ in }
            try measure("prediction in closed form", head, rows: 10_000, harness) { _ = $0.probabilities(.meanField) }
            head.recipe.prediction = CLAPPrediction(context: .transductive, samples: Workload.samples)
            try measure("prediction with attention", head, rows: 640, harness) { _ = $0.probabilities(.softmaxOfMean) }
        }
    }

    private static func measure(
        _ name: String, _ head: CLAPHead, rows: Int, _ harness: Harness, _ finish: (LogitPosterior) -> Void
    ) throws {
        let features = Workload.rows(rows, classes: 0..<classes).features
        let seconds = try harness.median { finish(try head.posterior(for: features)) }
        try harness.report(
            Measurement(
                name: name, threads: harness.threads, seconds: seconds, classes: classes,
                rowsPerSecond: Double(rows) / seconds))
    }
}
