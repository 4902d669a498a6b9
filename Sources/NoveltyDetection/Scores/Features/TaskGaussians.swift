import Matrices
import Prediction

/// Minus the largest log density of one Gaussian a task, −max_t log N(x; μ_t, Σ_t), with unbiased covariances plus
/// 1e-7·I, of rows scaled to unit length: what DIKI weighs its tasks by (Tang et al. 2024, arXiv:2407.05342, section
/// 3.4). In nats. O(tasks · D²) a row, and D² numbers a task.
public struct TaskGaussians: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "task-gaussians", summary: "Minus the largest log density of one Gaussian a task",
        source: "Tang et al. 2024, arXiv:2407.05342", needs: [.features, .fitting, .labels])

    /// How many classes each task has, in the order of the classes; classes beyond are one more task. Empty for one
    /// Gaussian over all.
    public var classesPerTask: [Int]
    /// Added to the diagonal of the covariances, from 0.
    public var ridge: Double

    public init(classesPerTask: [Int] = [], ridge: Double = 1e-7) {
        self.classesPerTask = classesPerTask
        self.ridge = ridge
    }

    public func checkSettings() throws(NoveltyError) {
        try require(classesPerTask.allSatisfy { $0 >= 0 }, "classesPerTask", classesPerTask, "numbers from 0")
        try require(ridge >= 0 && ridge.isFinite, "ridge", ridge, "a finite number from 0")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> ComponentGaussians {
        let classes = rows.classNames.count
        var tasks: [Int] = []
        for (task, count) in classesPerTask.enumerated() { tasks += Array(repeating: task, count: min(count, classes)) }
        while tasks.count < classes { tasks.append(classesPerTask.count) }
        let taskOfClass = tasks
        return try ComponentGaussians(
            rows, count: classesPerTask.count + 1, unitLength: true, covariance: .ridged(ridge), score: name,
            notes: &notes, assign: { $0.labels.map { taskOfClass[$0] } })
    }

    public func scores(for input: NoveltyInput, model: ComponentGaussians) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { block in
            model.logDensities(block.normalizedRows()).rowMaxima().map { -$0 }
        }
    }
}
