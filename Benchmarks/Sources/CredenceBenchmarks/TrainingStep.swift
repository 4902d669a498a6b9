import Credence

/// The time of one step of CLAP's training as `CLAPHead.learn` runs it by the reference recipe: gathering rows, noise,
/// forward, losses, backward, plain gradient descent; the newest heads and the attention are trained.
enum TrainingStep {
    private static let warmUpSteps = 5

    static func run(_ harness: Harness, classes: [Int]) throws {
        let peak = Products.peak(harness).value ?? .infinity
        for classes in classes {
            try Parallelism.withThreads(harness.threads) {
                let seconds = try medianStep(classes: classes, steps: max(harness.repetitions, 1))
                try harness.report(
                    Measurement(
                        name: "training step", threads: harness.threads, seconds: seconds, classes: classes,
                        value: operations(classes: classes) / seconds / 1e9, unit: "GFLOP/s",
                        peakShare: operations(classes: classes) / seconds / 1e9 / peak))
            }
        }
    }

    private static func medianStep(classes: Int, steps: Int) throws -> Double {
        var head = try Workload.head(beforeLastOf: classes)
        let clock = ContinuousClock()
        var last: ContinuousClock.Instant?
        var seconds: [Double] = []
        let task = Workload.learningTask(
            classes / Workload.classesPerTask - 1, rows: (steps + warmUpSteps + 1) * Workload.batch)
        try head.learn(task, seed: 1) { _ in
            let now = clock.now
            if let last { seconds.append((now - last).inSeconds) }
            last = now
        }
        return Harness.median(of: Array(seconds.dropFirst(warmUpSteps)))
    }

    /// Floating-point operations of the matrix products that the step consists of, when none is saved by algebra: what
    /// a hand-written step does. Class features and images are constants, so their gradients are not needed.
    private static func operations(classes: Int) -> Double {
        let d = Double(Workload.dimension)
        let (k, b) = (Double(classes), Double(Workload.batch))
        let newest = Double(Workload.classesPerTask)
        // 2·m·n·k each; the number in front counts the forward product and its gradients.
        let selfAttention = 2 * (2 * k * 3 * d * d) + 3 * (2 * 2 * k * k * d) + 3 * (2 * k * d * d)
        let crossAttention =
            3 * (2 * k * d * d) + 2 * (2 * b * 2 * d * d) + 3 * (2 * 2 * k * b * d) + 3 * (2 * k * d * d)
        let feedForward = 3 * (2 * 2 * k * d * Double(Workload.feedForwardWidth))
        let adapters = 2 * (2 * 2 * k * d * d) + 2 * 2 * newest * d * d
        let logits = 2 * (2 * Double(Workload.samples) * k * b * d)
        return selfAttention + crossAttention + feedForward + adapters + logits
    }
}
