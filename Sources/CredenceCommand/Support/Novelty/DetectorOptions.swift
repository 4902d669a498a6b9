import ArgumentParser
import Credence
import Foundation

/// The options that say which detector to use, and the model it asks.
struct DetectorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The model file.", valueName: "file"), completion: .file())
    var model: String?

    @Option(
        help: ArgumentHelp("A detector in a file of its own, instead of the one in the model.", valueName: "file"), completion: .file())
    var detector: String?

    func validate() throws {
        if model == nil, detector == nil { throw ValidationError("--model <file> is missing (or --detector <file>).") }
    }

    /// - Throws: where a file cannot be read, the model has no detector, or the detector is of another model.
    func load() throws -> LoadedDetector {
        let file = try model.map { try ModelFile.load(URL(filePath: $0)) }
        let source = detector ?? model ?? ""
        let found: Detector
        if let detector {
            found = try Detector(contentsOf: URL(filePath: detector))
        } else {
            guard let own = file?.detector else {
                throw CommandFailure(.badData, "\(source): has no novelty detector; make one with credence novelty fit")
            }
            found = own
        }
        guard let first = found.parts.first else { throw CommandFailure(.badData, "\(source): the detector has no scores") }
        if let file {
            do {
                try found.check(
                    classNames: file.head.classNames, dimension: file.head.featureDimension,
                    fingerprint: try file.head.archive().fingerprint())
            } catch let error as NoveltyError {
                throw CommandFailure(.badData, "\(source): \(error)")
            }
        } else if found.needs.contains(.posterior) {
            throw CommandFailure(
                .badData,
                "\(source): the score '\(found.parts.first { $0.score.needs.contains(.posterior) }?.name ?? first.name)' needs "
                    + "a model's posterior; give the model with --model")
        }
        return LoadedDetector(detector: found, head: file?.head, source: source)
    }
}

/// A detector with the head it asks.
struct LoadedDetector {
    let detector: Detector
    let head: (any Head)?
    /// The file it came from, for messages.
    let source: String

    /// Of detector and head, by content.
    func fingerprint() throws -> String {
        var archive = ModelArchive(method: Detector.method, classNames: detector.classNames)
        try detector.store(in: &archive)
        let model = try (head as? any ArchivableHead).map { try $0.archive().fingerprint() }
        return try archive.fingerprint() + " " + (model ?? "")
    }

    /// The scores of rows `[rows, D]`, one array a part.
    func scores(for features: Matrix<Float>) throws -> [[Float]] {
        guard detector.needs.contains(.posterior), let head else {
            return try detector.scores(for: NoveltyInput(features: features))
        }
        return try detector.scores(for: NoveltyInput(posterior: head.posterior(for: features), features: features))
    }

    /// The place of the score that decides: the named one, or the first.
    ///
    /// - Throws: `CommandFailure` where there is no such score.
    func decisive(_ name: String?) throws -> Int {
        guard let name else { return 0 }
        guard let place = detector.parts.firstIndex(where: { $0.name == name }) else {
            throw CommandFailure(
                .badData,
                "\(source): the detector has no score '\(name)'; it has "
                    + detector.parts.map(\.name).joined(separator: ", "))
        }
        return place
    }

    /// Rows in files or clip-retrieval folders.
    ///
    /// - Throws: `FeatureDataError`, or `CommandFailure` where rows are of another D or there are none.
    func rows(_ paths: [String]) throws -> FeatureRows {
        let rows = try FeatureRows(files: paths.flatMap { try FeatureRows.files(at: URL(filePath: $0)) })
        guard rows.dimension == detector.dimension else {
            throw CommandFailure(
                .badData,
                "\(paths[0]): rows of length \(rows.dimension), the detector \(source) expects \(detector.dimension)")
        }
        guard rows.count > 0 else { throw CommandFailure(.badData, "\(paths[0]): has no rows") }
        return rows
    }
}
