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
        try LoadedDetector(
            model: model.map { ($0, try ModelFile.load(URL(filePath: $0))) },
            detector: detector.map { ($0, try Detector(contentsOf: URL(filePath: $0))) })
    }
}

extension LoadedDetector {
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
