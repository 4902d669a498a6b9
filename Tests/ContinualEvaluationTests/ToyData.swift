import ContinualEvaluation
import FeatureData
import Foundation
import Matrices
import Probability
import TestSupport

/// A small data folder on disk: rows around class directions.
final class ToyData {
    let folder: TemporaryFolder
    let prompts: ClassPrompts
    let train: FeatureRows
    let test: FeatureRows
    /// The test rows as they were written.
    let testRows: LabelledFeatures

    init(classes: Int = 6, trainPerClass: Int = 8, testPerClass: Int = 7, dimension: Int = 16) throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        var stream = RandomStream(seed: 11)
        let centres = (0..<classes).map { _ in (0..<dimension).map { _ in stream.gaussian() } }
        func row(around centre: [Double], spread: Double) -> [Float] {
            let values = centre.map { $0 + spread * stream.gaussian() }
            let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return values.map { Float($0 / norm) }
        }
        prompts = ClassPrompts(
            classNames: (0..<classes).map { "class \($0)" },
            features: centres.map { centre in Matrix((0..<3).map { _ in row(around: centre, spread: 1) }) },
            logitScale: 15)
        func write(_ name: String, _ perClass: Int) throws -> (FeatureRows, LabelledFeatures) {
            let labels = (0..<(perClass * classes)).map { $0 % classes }
            let rows = Matrix(labels.map { row(around: centres[$0], spread: 1) })
            let file = folder.path(name)
            let writer = try SafetensorsWriter(
                to: file,
                tensors: [
                    TensorDeclaration("image_features", .float32, [rows.rows, dimension]),
                    TensorDeclaration("labels", .int32, [rows.rows]),
                ])
            try writer.append(rows, to: "image_features")
            try writer.append(labels, to: "labels")
            try writer.finish()
            let stored = try FeatureRows(files: [file], classCount: classes)
            return (stored, try stored.load())
        }
        train = try write("train.safetensors", trainPerClass).0
        let written = try write("test.safetensors", testPerClass)
        test = written.0
        testRows = written.1
    }

    func data(_ tasks: [[Int]]) throws -> BenchmarkData {
        try BenchmarkData(names: ["toy"], prompts: prompts, train: train, test: test, tasks: tasks)
    }
}
