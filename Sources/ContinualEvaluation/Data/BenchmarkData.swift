import FeatureData
import Matrices
import Prediction

/// What a continual protocol runs on: rows to learn from and rows to be examined on, their classes with prompts, and the
/// classes of each task.
///
/// Classes are renumbered in the order in which the tasks bring them, which is the order of a head's columns. Rows stay
/// in their files until they are asked for; in memory are a label and a role of every training row.
public struct BenchmarkData: Sendable {
    /// The names of the data, for the results.
    public let names: [String]
    /// The classes of each task, by their positions in the order learnt.
    public let tasks: [Range<Int>]
    /// The tasks of each domain; all in one unless told otherwise.
    public let domains: [Range<Int>]
    /// All classes in the order learnt.
    public let prompts: ClassPrompts
    public let train: FeatureRows
    /// The rows of the examinations; `nil` where they are held-out training rows.
    public let test: FeatureRows?
    /// Which training rows are learnt, and which are held out.
    public let subset: TrainingSubset
    /// The position in the order learnt of each label of the files; `nil` for classes that no task holds.
    let positions: [Int?]
    /// The label and the role of every training row.
    private let trainLabels: [Int]
    private let roles: [TrainingSubset.Role]

    /// - Parameters:
    ///   - prompts: all classes, in the order of the files' labels.
    ///   - test: the rows to be examined on; not looked at where `subset` holds training rows out for that.
    ///   - tasks: for each task, its classes as labels of the files.
    ///   - tasksPerDomain: how many tasks each domain has, in order; `nil` for a single domain.
    ///   - subset: which training rows to take.
    /// - Throws: `HeadError.classWithoutRows` where a task's class has no training rows, `HeadError.invalidTask` for
    ///   tasks without classes or with a class that is in none of the files or in two tasks, or where there is nothing
    ///   to be examined on, `TrainingSubsetError`, and what reading labels throws.
    public init(
        names: [String], prompts: ClassPrompts, train: FeatureRows, test: FeatureRows?, tasks: [[Int]],
        tasksPerDomain: [Int]? = nil, subset: TrainingSubset = TrainingSubset()
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
        let counts = tasksPerDomain ?? [tasks.count]
        guard counts.allSatisfy({ $0 > 0 }) || tasks.isEmpty, counts.reduce(0, +) == tasks.count else {
            throw HeadError.invalidTask("domains of \(counts) tasks, expected \(tasks.count) tasks in all")
        }
        domains = counts.reduce(into: []) { $0.append(($0.last?.upperBound ?? 0)..<($0.last?.upperBound ?? 0) + $1) }
        let test = subset.holdout == nil ? test : nil
        guard test != nil || subset.holdout != nil else {
            throw HeadError.invalidTask("\(names.joined(separator: ", ")): there are no test rows and no holdout")
        }
        guard let trainLabels = try train.labels(), test?.hasLabels != false else {
            throw HeadError.invalidTask("the rows of \(names.joined(separator: ", ")) have no labels")
        }
        roles = try subset.roles(ofRows: trainLabels, classes: order, names: prompts.classNames)
        self.names = names
        self.tasks = ranges
        self.train = train
        self.test = test
        self.subset = subset
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

    /// The rows of a task's classes to learn from, in the order of the files, labelled by position in the order learnt.
    func trainingRows(ofTask task: Int) throws -> LabelledFeatures {
        try train.selecting(trainingPositions(ofTask: task))
    }

    /// The places of these rows in `train`.
    func trainingRowNumbers(ofTask task: Int) -> [Int] {
        let positions = trainingPositions(ofTask: task)
        return positions.indices.filter { positions[$0] != nil }
    }

    /// How many rows `trainingRows(ofTask:)` gives.
    func trainingRowCount(ofTask task: Int) -> Int { trainingPositions(ofTask: task).count { $0 != nil } }

    /// For every training row its position in the order learnt, `nil` where the task does not learn from it.
    private func trainingPositions(ofTask task: Int) -> [Int?] {
        zip(trainLabels, roles).map { label, role in
            role == .training ? positions[label].flatMap { tasks[task].contains($0) ? $0 : nil } : nil
        }
    }

    /// Calls `body` with the rows of the examination that belong to a task, block by block, labelled by position in the
    /// order learnt.
    func forEachTestBlock(rows: Int, _ body: (LabelledFeatures) throws -> Void) throws {
        var stream = (test ?? train).stream(blockRows: rows)
        while let block = try stream.next() { try body(examined(block)) }
    }

    /// How many blocks these are.
    func testBlocks(rows: Int) -> Int { ((test ?? train).count + rows - 1) / rows }

    /// One of the blocks.
    func testBlock(_ index: Int, rows: Int) throws -> LabelledFeatures {
        let source = test ?? train
        return try examined(source.block(index * rows..<min(source.count, (index + 1) * rows)))
    }

    /// The rows of a block that are examined.
    private func examined(_ block: FeatureBlock) -> LabelledFeatures {
        let isExamined = { (row: Int) in test != nil || roles[block.firstRow + row] == .heldOut }
        let labels = (block.labels ?? []).enumerated().map { isExamined($0) ? positions[$1] : nil }
        let kept = labels.indices.filter { labels[$0] != nil }
        return LabelledFeatures(
            features: kept.count == block.count ? block.features : block.features.selectingRows(kept),
            labels: labels.compactMap { $0 })
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
