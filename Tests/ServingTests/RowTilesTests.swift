import Foundation
import Matrices
import Models
import NoveltyDetection
import Prediction
import TestSupport
import Testing

@testable import Serving

/// A row's answer has the same bits whatever rows it is asked for with, and wherever it stands among them.
@Suite struct RowTilesTests {
    private let prepared: PreparedModels

    init() throws { prepared = try PreparedModels.get() }

    /// Rows in blocks of several sizes, each from another place on.
    private static let blocks = [1, 2, 3, 16, 17, 63, 64, 65, 130, 199]

    private func expectSame<Answer: Equatable>(_ answer: (Matrix<Float>) throws -> [Answer], _ name: String) throws {
        let rows = prepared.rows.rows(0..<200)
        let together = try answer(rows)
        for size in Self.blocks {
            let start = (7 * size) % (200 - size + 1)
            let part = try answer(rows.rows(start..<start + size))
            #expect(part == Array(together[start..<start + size]), "\(name): \(size) rows from row \(start)")
        }
        let order = Array((0..<200).reversed())
        #expect(try answer(rows.selectingRows(order)) == order.map { together[$0] }, "\(name): reversed")
        #expect(try Parallelism.withThreads(1) { try answer(rows) } == together, "\(name): one thread")
    }

    /// Figures and all probabilities of each row, as bits.
    private func bits(_ file: ModelFile) -> (Matrix<Float>) throws -> [[UInt32]] {
        { rows in
            let classifier = Classifier(head: file.head, topK: 3, calibration: file.calibration)
            let block = try classifier.predictions(for: rows)
            return (0..<block.count).map { row in
                block.classes[3 * row..<3 * row + 3].map { UInt32($0) }
                    + block.figures.map { $0.values[row].bitPattern } + block.probabilities.row(row).map(\.bitPattern)
            }
        }
    }

    @Test(arguments: ["clap", "linear", "rail-primal", "rail-dual", "zero-shot", "clap+rail"])
    func predictionsAreTheRowsOwn(_ method: String) throws {
        let url = prepared.folder.path("tiles-\(method).safetensors")
        var options = ["learn", "--model", url.path, "--data", PreparedModels.data.path, "--method", method, "--quiet"]
        if method.contains("clap") { options += ["--epochs", "1"] }
        if method == "rail-primal" || method == "clap+rail" { options += ["--hidden", "300"] }
        let result = try runCommand(options)
        try #require(result.status == 0, "\(result.stderr)")
        try expectSame(bits(ModelFile.load(url)), method)
    }

    @Test func calibrationByAMatrixChangesNothing() throws {
        let url = prepared.folder.path("tiles-matrix.safetensors")
        try FileManager.default.copyItem(at: prepared.model, to: url)
        try PreparedModels.credence(
            "calibrate", "--model", url.path, "--data", PreparedModels.data.path, "--method", "matrix", "--quiet")
        try expectSame(bits(ModelFile.load(url)), "matrix")
    }

    @Test func monteCarloDrawsAreEveryRowsOwn() throws {
        var file = try ModelFile.load(prepared.model)
        try file.setPrediction(context: nil, samples: 8)
        try expectSame(bits(file), "samples")
    }

    /// All scores that can be fitted to these data.
    @Test func noveltyScoresAreTheRowsOwn() throws {
        let listing = try PreparedModels.credence("novelty", "list", "--json")
        let known = try #require(try JSONSerialization.jsonObject(with: Data(listing.utf8)) as? [[String: Any]])
        // Those of other words' text need what these data do not have.
        let fitted = known.filter { !(($0["needs"] as? [String]) ?? []).contains("text features of other words") }
            .compactMap { $0["name"] as? String }
        let url = prepared.folder.path("every-score.safetensors")
        let result = try runCommand(
            ["novelty", "fit", "--model", prepared.model.path, "--data", PreparedModels.data.path, "--score"] + fitted
                + ["--output", url.path, "--quiet"])
        try #require(result.status == 0, "\(result.stderr)")
        let loaded = try LoadedDetector(
            model: ("model", ModelFile.load(prepared.model)), detector: ("every", Detector(contentsOf: url)))
        for (place, name) in loaded.detector.parts.map(\.name).enumerated() {
            try expectSame({ try loaded.scores(for: $0)[place].map(\.bitPattern) }, name)
        }
    }

    @Test func noRowsAndErrorsPassThrough() throws {
        let none = try RowTiles.map(Matrix<Float>(rows: 0, columns: 3)) { _, count in count }
        #expect(none.isEmpty)
        #expect(throws: HeadError.self) {
            try RowTiles.map(Matrix<Float>(rows: 300, columns: 3)) { _, _ in throw HeadError.invalidTask("no") }
        }
        let counts = try RowTiles.map(Matrix<Float>(rows: 130, columns: 3)) { tile, count in [tile.rows, count] }
        #expect(counts == [[64, 64], [64, 64], [64, 2]])
    }
}
