import Foundation
import Matrices

/// Sums of the unit rows of each class, whose directions can stand in for text features.
struct ClassMeans {
    private var sums: Matrix<Double>
    private var counts: [Int]

    init(classes: Int, dimension: Int) {
        sums = Matrix(rows: classes, columns: dimension)
        counts = [Int](repeating: 0, count: classes)
    }

    mutating func add(_ features: Matrix<Float>, _ labels: [Int]) {
        let dimension = features.columns
        let target = sums.mutablePointer()
        for (row, label) in labels.enumerated() {
            let values = features.pointer + row * dimension
            var square = 0.0
            for column in 0..<dimension { square += Double(values[column]) * Double(values[column]) }
            guard square > 0 else { continue }
            let (scale, own) = (1 / square.squareRoot(), target + label * dimension)
            for column in 0..<dimension { own[column] += scale * Double(values[column]) }
            counts[label] += 1
        }
        withExtendedLifetime(features) {}
    }

    /// One prompt a class of unit length.
    ///
    /// - Throws: `FeatureDataError.badData` for a class without training rows.
    func prompts(_ names: [String], _ url: URL) throws -> ClassPrompts {
        let features = try names.indices.map { index -> Matrix<Float> in
            let row = sums.row(index)
            let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard counts[index] > 0, norm > 0 else {
                throw FeatureDataError(
                    .badData, url, "the class '\(names[index])' has no training rows whose mean could be its text feature")
            }
            return Matrix(rows: 1, columns: row.count, elements: row.map { Float($0 / norm) })
        }
        return ClassPrompts(classNames: names, features: features, logitScale: ClassPrompts.defaultLogitScale)
    }
}
