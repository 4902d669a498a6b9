import FeatureData
import Foundation
import Matrices
import Models
import NoveltyDetection
import Prediction
import TestSupport
import Testing

/// Damaged files: readers refuse them with an error or read them, but never crash, hang or take what is not theirs.
///
/// A crash ends the test process; the file that caused it stays in the temporary folder that the failing test names.
@Suite(.timeLimit(.minutes(30))) struct FileFuzzTests {
    private let folder: TemporaryFolder
    private let prepared: PreparedModels

    init() throws {
        prepared = try PreparedModels.get()
        folder = try TemporaryFolder()
    }

    /// Damages copies of `originals` in turn and hands each to `read`; how many were refused.
    private func fuzz(_ originals: [[UInt8]], name: String, read: (URL) throws -> Void) throws -> Int {
        var (mutator, refused) = (Mutator(seed: Fuzzing.seed), 0)
        for round in 0..<Fuzzing.rounds {
            let url = try folder.file(name, mutator.damaged(originals[round % originals.count]))
            do {
                try read(url)
            } catch {
                refused += 1
                #expect(!"\(error)".isEmpty)
            }
        }
        return refused
    }

    /// Everything that can be read of a file of tensors.
    private func readAll(_ url: URL) throws {
        let file = try TensorFile(contentsOf: url)
        for tensor in file.tensors {
            if tensor.elementType.isFloatingPoint {
                let _: Matrix<Float> = try tensor.matrix()
            } else {
                _ = try tensor.integers()
            }
        }
        let rows = try FeatureRows(files: [url])
        var stream = rows.stream(blockRows: 50)
        while try stream.next() != nil {}
    }

    @Test func safetensorsFiles() throws {
        let whole = [UInt8](try Data(contentsOf: PreparedModels.features))
        let small = folder.path("small.safetensors")
        let writer = try SafetensorsWriter(
            to: small, tensors: [TensorDeclaration("image_features", .float32, [4, 8]), TensorDeclaration("labels", .int64, [4])],
            metadata: ["note": "a \"text\""])
        try writer.append(prepared.raw.rows(0..<4).firstColumns(8), to: "image_features")
        try writer.append([0, 1, 2, 3], to: "labels")
        try writer.finish()
        let refused = try fuzz([[UInt8](try Data(contentsOf: small)), whole], name: "f.safetensors", read: readAll)
        #expect(refused > Fuzzing.rounds / 4)
    }

    @Test func numPyFiles() throws {
        let refused = try fuzz([prepared.raw.rows(0..<5).firstColumns(6).npyBody], name: "f.npy", read: readAll)
        #expect(refused > Fuzzing.rounds / 4)
    }

    @Test func numPyArchives() throws {
        let archive = NumPyBytes.archive([
            ("image_features.npy", prepared.raw.rows(0..<5).firstColumns(6).npyBody),
            ("other.npy", prepared.raw.rows(0..<2).firstColumns(3).npyBody),
        ])
        let whole = try folder.file("whole.npz", archive)
        #expect(try FeatureRows(files: [whole]).count == 5)
        let refused = try fuzz([archive], name: "f.npz", read: readAll)
        #expect(refused > Fuzzing.rounds / 4)
    }

    private func use(_ url: URL) throws {
        let file = try ModelFile.load(url)
        let rows = prepared.rows.rows(0..<2)
        guard file.head.featureDimension == rows.columns, !file.head.classNames.isEmpty else { return }
        _ = try Classifier(head: file.head, topK: 2, calibration: file.calibration)
            .predictions(for: rows)
        if file.detector != nil { _ = try LoadedDetector(model: ("m", file)).scores(for: rows) }
    }

    private func models() throws -> [URL] {
        var urls = [prepared.model, prepared.other]
        for (method, options) in [("rail-primal", ["--hidden", "64"]), ("zero-shot", []), ("zero-shot+linear", ["--epochs", "1"])] {
            let url = folder.path("\(method).safetensors")
            let result = try runCommand(
                ["learn", "--model", url.path, "--data", PreparedModels.data.path, "--method", method, "--quiet"] + options)
            try #require(result.status == 0, "\(result.stderr)")
            urls.append(url)
        }
        return urls
    }

    @Test func modelFiles() throws {
        let originals = try models().map { [UInt8](try Data(contentsOf: $0)) }
        let refused = try fuzz(originals, name: "m.safetensors", read: use)
        // The fingerprint sees nearly everything.
        #expect(refused > Fuzzing.rounds * 9 / 10)
    }

    /// Models that are damaged inside and carry the fingerprint of what they hold.
    @Test func modelsWithRightFingerprints() throws {
        let originals = try models().map { try ModelArchive(contentsOf: $0) }
        var (mutator, refused) = (Mutator(seed: Fuzzing.seed), 0)
        let url = folder.path("inside.safetensors")
        for round in 0..<Fuzzing.rounds {
            var archive = originals[round % originals.count]
            for _ in 0..<1 + mutator.below(2) { Self.damage(&archive, &mutator) }
            // What cannot be written cannot be read.
            guard (try? archive.write(to: url)) != nil else { continue }
            do { try use(url) } catch { refused += 1 }
        }
        #expect(refused > Fuzzing.rounds / 4)
    }

    private static func damage(_ archive: inout ModelArchive, _ mutator: inout Mutator) {
        func text(_ text: String) -> String { String(decoding: mutator.damaged(Array(text.utf8)), as: UTF8.self) }
        let names = archive.tensors.keys.sorted()
        let name = names.isEmpty ? "" : names[mutator.below(names.count)]
        switch mutator.below(9) {
        case 0, 1: archive.configurationJSON = text(archive.configurationJSON)
        case 2:
            let keys = archive.attachments.keys.sorted()
            guard !keys.isEmpty else { return }
            let key = keys[mutator.below(keys.count)]
            archive.attachments[key] = text(archive.attachments[key] ?? "")
        case 3: archive.tensors[name] = nil
        case 4: archive.tensors[name] = archive.tensors[names[mutator.below(names.count)]]
        case 5: archive.classNames.removeLast(min(archive.classNames.count, 1 + mutator.below(2)))
        case 6: archive.classNames.append("class \(mutator.below(1000))")
        case 7: archive.method = ["clap", "linear", "rail-primal", "rail-dual", "zero-shot", "clap+linear"][mutator.below(6)]
        default: archive.tensors[name] = archive.tensors[name].map { damaged($0, &mutator) }
        }
    }

    /// Other values or another shape.
    private static func damaged(_ tensor: ArchivedTensor, _ mutator: inout Mutator) -> ArchivedTensor {
        switch tensor.values {
        case .integers(var values):
            let extremes = [0, -1, 1, .max, .min, 1 << 31, 1 << 40, 10]
            if values.isEmpty || mutator.below(4) == 0 {
                return ArchivedTensor(values + [extremes[mutator.below(8)]])
            }
            values[mutator.below(values.count)] = extremes[mutator.below(8)]
            return ArchivedTensor(values, shape: tensor.shape)
        case .single(var matrix):
            guard matrix.count > 0, mutator.below(4) > 0 else { return ArchivedTensor(Matrix<Float>(rows: mutator.below(5), columns: mutator.below(700))) }
            let extremes: [Float] = [0, -1, .nan, .infinity, -.infinity, 3e38, .leastNonzeroMagnitude, 1]
            for _ in 0..<1 + mutator.below(4) {
                matrix[mutator.below(matrix.rows), mutator.below(matrix.columns)] = extremes[mutator.below(8)]
            }
            return ArchivedTensor(matrix, shape: tensor.shape, as: .float32)
        case .double(var matrix):
            guard matrix.count > 0, mutator.below(4) > 0 else { return ArchivedTensor(Matrix<Double>(rows: mutator.below(5), columns: mutator.below(700))) }
            let extremes: [Double] = [0, -1, .nan, .infinity, -.infinity, 1e308, .leastNonzeroMagnitude, 1]
            for _ in 0..<1 + mutator.below(4) {
                matrix[mutator.below(matrix.rows), mutator.below(matrix.columns)] = extremes[mutator.below(8)]
            }
            return ArchivedTensor(matrix, shape: tensor.shape)
        }
    }
}
