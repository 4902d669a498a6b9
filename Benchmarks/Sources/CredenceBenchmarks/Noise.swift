import Credence

/// Standard normal noise in bulk, as a training step of 100 classes and 20 samples draws it.
enum Noise {
    static func run(_ harness: Harness) throws {
        var noise = NormalNoise(seed: 3)
        var draws = Matrix<Float>(rows: Workload.samples * 100, columns: Workload.dimension)
        let seconds = harness.median { noise.fill(&draws) }
        try harness.report(
            Measurement(
                name: "normal noise", threads: harness.threads, seconds: seconds,
                detail: "Philox, \(draws.rows)×\(draws.columns)", value: seconds / Double(draws.count) * 1e9,
                unit: "ns/sample"))
    }
}
