/// Transfer, Average and Last of runs in which every task is examined after every task, those still to come by zero-shot
/// (Zheng et al. 2023, arXiv:2303.06628, section 5.1; RAIL: Xu et al. 2024, arXiv:2406.18868; DIKI: Tang et al. 2024,
/// arXiv:2407.05342). Fractions, where the papers have percentages.
extension AccuracyMatrix {
    /// What an accuracy of exactly 0 is.
    public enum ZeroRule: Sendable {
        /// An accuracy like others: DIKI's code, and the definition.
        case counted
        /// Not measured: RAIL's published code, which so loses a true 0.
        case missing
    }

    /// For each task the mean of its accuracies before it was learnt, A[i][j] over i < j; `nil` for the first task, and
    /// where none was measured. `[tasks]`.
    public func transferPerTask(zeros: ZeroRule = .counted) -> [Double?] {
        (0..<tasks).map { task in
            let before = (0..<task).compactMap { entries[$0][task] }
            guard before.count == task else { return nil }
            return Self.mean(zeros == .missing ? before.filter { $0 != 0 } : before)
        }
    }

    /// Transfer: the mean of `transferPerTask` over the tasks that have one; `nil` where none has, and where an entry
    /// before a task was learnt is missing.
    public func transfer(zeros: ZeroRule = .counted) -> Double? {
        let isMeasured = (0..<tasks).allSatisfy { task in (0..<task).allSatisfy { entries[$0][task] != nil } }
        return isMeasured ? Self.mean(transferPerTask(zeros: zeros).compactMap { $0 }) : nil
    }

    /// For each task the mean of its accuracies after every task, before it was learnt and since; `nil` where one is
    /// missing. `[tasks]`.
    public var averagePerTask: [Double?] {
        (0..<tasks).map { task in
            let all = entries.compactMap { $0[task] }
            return all.count == tasks ? Self.mean(all) : nil
        }
    }

    /// Average as these papers define it: the mean of all entries. (`average` is over the tasks seen, as class-incremental
    /// papers define it.)
    public var overallAverage: Double? {
        let columns = averagePerTask.compactMap { $0 }
        return columns.count == tasks ? Self.mean(columns) : nil
    }

    /// The accuracies after the last task. `[tasks]`.
    public var lastPerTask: [Double?] { entries.last ?? [] }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
