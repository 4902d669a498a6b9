import Credence
import Foundation

/// Log density and sampling of a million values of one distribution, beside `peers/distributions.py`.
enum Distributions {
    private static let count = 1_000_000
    /// Vectors are a million rows, save those of 64 numbers.
    private static let wideRows = 100_000

    static func run(_ harness: Harness) throws {
        try univariate("Normal", Normal(mean: 0.5, standardDeviation: 2), harness)
        try univariate("Gamma(2.5)", Gamma(concentration: 2.5, rate: 2), harness)
        try univariate("Beta(2, 3)", Beta(concentration1: 2, concentration0: 3), harness)
        try categorical(harness)
        try rows("Dirichlet(10)", Dirichlet(concentration: (1...10).map { 0.5 * Double($0) }), rows: count, harness)
        var noise = NormalNoise(seed: 4)
        let factor: Matrix<Double> = noise.matrix(rows: 64, columns: 64)
        var covariance = (1.0 / 64) * factor.multiplied(by: factor, .transposed)
        for index in 0..<64 { covariance[index, index] += 1 }
        try rows(
            "MultivariateNormal(64)",
            MultivariateNormal(mean: Array(repeating: 0.5, count: 64), covariance: covariance), rows: wideRows, harness)
    }

    private static func univariate(_ name: String, _ d: some ContinuousDistribution, _ harness: Harness) throws {
        var stream = RandomStream(seed: 1)
        var values = [Double](repeating: 0, count: count)
        var result = values
        try report("sampling", name, harness, count: count) {
            values.withUnsafeMutableBufferPointer { d.fill($0, &stream) }
        }
        try report("log density", name, harness, count: count) {
            values.withUnsafeBufferPointer { values in
                result.withUnsafeMutableBufferPointer { d.logDensities(values, into: $0) }
            }
        }
    }

    private static func categorical(_ harness: Harness) throws {
        let weights = (1...1000).map { Double($0 % 37 + 1) }
        let total = weights.reduce(0, +)
        let d = try Categorical(probabilities: weights.map { $0 / total })
        var stream = RandomStream(seed: 1)
        var values = [Int](repeating: 0, count: count)
        var result = [Double](repeating: 0, count: count)
        try report("sampling", "Categorical(1000)", harness, count: count) {
            values.withUnsafeMutableBufferPointer { d.fill($0, &stream) }
        }
        try report("log density", "Categorical(1000)", harness, count: count) {
            values.withUnsafeBufferPointer { values in
                result.withUnsafeMutableBufferPointer { d.logDensities(values, into: $0) }
            }
        }
    }

    private static func rows(_ name: String, _ d: some MultivariateDistribution, rows: Int, _ harness: Harness) throws {
        var stream = RandomStream(seed: 1)
        let draws = d.sampleMatrix(rows: rows, &stream)
        var sink = 0.0
        try report("sampling", name, harness, count: rows) { sink += d.sampleMatrix(rows: rows, &stream)[0, 0] }
        try report("log density", name, harness, count: rows) { sink += d.logDensities(draws)[0] }
        precondition(!sink.isNaN)
    }

    private static func report(
        _ what: String, _ name: String, _ harness: Harness, count: Int, _ work: () -> Void
    ) throws {
        let seconds = harness.median(work)
        try harness.report(
            Measurement(
                name: "distributions", threads: harness.threads, seconds: seconds, detail: "\(name), \(what)",
                value: seconds / Double(count) * 1e9, unit: "ns/value"))
    }
}
