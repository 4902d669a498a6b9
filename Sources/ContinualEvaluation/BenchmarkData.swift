import FeatureData
import Matrices
import Prediction

/// What a continual protocol runs on: training and test rows, their classes with prompts, and the classes of each task.
///
/// Classes are renumbered in the order in which the tasks bring them, which is the order of a head's columns.
public struct BenchmarkData: Sendable {
    /// The names of the data, for the results.
    public let names: [String]
    /// The classes of each task, by their positions in the order learnt.
    public let tasks: [Range<Int>]
    /// All classes in the order learnt.
    public let prompts: ClassPrompts
    public let train: FeatureRows
    public let test: FeatureRows
    /// The position in the order learnt of each label of the files; `nil` for classes that no task holds.
    let positions: [Int?]
    /// The label of every training row.
    private let trainLabels: [Int]

    /// - Parameters:
    ///   - prompts: all classes, in the order of the files' labels.
    ///   - tasks: for each task, its classes as labels of the files.
    /// - Throws: `HeadError.classWithoutRows` where a task's class has no training rows, `HeadError.invalidTask` for
    ///   tasks without classes or with a class that is in none of the files or in two tasks, and what reading labels
    ///   throws.
    public init(
        names: [String], prompts: ClassPrompts, train: FeatureRows, test: FeatureRows, tasks: [[Int]]
    ) throws {
        var positions = [Int?](repeating: nil, count: prompts.classNames.count)
        var ranges: [Range<Int>] = []
        var order: [Int] = []
        for (index, members) in tasks.enumerated() {
            guard !members.isEmpty else { throw HeadError.invalidTask("task \(index + 1) has no classes") }
            let start = order.count
            for label in members {
                guard positions.indices.contains(label) else {
                    throw HeadError.invalidTask("task \(index + 1) has class \(label) of \(positions.count)")
                }
                guard positions[label] == nil else {
                    throw HeadError.invalidTask("class '\(prompts.classNames[label])' is in two tasks")
                }
                positions[label] = order.count
                order.append(label)
            }
            ranges.append(start..<order.count)
        }
        guard let trainLabels = try train.labels(), test.hasLabels else {
            throw HeadError.invalidTask("the rows of \(names.joined(separator: ", ")) have no labels")
        }
        let present = Set(trainLabels)
        if let empty = order.first(where: { !present.contains($0) }) {
            throw HeadError.classWithoutRows(prompts.classNames[empty])
        }
        self.names = names
        self.tasks = ranges
        self.train = train
        self.test = test
        self.positions = positions
        self.trainLabels = trainLabels
        self.prompts = prompts.selecting(order)
    }

    public func classNames(ofTask task: Int) -> [String] {
        Array(prompts.classNames[tasks[task]])
    }

    func prompts(ofTask task: Int) -> ClassPrompts {
        prompts.selecting(tasks[task])
    }

    /// The training rows of a task's classes, in the order of the files, labelled by position in the order learnt.
    func trainingRows(ofTask task: Int) throws -> LabelledFeatures {
        try train.selecting(
            trainLabels.map { label in positions[label].flatMap { tasks[task].contains($0) ? $0 : nil } })
    }

    /// Calls `body` with the test rows that belong to a task, block by block, labelled by position in the order learnt.
    func forEachTestBlock(rows: Int, _ body: (LabelledFeatures) throws -> Void) throws {
        var stream = test.stream(blockRows: rows)
        while let block = try stream.next() {
            let labels = (block.labels ?? []).map { positions[$0] }
            let kept = labels.indices.filter { labels[$0] != nil }
            try body(
                LabelledFeatures(
                    features: kept.count == block.count ? block.features : block.features.selectingRows(kept),
                    labels: labels.compactMap { $0 }))
        }
    }
}

extension FeatureRows {
    /// The rows whose entry in `labels` is not `nil`, with that as their label, in order. Memory: the rows kept and one
    /// block.
    public func selecting(_ labels: [Int?], blockRows: Int = 1024) throws -> LabelledFeatures {
        precondition(labels.count == count, "\(labels.count) labels for \(count) rows")
        let kept = labels.compactMap { $0 }
        var features = Matrix<Float>(rows: kept.count, columns: dimension)
        var next = 0
        var start = 0
        while start < count {
            let range = start..<min(start + blockRows, count)
            start = range.upperBound
            let wanted = range.filter { labels[$0] != nil }
            guard !wanted.isEmpty else { continue }
            let block = try self.block(range)
            let target = features.mutablePointer()
            for row in wanted {
                (target + next * dimension).update(
                    from: block.features.pointer + (row - range.lowerBound) * dimension, count: dimension)
                next += 1
            }
        }
        return LabelledFeatures(features: features, labels: kept)
    }
}
