import Credence

/// Matrix products at the shapes of a training step of 100 classes, and at a size that shows the machine's peak.
enum Products {
    static func run(_ harness: Harness) throws {
        try harness.report(peak(harness))
        let (d, f, b, s, k) = (
            Workload.dimension, Workload.feedForwardWidth, Workload.batch, Workload.samples, 100
        )
        try measure("attention, query key value", k, 3 * d, d, .asStored, .transposed, harness)
        try measure("feed-forward, first layer", k, f, d, .asStored, .transposed, harness)
        try measure("feed-forward, second layer", k, d, f, .asStored, .transposed, harness)
        try measure("feed-forward, gradient of a weight", f, d, k, .transposed, .asStored, harness)
        try measure("adapter of ten classes", Workload.classesPerTask, d, d, .asStored, .transposed, harness)
        try measure("logits of all samples", s * k, b, d, .asStored, .transposed, harness)
        try measure("gradient of all samples", s * k, d, b, .asStored, .asStored, harness)
    }

    /// The rate of a 2048³ product: what shares of the peak refer to.
    static func peak(_ harness: Harness) -> Measurement {
        measurement("square", 2048, 2048, 2048, .asStored, .asStored, harness)
    }

    private static func measure(
        _ name: String, _ m: Int, _ n: Int, _ k: Int, _ a: Operand, _ b: Operand, _ harness: Harness
    ) throws {
        try harness.report(measurement(name, m, n, k, a, b, harness))
    }

    private static func measurement(
        _ name: String, _ m: Int, _ n: Int, _ k: Int, _ aOperand: Operand, _ bOperand: Operand, _ harness: Harness
    ) -> Measurement {
        var noise = NormalNoise(seed: 1)
        let a = aOperand == .asStored ? noise.matrix(Float.self, rows: m, columns: k) : noise.matrix(rows: k, columns: m)
        let b = bOperand == .asStored ? noise.matrix(Float.self, rows: k, columns: n) : noise.matrix(rows: n, columns: k)
        var c = Matrix<Float>(rows: m, columns: n)
        let seconds = harness.median { c.setToProduct(a, aOperand, b, bOperand) }
        return Measurement(
            name: "product", threads: harness.threads, seconds: seconds, detail: "\(name) \(m)×\(n)×\(k)",
            value: 2 * Double(m) * Double(n) * Double(k) / seconds / 1e9, unit: "GFLOP/s")
    }
}
