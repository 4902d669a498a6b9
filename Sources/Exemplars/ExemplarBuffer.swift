import FeatureData
import Matrices
import Prediction
import Synchronization

/// Rows kept to rehearse on: at most `budget` in all, shared equally by the classes so far.
///
/// With K classes, class k may hold ⌊budget / K⌋ rows, and one more where k < budget mod K. A share that a class cannot
/// fill, having fewer rows, stays empty. When classes are added, the rows of an old class are cut to the first of its
/// own ranking, so what is kept is always what its selector would have kept for the smaller share. A class that is met
/// again may be chosen anew from what is stored and what is new.
///
/// Memory: budget · D · 4 bytes.
public struct ExemplarBuffer: Sendable {
    /// The most rows the buffer may hold.
    public let budget: Int
    /// Class after class in the order of labels; within a class best first.
    public private(set) var exemplars: LabelledFeatures

    /// An empty buffer for `budget` rows.
    public init(budget: Int = 2000) {
        precondition(budget >= 0, "a budget of \(budget) rows")
        self.budget = budget
        exemplars = LabelledFeatures(features: Matrix(rows: 0, columns: 0), labels: [])
    }

    /// A buffer with rows that were stored: the `exemplars` of an earlier buffer. Within a class their order is kept.
    ///
    /// - Throws: `ExemplarError.invalidBudget`, or `labelOutOfRange` where a label is negative.
    public init(budget: Int, stored: LabelledFeatures) throws(ExemplarError) {
        guard budget >= 0 else { throw .invalidBudget(budget) }
        if let row = stored.labels.firstIndex(where: { $0 < 0 }) {
            throw .labelOutOfRange(row: row, label: stored.labels[row], classes: .max)
        }
        self.budget = budget
        let order = stored.labels.indices.sorted { (stored.labels[$0], $0) < (stored.labels[$1], $1) }
        exemplars = LabelledFeatures(
            features: stored.features.selectingRows(order), labels: order.map { stored.labels[$0] })
    }

    public var count: Int { exemplars.count }
    public var isEmpty: Bool { exemplars.labels.isEmpty }

    /// The classes that hold rows, ascending.
    public var classes: [Int] {
        exemplars.labels.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    /// The rows that class `label` may hold when there are `classes` in all.
    public func share(ofClass label: Int, among classes: Int) -> Int {
        precondition(label >= 0 && label < classes, "class \(label) of \(classes)")
        return budget / classes + (label < budget % classes ? 1 : 0)
    }

    /// The rows of the given classes, class after class in the order of labels.
    public func exemplars(ofClasses labels: some Sequence<Int>) -> LabelledFeatures {
        let wanted = Set(labels)
        return gathering(exemplars.labels.indices.filter { wanted.contains(exemplars.labels[$0]) })
    }

    /// Makes room for the classes of a new task and chooses their rows. O(rows · D) and the selector's own work.
    ///
    /// - Parameters:
    ///   - rows: the task's rows, labelled by class.
    ///   - classes: all classes known after the task; labels are below it.
    ///   - reselecting: what becomes of rows of a class that the buffer holds already. `false` passes over them. `true`
    ///     chooses the class's share anew among its stored rows (the first candidates) and the new ones, so that it stands
    ///     for both; a class without new rows keeps its own.
    ///   - posterior: the head's `posterior(for:)`; asked for the candidates of each class where the selector needs it.
    /// - Throws: `ExemplarError`, and what the selector and `posterior` throw; the buffer is then unchanged.
    public mutating func update(
        with rows: LabelledFeatures, classes: Int, selector: some ExemplarSelector, seed: UInt64, reselecting: Bool = false,
        posterior: ((Matrix<Float>) throws -> LogitPosterior)? = nil
    ) throws {
        if let row = rows.labels.firstIndex(where: { $0 < 0 || $0 >= classes }) {
            throw ExemplarError.labelOutOfRange(row: row, label: rows.labels[row], classes: classes)
        }
        if let last = exemplars.labels.last, last >= classes {
            throw ExemplarError.labelOutOfRange(row: count - 1, label: last, classes: classes)
        }
        if !isEmpty, rows.count > 0, rows.features.columns != exemplars.features.columns {
            throw ExemplarError.featureDimension(
                expected: exemplars.features.columns, found: rows.features.columns)
        }
        if selector.needsPosterior, posterior == nil {
            throw ExemplarError.posteriorRequired(selector: selector.name)
        }

        let held = Dictionary(grouping: exemplars.labels.indices, by: { exemplars.labels[$0] })
        let new = Dictionary(grouping: rows.labels.indices, by: { rows.labels[$0] })
        let labels = Set(held.keys).union(new.keys).sorted()
        var places: [ClassRows] = []
        for label in labels {
            let share = share(ofClass: label, among: classes)
            let (heldRows, newRows) = (held[label] ?? [], new[label] ?? [])
            let keeps = !heldRows.isEmpty && !(reselecting && !newRows.isEmpty)
            places.append(
                ClassRows(label: label, share: share, held: keeps ? Array(heldRows.prefix(share)) : heldRows,
                    new: keeps ? [] : newRows))
        }
        if selector.needsPosterior, let posterior {
            for place in places.indices where !places[place].new.isEmpty {
                places[place].posterior = try posterior(candidates(places[place], rows))
            }
        }
        let chosen = try selecting(places, rows, selector, seed)
        guard !labels.isEmpty else { return }
        exemplars = LabelledFeatures(
            features: Matrix(stacking: chosen),
            labels: zip(labels, chosen).flatMap { Array(repeating: $0, count: $1.rows) })
    }

    /// What may be kept of one class.
    private struct ClassRows {
        let label: Int
        let share: Int
        /// Rows of the buffer.
        let held: [Int]
        /// New rows; none where `held` is kept as it is.
        let new: [Int]
        var posterior: LogitPosterior?
    }

    private func candidates(_ place: ClassRows, _ rows: LabelledFeatures) -> Matrix<Float> {
        let new = rows.features.selectingRows(place.new)
        return place.held.isEmpty ? new : exemplars.features.selectingRows(place.held).appendingRows(new)
    }

    /// The rows to keep of each class, the classes on all threads.
    private func selecting(
        _ places: [ClassRows], _ rows: LabelledFeatures, _ selector: some ExemplarSelector, _ seed: UInt64
    ) throws -> [Matrix<Float>] {
        let results = Mutex([Result<Matrix<Float>, any Error>?](repeating: nil, count: places.count))
        let buffer = self
        Parallelism.forEach(pieces: places.count) { index in
            let place = places[index]
            let result = Result {
                guard !place.new.isEmpty else { return buffer.exemplars.features.selectingRows(place.held) }
                let features = buffer.candidates(place, rows)
                let ranking = try selector.ranking(
                    of: ExemplarCandidates(
                        classLabel: place.label, features: features, posterior: place.posterior, seed: seed),
                    count: place.share)
                return features.selectingRows(Array(ranking.prefix(place.share)))
            }
            results.withLock { $0[index] = result }
        }
        return try results.withLock { $0 }.compactMap { try $0?.get() }
    }

    private func gathering(_ rows: [Int]) -> LabelledFeatures {
        LabelledFeatures(
            features: exemplars.features.selectingRows(rows), labels: rows.map { exemplars.labels[$0] })
    }
}
