import FeatureData
import Matrices
import Prediction

/// Learning one task from sums that come in pieces: blocks of rows, parts of other shards, sums reduced over machines. The
/// result is that of `RAILPrimalHead.learn` on all rows, to rounding; of the same pieces in the same order to the bit.
///
///     let task = try head.task(prompts, rows: 1_000_000, sample: firstRows, seed: 1, data: fingerprint)
///     var learning = try RAILPrimalLearning(head, task: task, from: range.lowerBound)
///     while let block = try stream.next() { try learning.add(block) }     // this machine's rows
///     try learning.part(RowShard(3, of: 8)).archive().write(to: file)     // or: learning.forEachSum { reduce($0) }
///     let learnt = try learning.finished()
///
/// Memory: the head's h² numbers, in whose lower triangle the sums are made. The head passed in should have no other owner.
public struct RAILPrimalLearning: Sendable {
    public let task: RAILPrimalTask
    private var head: RAILPrimalHead
    private var checks: CheckRows
    /// The place among the task's rows of the next row that is added.
    public private(set) var next: Int

    /// Begins the sums of a task.
    ///
    /// - Parameter first: the place among the task's rows of the first row that will be added.
    /// - Throws: `RAILPartError.otherModel` where the task is for another head, `HeadError`.
    public init(_ head: consuming RAILPrimalHead, task: RAILPrimalTask, from first: Int = 0, name: String = "the task") throws {
        let agreement = task.agreement
        guard head.featureDimension == agreement.featureDimension else {
            throw HeadError.featureDimension(expected: head.featureDimension, found: agreement.featureDimension)
        }
        let own = head.system == nil ? nil : try head.archive().fingerprint()
        guard own == agreement.model else {
            throw RAILPartError.otherModel(name, found: own, expected: agreement.model)
        }
        if head.expansion == nil {
            switch agreement.expansion {
            case .identity: head.expansion = .identity(dimension: head.featureDimension)
            case .randomUnits(let hidden, let seed):
                head.expansion = .randomUnits(hidden, seed: seed, inputDimension: head.featureDimension)
            case .givenWeights: throw HeadError.invalidTask("the head needs the weights of its hidden units")
            }
            head.recipe = agreement.recipe
        }
        guard let expansion = head.expansion, expansion.kind == agreement.expansion else {
            throw HeadError.invalidTask("the head's random units are not the task's")
        }
        if head.system == nil {
            head.system = RidgeSystem(dimension: expansion.dimension, precision: agreement.precision)
        }
        head.system?.raise(to: agreement.precision)
        head.system?.stage(classes: agreement.classes)
        self.head = head
        self.task = task
        next = first
        checks = CheckRows(dimension: agreement.featureDimension)
    }

    /// Adds the next rows of the task; labels index its classes. rows·h² operations.
    ///
    /// - Throws: `HeadError` for rows of another dimension, labels out of range, and more rows than the task has.
    public mutating func add(_ rows: LabelledFeatures) throws {
        guard rows.dimension == head.featureDimension else {
            throw HeadError.featureDimension(expected: head.featureDimension, found: rows.dimension)
        }
        let classes = task.agreement.classes
        if let bad = rows.labels.firstIndex(where: { $0 < 0 || $0 >= classes }) {
            throw HeadError.invalidTask(
                "row \(next + bad) has label \(rows.labels[bad]), outside the \(classes) classes known with this task")
        }
        guard next + rows.count <= task.rows else {
            throw HeadError.invalidTask("row \(task.rows) of a task of \(task.rows) rows")
        }
        guard let expansion = head.expansion else { return }
        for start in stride(from: 0, to: rows.count, by: Self.blockRows) {
            let range = start..<min(start + Self.blockRows, rows.count)
            head.system?.add(rows.features.rows(range), labels: Array(rows.labels[range]), expansion: expansion)
        }
        checks.add(rows, from: next, of: task.rows)
        next += rows.count
    }

    /// Adds the sums of a part. h²/2 operations; parts must be added in the order of their shards for the same bits.
    ///
    /// - Throws: `RAILPartError.disagree` where it is of another task.
    public mutating func add(_ part: RAILPrimalPart) throws {
        if let difference = part.task.agreement.difference(from: task.agreement) {
            throw RAILPartError.disagree(
                part.name, "the task", what: difference.what, found: difference.own, expected: difference.other)
        }
        guard head.system?.addStaged(part.triangle.values, cross: part.cross, counts: part.counts) == true else {
            throw RAILPartError.disagree(
                part.name, "the task", what: "the precision of the sums", found: part.triangle.elementType.rawValue,
                expected: task.agreement.precision.rawValue)
        }
        checks.add(part.checks)
    }

    /// What was added so far, as the part of a shard.
    public func part(_ shard: RowShard) -> RAILPrimalPart {
        let staged = head.system?.staged
        return RAILPrimalPart(
            shard: shard, task: task,
            triangle: head.system?.archivedStagedTriangle ?? ArchivedTensor(vector: []),
            cross: staged?.cross ?? Matrix(rows: 0, columns: 0), counts: staged?.counts ?? [], checks: checks,
            name: "shard \(shard)")
    }

    /// Adds the task to the head: the sums become part of its own, and it is solved. h³/3 operations.
    ///
    /// - Throws: `HeadError` where a new class has no rows, or the system cannot be solved.
    public consuming func finished() throws -> RAILPrimalHead {
        let agreement = task.agreement
        if let counts = head.system?.staged?.counts {
            for (name, count) in zip(agreement.newClasses, counts.dropFirst(agreement.knownClasses.count)) where count == 0 {
                throw HeadError.classWithoutRows(name)
            }
        }
        head.system?.commit()
        head.logitScale = agreement.logitScale
        if !agreement.newClasses.isEmpty { head.textFeatures = head.textFeatures.appendingRows(task.textFeatures) }
        head.classNames += agreement.newClasses
        head.classesPerTask.append(agreement.newClasses.count)
        do {
            try head.solve(checkedOn: checks.ordered)
        } catch let error as LinearAlgebraError {
            throw HeadError.invalidTask(
                "the ridge system cannot be solved (\(error)): use a larger regulariser or a higher precision")
        }
        return head
    }

    /// Rows taken at once.
    public static var blockRows: Int { 2048 }
}

/// For reductions over machines that keep the sums in memory.
extension RAILPrimalLearning {
    mutating func sumSystem(over ranks: any RankGroup) throws { try head.system?.sumStaged(over: ranks) }

    /// The sums so far, in place: the lower triangle of ΦᵀΦ row by row (Float where sums are kept in single precision, Double
    /// else), then of each class Σφ. The same number of calls with the same lengths on every machine that learns the task.
    public mutating func forEachSum(
        single: (UnsafeMutableBufferPointer<Float>) throws -> Void,
        double: (UnsafeMutableBufferPointer<Double>) throws -> Void
    ) rethrows {
        try head.system?.forEachStagedRow(single: single, double: double)
    }

    /// Rows of each class that were added so far.
    public var counts: [Int] { head.system?.staged?.counts ?? [] }

    /// Adds to the rows of each class, where `forEachSum` has added to the sums.
    public mutating func addCounts(_ counts: [Int]) {
        precondition(counts.count == task.agreement.classes)
        head.system?.addStagedCounts(counts)
    }

    /// The rows so far that λ and the link are fitted on, with their places among the task's rows.
    public var checkRows: (positions: [Int], rows: LabelledFeatures) { (checks.positions, checks.rows) }

    /// Adds those of another machine; in any order.
    public mutating func addCheckRows(positions: [Int], rows: LabelledFeatures) {
        checks.add(CheckRows(positions: positions, rows: rows))
    }
}
