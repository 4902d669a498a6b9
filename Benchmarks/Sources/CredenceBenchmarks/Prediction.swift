import Credence

/// Rows per second of prediction at 100 classes.
enum Prediction {
    private static let classes = 100

    static func run(_ harness: Harness) throws {
        try Parallelism.withThreads(harness.threads) {
            var head = try Workload.head(beforeLastOf: classes)
            try head.learn(
                Workload.learningTask(classes / Workload.classesPerTask - 1, rows: Workload.batch), seed: 1
            ) { _ in }
            head.recipe.prediction = CLAPPrediction()
            try measure("prediction in closed form", head, rows: 10_000, harness)
            head.recipe.prediction = CLAPPrediction(context: .transductive, samples: Workload.samples)
            try measure("prediction with attention", head, rows: 640, harness)
        }
    }

    private static func measure(_ name: String, _ head: CLAPHead, rows: Int, _ harness: Harness) throws {
        let features = Workload.rows(rows, classes: 0..<classes).features
        var posterior: LogitPosterior?
        let seconds = try harness.median { posterior = try head.posterior(for: features) }
        try harness.report(
            Measurement(
                name: name, threads: harness.threads, seconds: seconds, classes: posterior?.classes,
                rowsPerSecond: Double(rows) / seconds))
    }
}
