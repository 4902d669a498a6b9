import ArgumentParser
import Credence
import Foundation

/// Parts of a fit of novelty scores to the detector. Memory: the parts.
struct DetectorPartMerging {
    let parts: [URL]
    let model: String?
    /// Whether the detector goes into the model.
    let isInModel: Bool
    let terminal: Terminal

    func run(to target: URL) throws -> MergeSummary {
        let read = try parts.map { url in
            try Interruption.check()
            return (name: url.relativePath, part: try NoveltyFitPart(archive: ModelArchive(contentsOf: url)))
        }
        guard let agreement = read.first?.part.agreement else { throw ShardSetError.noParts }
        if agreement.model != nil, model == nil {
            throw ValidationError("\(read[0].name) is a fit for a model: give it with --model (and --output for a detector apart).")
        }
        if agreement.model == nil, let model {
            throw ValidationError("\(read[0].name) is a fit without a model: leave --model \(model) out and give --output.")
        }
        var file = try model.map { try ModelFile.load(URL(filePath: $0)) }
        let detector = try NoveltyFitPart.detector(
            joining: read, head: file?.head, modelFingerprint: try file?.head.archive().fingerprint()
        ) { name in
            try Interruption.check()
            terminal.redraw("fitting \(name)")
        }
        try Interruption.check()
        if isInModel {
            file?.detector = detector
            try file?.save(to: target)
        } else {
            try detector.write(to: target)
        }
        let told = try NoveltyFitSummary(
            detector, model: model, rows: agreement.rows, isHeldOutOfFit: agreement.isHeldOut, written: target.relativePath)
        for line in told.lines { terminal.say(line) }
        if agreement.compared > told.thresholdRows {
            terminal.say("thresholds come from \(told.thresholdRows) of \(agreement.compared) rows, evenly spaced")
        }
        return MergeSummary(
            output: target.relativePath, parts: read.count, missing: 0, rows: agreement.rows, classes: agreement.classNames.count)
    }
}
