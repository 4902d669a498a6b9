import ArgumentParser
import Credence
import Foundation

/// `credence learn` where this process reads a share of the rows: a shard, or one of several ranks with rail-primal.
extension LearnCommand {
    /// Sums of a share of the rows, into a part.
    func learnShard(_ shard: RowShard, to part: URL, _ terminal: Terminal) throws {
        try OutputCheck.canWrite(part)
        let dataset = try Dataset.open(URL(filePath: data), splits: [.train])
        let learner: RAILPrimalHead
        if FileManager.default.fileExists(atPath: model) {
            let archive = try ModelArchive(contentsOf: URL(filePath: model))
            guard archive.method == RAILPrimalHead.method else {
                throw ValidationError("--shard needs a rail-primal model; \(model) is a \(archive.method) model.")
            }
            try checkOptions(ofModel: MethodName(.railPrimal))
            learner = try RAILPrimalHead(archive: archive, factorizing: false)
        } else {
            guard head.method != nil else { throw ValidationError("--shard needs --method rail-primal.") }
            guard let made = try head.chosenMethod.make(featureDimension: dataset.featureDimension, options: head)
                as? RAILPrimalHead
            else { throw ValidationError("--shard needs --method rail-primal.") }
            learner = made
        }
        try check(dataset, fits: learner)
        let share = ShardLearning(
            shard: shard, dataset: dataset, rows: try dataset.rows(.train),
            chosen: try chosenClasses(dataset, known: learner.classNames), seed: common.seed)
        let summary = try share.write(learner, to: part, LearningReport(terminal: terminal))
        terminal.say(summary.text)
        if json { print(try JSONOutput.text(summary)) }
    }

    /// A rank's part in learning a rail-primal model: the sums of its own share of the rows, added to those of the others.
    /// The first rank saves the model.
    func learnShare(_ file: inout ModelFile, _ dataset: Dataset, _ terminal: Terminal) throws -> LearnSummary {
        guard let learner = file.head as? RAILPrimalHead else {
            preconditionFailure("shares of rows are read for rail-primal alone")
        }
        let known = learner.classNames
        let chosen = try chosenClasses(dataset, known: known)
        let clock = ContinuousClock()
        let start = clock.now
        file.forgetFitted(terminal)
        let ranks = Parallelism.ranks
        let share = ShardLearning(
            shard: RowShard(ranks.rank + 1, of: ranks.count), dataset: dataset, rows: try dataset.rows(.train),
            chosen: chosen, seed: common.seed)
        // Sums are added in place only where they have no other owner.
        file.head = try RAILPrimalHead(recipe: learner.recipe, featureDimension: learner.featureDimension)
        let learnt = try share.learnt(
            consume learner, over: ranks, LearnSummary.phrase("learning", chosen.new.count, "updating", chosen.updated.count),
            LearningReport(terminal: terminal))
        try Interruption.check()
        if let head = learnt.head {
            file.head = head
            try file.save(to: URL(filePath: model))
        }
        return LearnSummary(
            model: model, method: file.method.rawValue, learnt: chosen.new.map { dataset.classNames[$0] },
            updated: chosen.updated, rows: learnt.rows, classes: known.count + chosen.new.count, exemplars: 0,
            seconds: (clock.now - start).inSeconds)
    }
}
