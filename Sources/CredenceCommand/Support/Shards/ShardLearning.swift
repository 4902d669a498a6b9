import Credence
import Foundation

/// A share of a task's training rows to the sums of a rail-primal head, in one pass and constant memory: the work of
/// `learn --shard`, and of a rank of `mpirun credence learn`.
///
/// Only the share's features are read, besides up to 320 rows spread over the whole that make sure that all shards mean the same
/// data. Labels of the whole are read only where some of the data's classes are left out: the number of rows that are learnt
/// says which of them the link from scores to logits is fitted on.
struct ShardLearning {
    let shard: RowShard
    let dataset: Dataset
    let rows: FeatureRows
    let chosen: ChosenClasses
    let seed: UInt64

    struct Summary: Encodable {
        var part: String
        var shard: String
        /// Rows learnt of the share, and of all shares.
        var rows: Int
        var allRows: Int
        var seconds: Double

        var text: String {
            "summed \(rows) rows, shard \(shard) of \(allRows) rows, in \(Format.fixed(seconds, 1)) s; wrote \(part)"
        }
    }

    func write(_ head: consuming RAILPrimalHead, to part: URL, _ report: LearningReport) throws -> Summary {
        let clock = ContinuousClock()
        let start = clock.now
        let learning = try summed(head, "summing shard \(shard)", report)
        try Interruption.check()
        let result = learning.part(shard)
        try result.archive().write(to: part)
        return Summary(
            part: part.relativePath, shard: "\(shard)", rows: result.rows, allRows: learning.task.rows,
            seconds: (clock.now - start).inSeconds)
    }

    /// The head of all ranks' shares, of which this is the one of this rank; on the other ranks than the first nil: one
    /// solves and writes.
    ///
    /// - Throws: also `RAILPartError.disagree` where ranks see other data or another model.
    func learnt(
        _ head: consuming RAILPrimalHead, over ranks: any RankGroup, _ title: String, _ report: LearningReport
    ) throws -> (head: RAILPrimalHead?, rows: Int) {
        var learning = try summed(head, title, report)
        try learning.sum(over: ranks)
        try Interruption.check()
        if let empty = chosen.places.firstIndex(where: { $0.map { learning.counts[$0] == 0 } ?? false }) {
            throw CommandFailure(
                .badData, "\(dataset.folder.relativePath): class '\(dataset.classNames[empty])' has no training rows")
        }
        let rows = learning.task.rows
        return (ranks.isFirst ? try learning.finished() : nil, rows)
    }

    /// The sums of the share's rows.
    private func summed(
        _ head: consuming RAILPrimalHead, _ title: String, _ report: LearningReport
    ) throws -> RAILPrimalLearning {
        guard rows.hasLabels else {
            throw CommandFailure(.badData, "\(dataset.folder.relativePath): the training rows have no labels")
        }
        let range = shard.range(of: rows.count)
        let plan = try learnt(before: range.lowerBound)
        guard plan.total > 0 else {
            throw CommandFailure(.badData, "\(dataset.folder.relativePath): no training rows of the classes to learn")
        }
        var data = Fingerprint()
        data.add(try rows.sampleFingerprint())
        data.add(dataset.classNames.description)
        let task = try head.task(
            dataset.prompts.selecting(chosen.new), rows: plan.total, sample: try rows.gather(plan.sample), seed: seed,
            data: data.description)
        var learning = try RAILPrimalLearning(head, task: task, from: plan.before)
        report.begin(title)
        let blockRows = min(RAILPrimalLearning.blockRows, max(1, (range.count + 3) / 4))
        let steps = (range.count + blockRows - 1) / blockRows
        var stream = rows.stream(blockRows: blockRows, in: range)
        var step = 0
        while let block = try stream.next() {
            let labels = (block.labels ?? []).map { chosen.places[$0] }
            let taken = labels.indices.filter { labels[$0] != nil }
            let features = taken.count == block.count ? block.features : block.features.selectingRows(taken)
            try learning.add(LabelledFeatures(features: features, labels: labels.compactMap { $0 }))
            step += 1
            try report.observe(
                LearningProgress(
                    phase: .train, epoch: 1, epochs: 1, step: step, steps: steps, loss: .nan, rows: taken.count))
        }
        return learning
    }

    /// Of the rows that are learnt: their number, the number of those before a row, and the places of the first of them.
    private func learnt(before first: Int) throws -> (total: Int, before: Int, sample: [Int]) {
        let wanted = RAILPrimalHead.taskSample
        guard chosen.places.contains(where: { $0 == nil }) else {
            return (rows.count, first, Array(0..<min(wanted, rows.count)))
        }
        var (total, before, sample): (Int, Int, [Int]) = (0, 0, [])
        for start in stride(from: 0, to: rows.count, by: Self.labelsAtOnce) {
            try Interruption.check()
            let labels = try rows.labels(start..<min(start + Self.labelsAtOnce, rows.count)) ?? []
            for (offset, label) in labels.enumerated() where chosen.places[label] != nil {
                if sample.count < wanted { sample.append(start + offset) }
                if start + offset < first { before += 1 }
                total += 1
            }
        }
        return (total, before, sample)
    }

    private static let labelsAtOnce = 1 << 20
}
