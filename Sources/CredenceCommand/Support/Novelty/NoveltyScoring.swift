import Credence
import Foundation

/// What `novelty score` tells at the end.
struct NoveltyScoreSummary: Encodable {
    var output: String
    var rows: Int
    var novel: Int
    /// The score that decides.
    var score: String
    /// Of that score, unless a false discovery rate decides.
    var threshold: Double?
    var falseDiscoveryRate: Double?
    var drift: DriftWatch.Summary?
}

/// The work of `novelty score`: rows to scores to lines or records.
///
/// To a file in two steps: scores of all blocks into a journal, which can be resumed, then rows from the journal into the
/// file, which appears whole. To standard output in one, unless the false discovery rate needs all p-values first; then
/// the journal is a nameless temporary file.
final class NoveltyScoring {
    struct Settings {
        var format: PredictionFormat
        /// The score that decides, where it is not the first.
        var decide: String?
        /// Instead of the detector's own.
        var truePositiveRate: Double?
        var falseDiscovery: (level: Double, known: FalseDiscoveryRate.Known)?
        var ties: ConformalPValues.Ties
        var drift: DriftAlarm.Rule?
        var driftState: URL?
        var blockRows: Int
        var seed: UInt64
        /// Beginning where blocks do: the same blocks give the same bits.
        var shard = RowShard.whole
    }

    private let loaded: LoadedDetector
    private let rows: FeatureRows
    private let settings: Settings
    /// The rows of the shard.
    let range: Range<Int>
    private let decisive: Int
    private let threshold: NoveltyThreshold
    private let pValues: [ConformalPValues]
    private let watch: DriftWatch?
    private let terminal: Terminal

    init(loaded: LoadedDetector, rows: FeatureRows, settings: Settings, terminal: Terminal) throws {
        (self.loaded, self.rows, self.settings, self.terminal) = (loaded, rows, settings, terminal)
        range = settings.shard.range(of: rows.count, alignedTo: settings.blockRows)
        decisive = try loaded.decisive(settings.decide)
        let part = loaded.detector.parts[decisive]
        threshold = try part.threshold(
            truePositiveRate: settings.truePositiveRate ?? loaded.detector.truePositiveRate)
        pValues = try loaded.detector.parts.map { try $0.pValues() }
        watch = try settings.drift.map {
            try DriftWatch(
                known: part.knownScores.map(Double.init), rule: $0, file: settings.driftState, seed: settings.seed)
        }
    }

    func runToStandardOutput() throws {
        let writer = try settings.format.noveltyWriter(to: nil, rows: rows.count, scores: names)
        var done = 0
        do {
            if settings.falseDiscovery != nil {
                let temporary = FileManager.default.temporaryDirectory.appending(
                    path: "credence.\(UUID().uuidString).journal")
                let journal = try journal(at: temporary, files: rows.urls, resume: false)
                journal.remove()  // nameless from here on: gone with the process
                try scoreAll(into: journal)
                _ = try write(journal, to: writer) { done = $0 }
            } else {
                let rule = rule(.threshold(threshold))
                let progress = RowProgress(terminal: terminal, verb: "scoring", rows: rows.count)
                var novel = 0
                try forEachScoredBlock(from: 0) { scores in
                    let scored = rule.rows(scores, firstRow: done)
                    try writer.write(scored)
                    try watch?.add(scored.scores[decisive], terminal)
                    novel += scored.isNovel.count { $0 }
                    done += scored.count
                    progress.reached(done)
                }
                try writer.finish()
                report(novel)
            }
        } catch is CancellationError where done > 0 {
            throw CommandFailure(.interrupted, "interrupted; \(done) of \(rows.count) rows were done")
        }
        try watch?.save()
    }

    func run(to target: URL, files: [URL], resume: Bool) throws -> NoveltyScoreSummary {
        let place = URL(filePath: target.path + ".journal")
        let journal = try journal(at: place, files: files, resume: resume)
        if resume, journal.rows > 0 { terminal.say("\(journal.rows) of \(range.count) rows are in \(place.relativePath)") }
        let novel: Int
        do {
            try scoreAll(into: journal)
            novel = try write(
                journal, to: settings.format.noveltyWriter(to: target, rows: range.count, scores: names)) { _ in }
        } catch {
            if journal.blocks == 0 {
                journal.remove()
            } else if error is CancellationError {
                throw CommandFailure(
                    .interrupted,
                    "interrupted; \(target.lastPathComponent) was not written, but the scores of \(journal.rows) of "
                        + "\(range.count) rows are kept in \(place.lastPathComponent); the same command with --resume goes "
                        + "on from there")
            }
            throw error
        }
        journal.remove()
        try watch?.save()
        return NoveltyScoreSummary(
            output: target.relativePath, rows: range.count, novel: novel, score: names[decisive],
            threshold: settings.falseDiscovery == nil && threshold.value.isFinite ? threshold.value : nil,
            falseDiscoveryRate: settings.falseDiscovery?.level, drift: watch?.summary)
    }

    private var names: [String] { loaded.detector.parts.map(\.name) }

    private func journal(at url: URL, files: [URL], resume: Bool) throws -> ScoreJournal {
        var fingerprint = Fingerprint()
        fingerprint.add(try loaded.fingerprint())
        return try ScoreJournal(
            url,
            run: ScoreJournal.Run(
                detector: fingerprint.description, files: try files.map(Self.identity) + (settings.shard == .whole ? [] : ["shard \(settings.shard)"]), rows: range.count,
                blockRows: settings.blockRows, scores: loaded.detector.parts.count),
            resume: resume)
    }

    private static func identity(of file: URL) throws -> String {
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        let size = (attributes[.size] as? Int) ?? 0
        let changed = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(file.standardizedFileURL.path) \(size) \(changed)"
    }

    private func scoreAll(into journal: ScoreJournal) throws {
        let first = range.lowerBound + journal.rows
        let progress = RowProgress(terminal: terminal, verb: "scoring", rows: range.upperBound, from: first)
        try forEachScoredBlock(from: first) { scores in
            try journal.append(scores)
            progress.reached(range.lowerBound + journal.rows)
        }
        terminal.say("scored " + progress.summary)
    }

    /// What other ranks than the first do: their part of the scores.
    func help() throws { try forEachScoredBlock(from: 0) { _ in } }

    /// Calls `body` with the scores of each block from a row on, in order. Among several ranks blocks are scored in turn, and
    /// the first, which says where to begin, receives them all.
    private func forEachScoredBlock(from first: Int, _ body: ([[Float]]) throws -> Void) throws {
        let (ranks, size) = (Parallelism.ranks, settings.blockRows)
        guard !ranks.isAlone else {
            var stream = rows.stream(blockRows: size, in: first..<range.upperBound)
            while let block = try stream.next() {
                try Interruption.check()
                try body(loaded.scores(for: block.features))
            }
            return
        }
        let begin = try ranks.agreed(on: first)
        try ranks.inTurns((rows.count - begin + size - 1) / size) { index in
            try Interruption.check()
            var stream = rows.stream(blockRows: size, from: begin + index * size)
            var record = ByteRecord()
            if let block = try stream.next() {
                for part in try loaded.scores(for: block.features) { record.append(part) }
            }
            return record.bytes
        } take: { _, bytes in
            var record = ByteRecord(bytes)
            var scores: [[Float]] = []
            while !record.isAtEnd { scores.append(record.next()) }
            try body(scores)
        }
    }

    /// Writes all rows of a complete journal; how many of them are novel.
    private func write(
        _ journal: ScoreJournal, to writer: any NoveltyWriter, reached: (Int) -> Void
    ) throws -> Int {
        let rule = rule(try limit(journal))
        let progress = RowProgress(terminal: terminal, verb: "writing", rows: range.upperBound, from: range.lowerBound)
        var (novel, position) = (0, range.lowerBound)
        try forEachBlock(of: journal) { scores in
            let scored = rule.rows(scores, firstRow: position)
            try writer.write(scored)
            try watch?.add(scores[decisive], terminal)
            novel += scored.isNovel.count { $0 }
            position += scored.count
            reached(position)
            progress.reached(position)
        }
        try writer.finish()
        report(novel)
        return novel
    }

    private func forEachBlock(of journal: ScoreJournal, _ body: ([[Float]]) throws -> Void) throws {
        for index in 0..<journal.blocks {
            try Interruption.check()
            guard let scores = try journal.block(index) else {
                throw CommandFailure(.inputOutput, "block \(index) of the journal cannot be read back")
            }
            try body(scores)
        }
    }

    /// With a false discovery rate p-values are counted first: as many numbers as there are known scores.
    private func limit(_ journal: ScoreJournal) throws -> NoveltyRule.Limit {
        guard let rate = settings.falseDiscovery else { return .threshold(threshold) }
        let p = pValues[decisive]
        var counts = [Int](repeating: 0, count: p.known.count + 1)
        try forEachBlock(of: journal) { scores in
            for score in scores[decisive] { counts[score.isNaN ? p.known.count : p.rank(Double(score)) - 1] += 1 }
        }
        return .discovery(FalseDiscoveryRate(conformalCounts: counts, level: rate.level, known: rate.known))
    }

    private func rule(_ limit: NoveltyRule.Limit) -> NoveltyRule {
        NoveltyRule(limit: limit, decisive: decisive, pValues: pValues, ties: settings.ties, seed: settings.seed)
    }

    private func report(_ novel: Int) {
        terminal.say("\(novel) of \(range.count) rows are novel by \(names[decisive])")
    }
}
