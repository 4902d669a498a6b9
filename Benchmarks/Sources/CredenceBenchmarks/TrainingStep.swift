import Credence

/// The time of one step of CLAP's training as `CLAPHead.learn` runs it: gathering rows, noise, forward, losses, backward,
/// optimiser. By the reference recipe, where the newest heads and the attention are trained on 32 rows, and by the default
/// one, where all class vectors are on 256.
enum TrainingStep {
    private static let warmUpSteps = 5

    static func run(_ harness: Harness, classes: [Int]) throws {
        let peak = Products.peak(harness).value ?? .infinity
        for classes in classes {
            try Parallelism.withThreads(harness.threads) {
                for (name, recipe, operations) in [
                    ("training step", CLAPRecipe.reference(featureDimension: Workload.dimension), operations(classes: classes)),
                    (
                        "training step, default recipe", .default(featureDimension: Workload.dimension),
                        // Mean and variance of the logits and the gradients of both.
                        4 * 2 * 256 * Double(classes * Workload.dimension)
                    ),
                ] {
                    let seconds = try medianStep(recipe, classes: classes, steps: max(harness.repetitions, 1))
                    let rate = operations / seconds / 1e9
                    try harness.report(
                        Measurement(
                            name: name, threads: harness.threads, seconds: seconds, classes: classes, value: rate,
                            unit: "GFLOP/s", peakShare: rate / peak))
                }
            }
        }
    }

    private static func medianStep(_ recipe: CLAPRecipe, classes: Int, steps: Int) throws -> Double {
        var head = try Workload.head(beforeLastOf: classes, recipe: recipe)
        let clock = ContinuousClock()
        var last: ContinuousClock.Instant?
        var seconds: [Double] = []
        let task = Workload.learningTask(
            classes / Workload.classesPerTask - 1, rows: (steps + warmUpSteps + 1) * recipe.batchSize)
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
