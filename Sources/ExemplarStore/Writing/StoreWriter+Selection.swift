// Choosing rows of classes within a budget.
import Exemplars
import FeatureData
import Foundation
import GRDB
import Matrices
import Prediction

/// How rows are chosen.
public struct SelectionPlan {
    /// What becomes of candidates of a class that the store holds already.
    public enum KnownClasses: String, Sendable, CaseIterable {
        /// An error.
        case refuse
        /// They are passed over.
        case keep
        /// The class's rows are chosen anew among those stored and the candidates; pinned rows stay.
        case rechoose
    }

    public var selector: any ExemplarSelector
    public var budget: ExemplarBudget
    public var seed: UInt64
    public var knownClasses: KnownClasses
    /// The head's `posterior(for:)`, for selectors that need it.
    public var posterior: ((Matrix<Float>) throws -> LogitPosterior)?
    /// The label of a class in the posterior, by name; default: its position in the store.
    public var label: ((String) -> Int?)?
    /// The model, as it shall stand in the store.
    public var model: String?
    /// Further settings, as they shall stand in the store.
    public var settings: [String: String] = [:]

    public init(
        selector: any ExemplarSelector, budget: ExemplarBudget, seed: UInt64, knownClasses: KnownClasses = .refuse,
        model: String? = nil, label: ((String) -> Int?)? = nil, posterior: ((Matrix<Float>) throws -> LogitPosterior)? = nil
    ) {
        (self.selector, self.budget, self.seed, self.knownClasses) = (selector, budget, seed, knownClasses)
        (self.model, self.label, self.posterior) = (model, label, posterior)
    }
}

/// What a selection did.
public struct SelectionSummary: Sendable, Hashable, Codable {
    public var candidates = 0
    /// Rows new to the store.
    public var added = 0
    /// Rows that were there before and are not any more.
    public var removed = 0
    /// Rows and classes in the store afterwards.
    public var rows = 0
    public var classes = 0
    public var relativeSquaredError = 0.0
    public var meanCosine = 1.0
}

extension StoreWriter {
    /// Chooses rows of the candidates' classes, makes room for them by shrinking the other classes, and records all of it.
    /// New classes become a task.
    ///
    /// Every class gets its quota of the budget (`ExemplarBudget.quotas`); pinned rows count and stay. A class that is not
    /// chosen from keeps the first of its ranking. The random numbers of a selector depend on the seed and the class's label.
    ///
    /// Memory: the rows of the largest class, and the selector's own. The store stays locked for other writers throughout.
    ///
    /// - Parameter progress: called with the candidates looked at so far; what it throws undoes everything.
    /// - Throws: `ExemplarStoreError`, `ExemplarError`, and what the selector, the posterior and the candidates throw.
    @discardableResult
    public func select(
        from candidates: TaskCandidates, _ plan: SelectionPlan, progress: (Int) throws -> Void = { _ in }
    ) throws -> SelectionSummary {
        if plan.selector.needsPosterior, plan.posterior == nil {
            throw ExemplarError.posteriorRequired(selector: plan.selector.name)
        }
        let before = try reader.count()
        let held = Set(try reader.classes().filter { $0.rows > $0.pinned }.map(\.name))
        if plan.knownClasses == .refuse, let known = candidates.classes.first(where: { held.contains($0.name) }) {
            throw ExemplarStoreError.knownClass(file: file, known.name)
        }
        let chosen = candidates.classes.filter { plan.knownClasses == .rechoose || !held.contains($0.name) }
        let classes = try addClasses(chosen.map(\.name))
        let place = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1.name, $0) })
        var pools: [Int: ClassPool] = [:]
        for candidate in chosen {
            guard let index = place[candidate.name] else { continue }
            pools[index] = try pool(candidate, of: classes[index], candidates)
        }
        let quotas = try plan.budget.quotas(
            classes.enumerated().map { index, stored in
                .init(pinned: stored.pinned, rows: stored.pinned + (pools[index]?.count ?? stored.rows - stored.pinned))
            })
        let selection = try addSelection(
            .select, selector: plan.selector.name, seed: plan.seed, budget: plan.budget, model: plan.model,
            settings: plan.settings, candidates: chosen.reduce(0) { $0 + $1.rows.count })
        try setBudget(plan.budget)
        try learnCodebook(from: chosen, candidates, seed: plan.seed)

        var summary = SelectionSummary()
        var loss = EncodingLoss()
        for (index, stored) in classes.enumerated() {
            if let pool = pools[index] {
                let label = try self.label(stored, plan)
                loss.add(try choose(quotas[index] - stored.pinned, from: pool, of: stored, label, candidates, plan, selection))
                summary.candidates += pool.new.count
                try progress(summary.candidates)
            } else {
                _ = try shrink(stored, to: quotas[index])
            }
        }
        try record(loss, of: selection)
        try removeUnusedSources()
        summary.added = loss.rows
        (summary.rows, summary.classes) = (try reader.count(), classes.count)
        summary.removed = before + loss.rows - summary.rows
        (summary.relativeSquaredError, summary.meanCosine) = (loss.relativeSquaredError, loss.meanCosine)
        return summary
    }

    /// The rows of a class to choose from: those stored and not pinned, then the new ones that are not stored.
    private struct ClassPool {
        var stored: [Int64]
        var new: [Int]
        var count: Int { stored.count + new.count }
    }

    private func pool(
        _ candidate: TaskCandidates.ClassRows, of stored: StoredClass, _ candidates: TaskCandidates
    ) throws -> ClassPool {
        var pool = ClassPool(stored: [], new: candidate.rows)
        guard stored.rows > 0 else { return pool }
        let sources = try reader.sources()
        var known = Set<Location>()
        let rows = try Row.fetchCursor(
            db, sql: "SELECT id, pinned, source_id, source_row FROM rows WHERE class_id = ? ORDER BY pinned DESC, rank",
            arguments: [stored.id])
        while let row = try rows.next() {
            if try !row.value(1, as: Bool.self) { pool.stored.append(try row.value(0)) }
            known.insert(Location(source: sources[try row.value(2)] ?? "", row: try row.value(3)))
        }
        pool.new.removeAll { known.contains(candidates.location($0)) }
        return pool
    }

    private func label(_ stored: StoredClass, _ plan: SelectionPlan) throws -> Int {
        guard let label = plan.label else { return stored.position }
        guard let label = label(stored.name) else {
            guard plan.selector.needsPosterior else { return stored.position }
            throw ExemplarStoreError.format(
                file: plan.model ?? "the model",
                "does not know class '\(stored.name)', for whose rows the selector '\(plan.selector.name)' needs its posterior")
        }
        return label
    }

    /// Ranks a class's pool and writes the first `count` of the ranking.
    private func choose(
        _ count: Int, from pool: ClassPool, of stored: StoredClass, _ label: Int, _ candidates: TaskCandidates,
        _ plan: SelectionPlan, _ selection: Int64
    ) throws -> EncodingLoss {
        var features = try candidates.features(pool.new)
        if let index = features.firstNonfinite {
            let place = candidates.location(pool.new[index / features.columns])
            throw ExemplarStoreError.row(file: file, "row \(place.row) of \(place.source) has a feature that is not finite")
        }
        if !pool.stored.isEmpty { features = try storedFeatures(pool.stored).appendingRows(features) }
        let ranked = try plan.selector.selection(
            of: ExemplarCandidates(
                classLabel: label, features: features,
                posterior: plan.selector.needsPosterior ? try plan.posterior?(features) : nil, seed: plan.seed),
            count: count)
        // Ranks of stored rows are freed before they are given again; what is not ranked goes.
        try db.execute(
            sql: "UPDATE rows SET rank = -1 - rank WHERE class_id = ? AND pinned = 0", arguments: [stored.id])
        var (chosen, new): ([Int], [NewRow]) = ([], [])
        for (rank, index) in ranked.indices.prefix(count).enumerated() {
            let gain = ranked.gains[rank]
            let score = gain.isFinite ? gain : nil
            if index < pool.stored.count {
                try db.execute(
                    sql: "UPDATE rows SET rank = ?, score = ?, selection_id = ? WHERE id = ?",
                    arguments: [rank, score, selection, pool.stored[index]])
            } else {
                chosen.append(index)
                new.append(
                    NewRow(
                        location: candidates.location(pool.new[index - pool.stored.count]), rank: rank, isPinned: false,
                        score: score, addedAt: now, selection: selection))
            }
        }
        try db.execute(sql: "DELETE FROM rows WHERE class_id = ? AND pinned = 0 AND rank < 0", arguments: [stored.id])
        return try insert(features.selectingRows(chosen), new, of: stored)
    }

    private func storedFeatures(_ identities: [Int64]) throws -> Matrix<Float> {
        let codec = try reader.codec()
        var features = Matrix<Float>(rows: identities.count, columns: format.dimension)
        let target = features.mutablePointer()
        let statement = try db.cachedStatement(sql: "SELECT features FROM rows WHERE id = ?")
        for (place, identity) in identities.enumerated() {
            let data = try Data.fetchOne(statement, arguments: [identity]) ?? Data()
            guard data.withUnsafeBytes({ codec.decode($0, into: target + place * format.dimension) }) else {
                throw ExemplarStoreError.damaged(file: file, "a row has \(data.count) bytes that are no row of \(format.encoding)")
            }
        }
        return features
    }

    /// Centroids from a sample of all candidates, some of every class.
    private func learnCodebook(
        from chosen: [TaskCandidates.ClassRows], _ candidates: TaskCandidates, seed: UInt64
    ) throws {
        guard try needsCodebook() else { return }
        let total = chosen.reduce(0) { $0 + $1.rows.count }
        let step = max(1, total / ProductQuantizer.trainingRows)
        let samples = try chosen.compactMap { one -> Matrix<Float>? in
            try candidates.features(stride(from: 0, to: one.rows.count, by: step).map { one.rows[$0] })
        }
        try learnCodebook(from: Matrix(stacking: samples), seed: seed)
    }
}
