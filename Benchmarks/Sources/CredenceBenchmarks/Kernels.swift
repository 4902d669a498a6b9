import Credence

/// The vector kernels at sizes that fit the second-level cache, on one thread: they are called on pieces of that size.
enum Kernels {
    private typealias K = FloatKernels
    private static let count = 1 << 16
    private static let columns = 100

    static func run(_ harness: Harness) throws {
        var harness = harness
        harness.threads = 1
        var noise = NormalNoise(seed: 2)
        let x = noise.matrix(Float.self, rows: 1, columns: count)
        let dy = noise.matrix(Float.self, rows: 1, columns: count)
        let work: [(String, (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void)] = [
            ("exp", { y, x, _ in K.exp(y, x, count) }),
            ("tanh", { y, x, _ in K.tanh(y, x, count) }),
            ("softplus", { y, x, _ in K.softplus(y, x, count) }),
            ("GELU", { y, x, _ in K.gelu(y, x, count) }),
            ("GELU, backward", { y, x, dy in K.geluBackward(y, x, dy, count) }),
            ("softmax of rows of 100", { y, x, _ in K.softmaxRows(y, x, count / columns, columns) }),
            ("log-sum-exp of rows of 100", { y, x, _ in K.logSumExpRows(y, x, count / columns, columns) }),
            ("row norms of 512", { y, x, _ in K.rowSquaredNorms(y, x, count / 512, 512) }),
        ]
        for (name, kernel) in work {
            try measure(name, x, dy, harness) { kernel($0, $1, $2) }
        }
        try layerNorm(x, harness)
    }

    private static func layerNorm(_ x: Matrix<Float>, _ harness: Harness) throws {
        let rows = count / 512
        let gamma = [Float](repeating: 1, count: 512)
        let beta = [Float](repeating: 0, count: 512)
        var moments = [Float](repeating: 0, count: 2 * rows)
        try measure("layer norm of rows of 512", x, x, harness) { y, x, _ in
            moments.withUnsafeMutableBufferPointer { moments in
                guard let mean = moments.baseAddress else { return }
                K.layerNorm(y, mean, mean + rows, x, gamma, beta, 1e-5, rows, 512)
            }
        }
    }

    private static func measure(
        _ name: String, _ x: Matrix<Float>, _ dy: Matrix<Float>, _ harness: Harness,
        _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
    ) throws {
        var y = Matrix<Float>(rows: 1, columns: count)
        let passes = 20  // so that one measurement is long against the clock
        let seconds = harness.median {
            x.withUnsafeElements { x in
                dy.withUnsafeElements { dy in
                    y.withUnsafeMutableElements { y in
                        guard let x = x.baseAddress, let dy = dy.baseAddress, let y = y.baseAddress else { return }
                        for _ in 0..<passes { kernel(y, x, dy) }
                    }
                }
            }
        } / Double(passes)
        try harness.report(
            Measurement(
                name: "kernel", threads: 1, seconds: seconds, detail: name, value: seconds / Double(count) * 1e9,
                unit: "ns/element"))
    }
}
