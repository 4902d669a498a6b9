import FeatureData
import Foundation
import Matrices
import Prediction
import TestSupport
import Testing

@testable import NoveltyDetection

@Suite struct DetectorTests {
    private let sample = KnownSample()

    private func detector(_ scores: [any NoveltyScore]) throws -> Detector {
        try Detector(
            parts: scores.map { Detector.Part(score: $0, knownScores: [0.5, .infinity, -1]) },
            classNames: KnownSample.classNames, dimension: 12, modelFingerprint: "0123", dataFingerprint: "4567",
            truePositiveRate: 0.9)
    }

    @Test func itIsStoredBesideAModelAndTakenOutAgain() throws {
        var archive = ModelArchive(method: "linear", classNames: KnownSample.classNames)
        archive.tensors["weight"] = ArchivedTensor(sample.head.weight)
        let before = try archive.fingerprint()
        #expect(try Detector(archive: archive) == nil)
        let fitted = try Mahalanobis().fitted(to: sample.known())
        let made = try detector([fitted, Energy(temperature: 2)])
        try made.store(in: &archive)
        let folder = try TemporaryFolder()
        try archive.write(to: folder.path("model"))
        let read = try Detector(contentsOf: folder.path("model"))
        #expect(read.parts.map(\.name) == ["mahalanobis", "energy"])
        #expect((read.parts[1].score as? Energy)?.temperature == 2)
        #expect(read.parts[0].knownScores == [-1, 0.5, .infinity] && read.truePositiveRate == 0.9)
        #expect(read.modelFingerprint == "0123" && read.dataFingerprint == "4567")
        #expect(read.needs == [.posterior, .features, .fitting, .labels])
        let input = sample.input(sample.queries)
        #expect(try read.scores(for: input) == made.scores(for: input))
        // Storing another replaces the first.
        try detector([Energy()]).store(in: &archive)
        #expect(try Detector(archive: archive)?.parts.count == 1)
        #expect(!archive.tensors.keys.contains { $0.contains("whitening") })
        Detector.remove(from: &archive)
        #expect(try archive.fingerprint() == before)
    }

    @Test func anotherModelIsRefused() throws {
        let made = try detector([Energy()])
        try made.check(classNames: KnownSample.classNames, dimension: 12, fingerprint: "0123")
        func refuses(_ part: String, _ names: [String], _ dimension: Int, _ fingerprint: String) {
            let error = #expect(throws: NoveltyError.self) {
                try made.check(classNames: names, dimension: dimension, fingerprint: fingerprint)
            }
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
        refuses("dimension 13, expected 12", KnownSample.classNames, 13, "0123")
        refuses("classes is 3, expected 4", ["a", "b", "c"], 12, "0123")
        refuses("class 1 is 'x', expected 'b'", ["a", "x", "c", "d"], 12, "0123")
        refuses("fingerprint is 89, expected 0123", KnownSample.classNames, 12, "89")
    }

    @Test func whatDoesNotFitTogetherIsRefused() throws {
        #expect(throws: NoveltyError.duplicateScore("energy")) { try detector([Energy(), Energy(temperature: 2)]) }
        #expect(throws: NoveltyError.notFitted(score: "mahalanobis")) { try detector([Mahalanobis()]) }
        let fitted = try CentreDistance().fitted(to: sample.known())
        #expect(throws: NoveltyError.dimension(score: "centre-distance", found: 7, expected: 12)) {
            try Detector(
                parts: [.init(score: fitted)], classNames: KnownSample.classNames, dimension: 7, modelFingerprint: nil,
                dataFingerprint: "")
        }
        #expect(throws: NoveltyError.classCount(score: "centre-distance", found: 1, expected: 4)) {
            try Detector(
                parts: [.init(score: fitted)], classNames: ["a"], dimension: 12, modelFingerprint: nil,
                dataFingerprint: "")
        }
    }

    /// What a damaged or foreign file says; each names the file.
    @Test func damagedFilesAreNamed() throws {
        let folder = try TemporaryFolder()
        let place = folder.path("detector.safetensors")
        let fitted = try NearestNeighbours().fitted(to: sample.known())
        let made = try detector([fitted])
        func refuses(_ part: String, _ change: (inout ModelArchive) throws -> Void) throws {
            var archive = ModelArchive(method: Detector.method, classNames: KnownSample.classNames)
            try made.store(in: &archive)
            try change(&archive)
            try archive.write(to: place)
            let error = #expect(throws: (any Error).self) { try Detector(contentsOf: place) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains(part) && text.contains("detector.safetensors"), "\(text)")
        }
        try refuses("version 2, this version reads 1") {
            $0.attachments["novelty"] = $0.attachments["novelty"]?
                .replacingOccurrences(of: "\"version\":1", with: "\"version\":2")
        }
        try refuses("holds no detector") { Detector.remove(from: &$0) }
        try refuses("'novelty.0.bank' is missing") { $0.tensors["novelty.0.bank"] = nil }
        try refuses("'novelty.known.0' is missing") { $0.tensors["novelty.known.0"] = nil }
        try refuses("no novelty score 'strange'") { $0.attachments["novelty.0.score"] = "\"strange\"" }
        try refuses("no 'novelty.0.settings'") { $0.attachments["novelty.0.settings"] = nil }
        try refuses("neighbours is 0, expected 1 or more") {
            $0.attachments["novelty.0.settings"] = $0.attachments["novelty.0.settings"]?
                .replacingOccurrences(of: "\"neighbours\":50", with: "\"neighbours\":0")
        }
        try refuses("is not finite") {
            $0.tensors["novelty.0.bank"] = ArchivedTensor(Matrix<Float>(rows: 3, columns: 12, repeating: .nan))
        }
        try refuses("fitted with 4 classes") {
            $0.attachments["novelty"] = $0.attachments["novelty"]?.replacingOccurrences(of: "\"c\",\"d\"", with: "\"c\"")
        }

        try made.write(to: place)
        var bytes = [UInt8](try Data(contentsOf: place))
        bytes[bytes.count - 100] ^= 1
        let damaged = try folder.file("detector.safetensors", bytes)
        #expect(throws: ModelArchiveError.self) { try Detector(contentsOf: damaged) }
    }

    /// Every stored tensor with a row and a column more than it should have: an error, never a crash.
    @Test(arguments: FittedScoreLaws.scores.indices)
    func aTensorOfAnotherShapeIsRefused(index: Int) throws {
        func fit(_ score: some FittableNoveltyScore) throws -> any NoveltyScore { try score.fitted(to: sample.known()) }
        var archive = ModelArchive(method: Detector.method, classNames: KnownSample.classNames)
        try detector([fit(FittedScoreLaws.scores[index])]).store(in: &archive)
        // Known scores may be of any number.
        for (name, tensor) in archive.tensors where name.hasPrefix("novelty.0.") && !name.contains("known.") {
            var damaged = archive
            switch tensor.values {
            case .single(let matrix):
                damaged.tensors[name] = ArchivedTensor(Matrix<Float>(rows: matrix.rows + 1, columns: matrix.columns + 1))
            case .double(let matrix):
                damaged.tensors[name] = ArchivedTensor(Matrix<Double>(rows: matrix.rows + 1, columns: matrix.columns + 1))
            case .integers(let integers): damaged.tensors[name] = ArchivedTensor(integers + [1_000_000])
            }
            do {
                let read = try #require(try Detector(archive: damaged))
                // A tensor that gives the model its shape may be read in another one; scoring must then refuse the rows.
                _ = try read.scores(for: sample.input(sample.queries))
                Issue.record("\(name) of another shape was taken")
            } catch is ModelArchiveError {
            } catch is NoveltyError {}
        }
    }

    @Test func settingsAreCheckedByName() throws {
        let score = try NoveltyScores.named("nearest-neighbours", settings: #"{"neighbours": 3, "normalizes": false}"#)
        #expect((score as? NearestNeighbours)?.neighbours == 3 && (score as? NearestNeighbours)?.normalizes == false)
        #expect(throws: NoveltyError.unknownScore("x")) { try NoveltyScores.named("x", settings: "{}") }
        func refuses(_ part: String, _ name: String, _ settings: String) {
            let error = #expect(throws: NoveltyError.self) { try NoveltyScores.named(name, settings: settings) }
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
        refuses("neighbours is 0, expected 1 or more", "nearest-neighbours", #"{"neighbours": 0}"#)
        refuses("neighbors is 3, expected one of exactRows", "nearest-neighbours", #"{"neighbors": 3}"#)
        refuses("expected a value of the setting's type", "nearest-neighbours", #"{"neighbours": "many"}"#)
        refuses("expected a JSON object", "energy", "[1]")
        refuses("temperature is -1", "energy", #"{"temperature": -1}"#)
    }
}

@Suite struct KnownRowsTests {
    private let sample = KnownSample()

    @Test func badRowsAreNamed() throws {
        func refuses(_ part: String, _ features: Matrix<Float>, _ labels: [Int], count: Int = 2) {
            let known = KnownRows(count: count, dimension: 3, classNames: ["a", "b"]) { body in
                try body(LabelledFeatures(features: features, labels: labels))
            }
            let error = #expect(throws: NoveltyError.self) { try known.forEachBlock { _ in } }
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
        refuses("row 1 has the label 2, expected 0 to 1", Matrix(rows: 2, columns: 3, repeating: 1), [0, 2])
        refuses("row 1 is not finite in column 2", Matrix([[1, 1, 1], [1, 1, .nan]]), [0, 1])
        refuses("row 0 has 4 dimensions, expected 3", Matrix(rows: 2, columns: 4, repeating: 1), [0, 1])
        refuses("a pass gave 2 rows, expected 3", Matrix(rows: 2, columns: 3, repeating: 1), [0, 1], count: 3)
    }

    @Test func samplesAreSeededAndWithoutReplacement() throws {
        let known = sample.known(blockRows: 50)
        let one = try known.sample(100, stream: 1)
        #expect(one.count == 100 && Set((0..<100).map { one.features.row($0) }).count == 100)
        #expect(try known.sample(100, stream: 1).features == one.features)
        #expect(try known.sample(100, stream: 2).features != one.features)
        #expect(try sample.known(blockRows: 7).sample(100, stream: 1).features == one.features)
        #expect(try known.sample(1000, stream: 1).features == sample.rows.features)
    }

    @Test func selectionsKeepRowsAndTheirLabels() throws {
        let half = sample.known(blockRows: 50).selecting { $0 % 2 == 1 }
        #expect(half.count == 120)
        var labels: [Int] = []
        try half.forEachBlock(posterior: true) { block in
            labels += block.labels
            #expect(block.posterior?.rows == block.labels.count)
        }
        #expect(labels == stride(from: 1, to: 240, by: 2).map { sample.rows.labels[$0] })
    }

    @Test func fewRowsAreShrunkWithANote() throws {
        let few = LabelledFeatures(features: sample.rows.features.rows(0..<10), labels: Array(sample.rows.labels[..<10]))
        let known = KnownRows(few, classNames: KnownSample.classNames)
        let fitted = try Mahalanobis().fitted(to: known)
        #expect(fitted.notes.first?.contains("6 degrees of freedom for 12 dimensions") == true, "\(fitted.notes)")
        #expect(throws: NoveltyError.self) { try Mahalanobis(covariance: .scatter(ridge: 0)).fitted(to: known) }
        #expect(try Mahalanobis().fitted(to: sample.known()).notes.isEmpty)
    }

    @Test func progressCanStopAFit() throws {
        var known = sample.known(blockRows: 50)
        known.progress = { _ in throw CancellationError() }
        #expect(throws: CancellationError.self) { try Mahalanobis().fitted(to: known) }
    }

    @Test func needsAreNamed() throws {
        let bare = KnownRows(sample.rows, classNames: KnownSample.classNames)
        let error = #expect(throws: NoveltyError.self) { try TextCosine().fitted(to: bare) }
        #expect(error == .missing(.classText, score: "text-cosine"))
        #expect(error?.description == "the novelty score 'text-cosine' needs class text features")
    }
}
