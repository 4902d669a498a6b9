import Credence
import Foundation

/// The work of `novelty score`: rows to scores to lines.
///
/// To a file in two steps: scores of all blocks into a journal, which can be resumed, then lines from the journal into the
/// file, which appears whole. To standard output in one, unless the false discovery rate needs all p-values first; then
/// the journal is a nameless temporary file.
final class NoveltyScoring {
    private let loaded: LoadedDetector
    private let rows: FeatureRows
    private let decisive: Int
    private let format: NoveltyRowWriter.TextFormat
    private let rate: Double
    private let fdr: (level: Double, known: FalseDiscoveryRate.Known)?
    private let watch: DriftWatch?
    private let blockRows: Int
    private let terminal: Terminal
    private let pValues: [ConformalPValues]

    init(
        loaded: LoadedDetector, rows: FeatureRows, decisive: Int, format: NoveltyRowWriter.TextFormat, tpr: Double?,
        fdr: (Double, FalseDiscoveryRate.Known)?, drift: Double?, driftState: String?, blockRows: Int, seed: UInt64,
        terminal: Terminal
    ) throws {
        (self.loaded, self.rows, self.decisive, self.format) = (loaded, rows, decisive, format)
        rate = tpr ?? loaded.detector.truePositiveRate
        self.fdr = fdr.map { (level: $0.0, known: $0.1) }
        (self.blockRows, self.terminal) = (blockRows, terminal)
        pValues = try loaded.detector.parts.map { try $0.pValues() }
        watch = try drift.map {
            try DriftWatch(
                known: loaded.detector.parts[decisive].knownScores.map(Double.init), probability: $0,
                file: driftState.map { URL(filePath: $0) }, seed: seed)
        }
    }

    func runToStandardOutput() throws {
        let sink = TextOutput()
        if fdr != nil {
            let temporary = FileManager.default.temporaryDirectory.appending(path: "credence.\(UUID().uuidString).journal")
            let journal = try journal(at: temporary, files: rows.urls, resume: false)
            journal.remove()  // nameless from here on: gone with the process
            try scoreAll(into: journal)
            try writeLines(from: journal, to: sink)
        } else {
            let writer = try writer(rule: .threshold(loaded.detector.parts[decisive].threshold(truePositiveRate: rate)))
            try sink.write(writer.header)
            let progress = RowProgress(terminal: terminal, verb: "scoring", rows: rows.count)
            var (stream, novel) = (rows.stream(blockRows: blockRows), 0)
            while let block = try stream.next() {
                try Interruption.check()
                let scores = try loaded.scores(for: block.features)
                let (text, count) = writer.lines(scores, firstRow: block.firstRow)
                try sink.write(text)
                try watch?.add(scores[decisive], terminal)
                novel += count
                progress.reached(stream.position)
            }
            try sink.finish()
            report(novel, progress)
        }
        try watch?.save()
    }

    func run(to target: URL, files: [URL], resume: Bool) throws {
        let place = URL(filePath: target.path + ".journal")
        let journal = try journal(at: place, files: files, resume: resume)
        if resume, journal.rows > 0 { terminal.say("\(journal.rows) of \(rows.count) rows are in \(place.relativePath)") }
        do {
            try scoreAll(into: journal)
            let sink = try TextOutput(file: target)
            try writeLines(from: journal, to: sink)
        } catch {
            if journal.blocks == 0 {
                journal.remove()
            } else if error is CancellationError {
                terminal.warn(
                    "\(journal.rows) of \(rows.count) rows are kept in \(place.lastPathComponent); the same command with "
                        + "--resume goes on from there")
            }
            throw error
        }
        journal.remove()
        try watch?.save()
    }

    private func journal(at url: URL, files: [URL], resume: Bool) throws -> ScoreJournal {
        var fingerprint = Fingerprint()
        fingerprint.add(try loaded.fingerprint())
        return try ScoreJournal(
            url,
            run: ScoreJournal.Run(
                detector: fingerprint.description, files: try files.map(Self.identity), rows: rows.count,
                blockRows: blockRows, scores: loaded.detector.parts.count),
            resume: resume)
    }

    private static func identity(of file: URL) throws -> String {
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        let size = (attributes[.size] as? Int) ?? 0
        let changed = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(file.standardizedFileURL.path) \(size) \(changed)"
    }

    private func scoreAll(into journal: ScoreJournal) throws {
        let progress = RowProgress(terminal: terminal, verb: "scoring", rows: rows.count, from: journal.rows)
        var stream = rows.stream(blockRows: blockRows, from: journal.rows)
        while let block = try stream.next() {
            try Interruption.check()
            try journal.append(loaded.scores(for: block.features))
            progress.reached(stream.position)
        }
        terminal.say("scored " + progress.summary)
    }

    private func writeLines(from journal: ScoreJournal, to sink: TextOutput) throws {
        let writer = try writer(rule: try rule(journal))
        try sink.write(writer.header)
        let progress = RowProgress(terminal: terminal, verb: "writing", rows: rows.count)
        var (novel, position) = (0, 0)
        try forEachBlock(of: journal) { scores in
            let (text, count) = writer.lines(scores, firstRow: position)
            try sink.write(text)
            try watch?.add(scores[decisive], terminal)
            novel += count
            position += scores[decisive].count
            progress.reached(position)
        }
        try sink.finish()
        report(novel, progress)
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
    private func rule(_ journal: ScoreJournal) throws -> NoveltyRowWriter.Rule {
        guard let fdr else { return .threshold(try loaded.detector.parts[decisive].threshold(truePositiveRate: rate)) }
        let p = pValues[decisive]
        var counts = [Int](repeating: 0, count: p.known.count + 1)
        try forEachBlock(of: journal) { scores in
            for score in scores[decisive] { counts[score.isNaN ? p.known.count : p.rank(Double(score)) - 1] += 1 }
        }
        return .discovery(FalseDiscoveryRate(conformalCounts: counts, level: fdr.level, known: fdr.known))
    }

    private func writer(rule: NoveltyRowWriter.Rule) throws -> NoveltyRowWriter {
        NoveltyRowWriter(loaded.detector, format: format, decisive: decisive, rule: rule, pValues: pValues)
    }

    private func report(_ novel: Int, _ progress: RowProgress) {
        terminal.say("\(novel) of \(rows.count) rows are novel by \(loaded.detector.parts[decisive].name)")
    }
}
