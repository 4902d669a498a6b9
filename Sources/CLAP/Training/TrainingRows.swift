import FeatureData
import Matrices

/// What a phase of training draws its batches from: the task's rows, exemplars and pseudo-rows, one after another.
struct TrainingRows {
    private let sources: [LabelledFeatures]
    let labels: [Int]
    /// The number of pseudo-rows; they come last.
    let pseudoRows: Int
    /// The classes that the task brings.
    let newClasses: Range<Int>
    private let taskRows: LabelledFeatures

    init(
        task: LabelledFeatures, exemplars: LabelledFeatures? = nil, pseudo: LabelledFeatures? = nil,
        newClasses: Range<Int>
    ) {
        taskRows = task
        sources = [task] + [exemplars, pseudo].compactMap { $0 }
        labels = sources.flatMap(\.labels)
        pseudoRows = pseudo?.count ?? 0
        self.newClasses = newClasses
    }

    var count: Int { labels.count }

    /// The rows of a pass. Where classes are drawn equally often, a pass takes each row of the task once on average, and
    /// as many rows of every other class as the task has of its own.
    func rowsPerEpoch(_ replay: CLAPRecipe.Replay) -> Int {
        switch replay {
        case .concatenated: return count
        case .balanced:
            let own = Set(taskRows.labels).count
            return max(taskRows.count * Set(labels).count / max(own, 1), 1)
        }
    }

    /// The rows with some indices as a batch without noise.
    func gather(_ indices: [Int]) -> CLAPBatch<Float> {
        let width = taskRows.features.columns
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
