/// The accuracies of a continual run, A[i][j]: after learning task i, on the test rows of task j, among all classes
/// known then; fractions in 0…1, `nil` where not measured. Summaries as in CLAP4CLIP (Jha et al. 2024, §4) and, for
/// forgetting, Chaudhry et al. 2018 (eq. 3).
public struct AccuracyMatrix: Sendable, Hashable, Codable {
    /// `[tasks, tasks]`; entries above the diagonal are future tasks.
    public private(set) var entries: [[Double?]]

    /// A matrix for `tasks` tasks with nothing measured yet.
    public init(tasks: Int) {
        precondition(tasks >= 0, "\(tasks) tasks")
        entries = Array(repeating: Array(repeating: nil, count: tasks), count: tasks)
    }

    /// A matrix from its rows.
    ///
    /// - Throws: `AccuracyMatrixError` where the rows are not square or an entry is not in 0…1.
    public init(_ entries: [[Double?]]) throws(AccuracyMatrixError) {
        for (row, values) in entries.enumerated() {
            guard values.count == entries.count else {
                throw .notSquare(rows: entries.count, row: row, columns: values.count)
            }
            for (column, value) in values.enumerated() {
                if let value, !(value >= 0 && value <= 1) {
                    throw .notAFraction(row: row, column: column, value: value)
                }
            }
        }
        self.entries = entries
    }

    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode([[Double?]].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(entries)
    }

    public var tasks: Int { entries.count }

    /// The accuracy after learning task `step`, on task `task`.
    public subscript(step: Int, task: Int) -> Double? {
        get { entries[step][task] }
        set {
            precondition(newValue.map { $0 >= 0 && $0 <= 1 } ?? true, "an accuracy is a fraction")
            entries[step][task] = newValue
        }
    }
}

extension AccuracyMatrix {
    /// After each task, the mean accuracy over the tasks seen until then; `nil` where one of them was not measured.
    /// Tasks count equally, whatever their rows.
    public var stepAverages: [Double?] {
        entries.indices.map { step in
            let seen = entries[step][...step].compactMap { $0 }
            return seen.count == step + 1 ? seen.reduce(0, +) / Double(seen.count) : nil
        }
    }

    /// Average incremental accuracy: the mean of the step averages; `nil` where one of them is missing.
    public var average: Double? {
        let steps = stepAverages.compactMap { $0 }
        return !steps.isEmpty && steps.count == tasks ? steps.reduce(0, +) / Double(tasks) : nil
    }

    /// The mean accuracy over all tasks after the last one.
    public var last: Double? { stepAverages.last ?? nil }

    /// After each task but the first, how much the accuracy on earlier tasks has changed since each was learnt:
    /// mean over j < i of A[i][j] − A[j][j]. Negative is forgetting. `[tasks − 1]`.
    public var backwardTransfers: [Double?] {
        entries.indices.dropFirst().map { step in
            let changes = (0..<step).compactMap { task -> Double? in
                guard let now = entries[step][task], let learnt = entries[task][task] else { return nil }
                return now - learnt
            }
            return changes.count == step ? changes.reduce(0, +) / Double(step) : nil
        }
    }

    /// Backward transfer after the last task; `nil` with fewer than two tasks.
    public var backwardTransfer: Double? { backwardTransfers.last ?? nil }

    /// Forgetting after the last task: mean over j < T − 1 of max_{i < T − 1} A[i][j] − A[T − 1][j]; `nil` with fewer
    /// than two tasks. Negative where tasks got better. The maximum includes what was measured before task j was
    /// learnt, as in the paper's equation.
    public var forgetting: Double? {
        guard tasks > 1, let final = entries.last else { return nil }
        let drops = (0..<(tasks - 1)).compactMap { task -> Double? in
            let steps = 0..<(tasks - 1)
            guard steps.allSatisfy({ $0 < task || entries[$0][task] != nil }), let now = final[task],
                let best = steps.compactMap({ entries[$0][task] }).max()
            else { return nil }
            return best - now
        }
        return drops.count == tasks - 1 ? drops.reduce(0, +) / Double(drops.count) : nil
    }
}

/// What an accuracy matrix refuses.
public enum AccuracyMatrixError: Error, Equatable, CustomStringConvertible {
    case notSquare(rows: Int, row: Int, columns: Int)
    case notAFraction(row: Int, column: Int, value: Double)

    public var description: String {
        switch self {
        case .notSquare(let rows, let row, let columns):
            "accuracy matrix: row \(row) has \(columns) entries, expected \(rows)"
        case .notAFraction(let row, let column, let value):
            "accuracy matrix: entry [\(row)][\(column)] is \(value), expected a fraction in 0…1"
        }
    }
}
