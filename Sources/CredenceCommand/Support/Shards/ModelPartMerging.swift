import Credence
import Foundation

/// Parts of a RAIL model to the model. Memory: the model's, and one part.
struct ModelPartMerging {
    let parts: [URL]
    let model: String?
    /// Missing shards are left out.
    let isPartial: Bool
    let terminal: Terminal

    func run(to target: URL) throws -> MergeSummary {
        let headers = try RAILPrimalPartHeader.ordered(
            parts.map { try RAILPrimalPartHeader(contentsOf: $0) }, allowingMissing: isPartial)
        guard let first = headers.first else { throw ShardSetError.noParts }
        var (file, head) = try self.head(for: first)
        file.forgetFitted(terminal)
        var learning: RAILPrimalLearning?
        var rows = 0
        for (place, header) in headers.enumerated() {
            try Interruption.check()
            terminal.redraw("adding part \(place + 1) of \(headers.count)")
            let part = try RAILPrimalPart(archive: ModelArchive(contentsOf: header.url))
            if learning == nil, let owned = head {
                head = nil
                learning = try RAILPrimalLearning(owned, task: part.task, name: part.name)
            }
            try learning?.add(part)
            rows += part.rows
        }
        try Interruption.check()
        terminal.redraw("solving")
        guard let sums = learning else { throw ShardSetError.noParts }
        learning = nil
        file.head = try sums.finished()
        try Interruption.check()
        try file.save(to: target)
        return MergeSummary(
            output: target.relativePath, parts: headers.count, missing: first.shard.count - headers.count, rows: rows,
            classes: file.head.classNames.count)
    }

    /// The model that the parts are for, its head apart: sums are added in place only where they have no other owner.
    private func head(for part: RAILPrimalPartHeader) throws -> (file: ModelFile, head: RAILPrimalHead?) {
        let agreement = part.agreement
        let empty = try RAILPrimalHead(recipe: agreement.recipe, featureDimension: agreement.featureDimension)
        if let model, FileManager.default.fileExists(atPath: model) {
            var file = try ModelFile.load(URL(filePath: model), answering: false)
            guard let head = file.head as? RAILPrimalHead else {
                throw CommandFailure(
                    .badData, "\(model): is a \(file.method.rawValue) model, \(part.url.relativePath) is a part of a rail-primal one")
            }
            file.head = empty
            return (file, head)
        }
        if let base = agreement.model {
            throw CommandFailure(
                .inputMissing,
                "\(part.url.relativePath): is a task for the model with the fingerprint \(base): give it with --model"
                    + (model.map { " (\($0) does not exist)" } ?? ""))
        }
        return (
            ModelFile(method: MethodName(.railPrimal), head: empty, exemplars: ExemplarBuffer(budget: 0), exemplarStore: nil),
            empty
        )
    }
}
