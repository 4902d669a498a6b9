import FeatureData
import Matrices

/// What a phase of training draws its batches from: the task's rows, exemplars and pseudo-rows, one after another.
struct TrainingRows {
    private let sources: [LabelledFeatures]
    let labels: [Int]
    /// The indices of the task's own rows.
    let taskRows: Range<Int>
    /// The indices of the pseudo-rows.
    let pseudoRows: Range<Int>
    /// Rows of each class before the task.
    let seen: [Int]
    /// The classes whose prior is made in this task.
    let classesWithNewPrior: Range<Int>

    init(
        task: LabelledFeatures, exemplars: LabelledFeatures? = nil, pseudo: LabelledFeatures? = nil, seen: [Int] = [],
        classesWithNewPrior: Range<Int> = 0..<0
    ) {
        sources = [task] + [exemplars, pseudo].compactMap { $0 }
        labels = sources.flatMap(\.labels)
        taskRows = 0..<task.count
        pseudoRows = labels.count - (pseudo?.count ?? 0)..<labels.count
        self.seen = seen
        self.classesWithNewPrior = classesWithNewPrior
    }

    var count: Int { labels.count }

    /// The rows of a pass. Where classes are drawn equally often, a pass takes each row of the task once on average, and
    /// as many rows of every other class as the task has of its own.
    func rowsPerEpoch(_ replay: CLAPRecipe.Replay) -> Int {
        switch replay {
        case .concatenated: return count
        case .balanced:
            let own = Set(labels[taskRows]).count
            return max(taskRows.count * Set(labels).count / max(own, 1), 1)
        }
    }

    /// The rows with some indices as a batch without noise.
    func gather(_ indices: [Int]) -> CLAPBatch<Float> {
        let width = sources[0].features.columns
        var rows = Matrix<Float>(uninitialized: indices.count, width)
        let target = rows.mutablePointer()
        for (position, index) in indices.enumerated() {
            var (source, row) = (0, index)
            while row >= sources[source].count {
                row -= sources[source].count
                source += 1
            }
            (target + position * width).update(from: sources[source].features.pointer + row * width, count: width)
        }
        return CLAPBatch(rows: rows, labels: indices.map { labels[$0] }, noise: Matrix(rows: 0, columns: width))
    }
}
