import Credence

/// Each way from a Gaussian posterior over 100 logits to class probabilities: time a row, and mean total variation to
/// the answer within 1e-8, at one standard deviation of all logits and where it differs between classes.
enum PredictiveMethods {
    private static let classes = 100
    private static let rows = 1000

    private static let methods: [(String, PredictiveMethod)] = [
        ("softmax of the mean", .softmaxOfMean), ("centred probit (mean field)", .meanField),
        ("pairwise mean field", .pairwiseMeanField), ("Laplace bridge", .laplaceBridge),
        ("64 samples", .monteCarlo), ("1024 samples", .monteCarlo(samples: 1024)),
        ("64 quasi-random samples", .quasiMonteCarlo(samples: 64)),
        ("1024 quasi-random samples", .quasiMonteCarlo(samples: 1024)), ("exact", .exact),
    ]

    static func run(_ harness: Harness) throws {
        for deviation in [0.5, 1, 2] as [Float] {
            for isUnequal in [false, true] {
                let posterior = posterior(deviation: deviation, isUnequal: isUnequal)
                let exact = posterior.exact(.double).probabilities
                let detail = "standard deviation \(deviation)" + (isUnequal ? " on average, unequal" : "")
                for (name, method) in methods {
                    let found = posterior.probabilities(method)
                    var distance = 0.0
                    found.withUnsafeElements { p in
                        exact.withUnsafeElements { q in
                            for index in p.indices { distance += abs(Double(p[index]) - q[index]) / 2 }
                        }
                    }
                    let seconds = harness.median { _ = posterior.probabilities(method) }
                    try harness.report(
                        Measurement(
                            name: name, threads: harness.threads, seconds: seconds, classes: classes, detail: detail,
                            value: distance / Double(rows) * 1000, unit: "‰ total variation",
                            rowsPerSecond: Double(rows) / seconds))
                }
            }
        }
    }

    /// Means with a spread of 3, as a head that knows something has them.
    private static func posterior(deviation: Float, isUnequal: Bool) -> LogitPosterior {
        var noise = NormalNoise(seed: 8)
        var mean: Matrix<Float> = noise.matrix(rows: rows, columns: classes)
        mean.withUnsafeMutableElements { for index in $0.indices { $0[index] *= 3 } }
        let variance = Matrix<Float>(
            rows: rows, columns: classes,
            elements: (0..<rows * classes).map { index in
                let share = isUnequal ? Float(index % 7) / 3 : 1
                return share * deviation * deviation
            })
        return LogitPosterior(mean: mean, variance: variance)
    }
}
