import Matrices
import Prediction

/// SHE: minus the inner product with the stored pattern of the predicted class, −x·S_ŷ, S_c being the mean of the known
/// rows of c that are classified rightly (Zhang et al. 2023, openreview.net/forum?id=KkazG4lgKL, equation 9).
///
/// `LinearClassifier` says what classifies. A class of which no row is classified rightly has the mean of all its rows.
/// O(D · classes) a row.
public struct SimplifiedHopfieldEnergy: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "she", summary: "Minus the inner product with the mean pattern of the predicted class",
        source: "Zhang et al. 2023, openreview.net/forum?id=KkazG4lgKL", needs: [.features, .fitting, .labels])

    public init() {}

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let classifier = try rows.linearClassifier(notes: &notes)
        var sums = Matrix<Double>(rows: classifier.classes, columns: rows.dimension)
        var counts = [Int](repeating: 0, count: classifier.classes)
        try rows.forEachBlock { block in
            let predicted = classifier.logits(block.features).rowArgmaxima()
            let features = Matrix<Double>(block.features)
            let base = sums.mutablePointer()
            for (row, label) in block.labels.enumerated() where predicted[row] == label {
                counts[label] += 1
                let own = base + label * rows.dimension
                Double.Kernels.combine(own, 1, own, 1, features.pointer + row * rows.dimension, rows.dimension)
            }
        }
        let statistics = try rows.statistics()
        var missed = 0
        for label in counts.indices {
            if counts[label] == 0, statistics.counts[label] > 0 { missed += 1 }
            for d in 0..<rows.dimension {
                sums[label, d] = counts[label] > 0 ? sums[label, d] / Double(counts[label]) : statistics.means[label, d]
            }
        }
        if missed > 0 {
            notes.append("\(name): of \(missed) classes no row is classified rightly; their mean is that of all")
        }
        return Model(classifier: classifier, patterns: Matrix<Float>(sums))
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { block in
            let predicted = model.classifier.logits(block).rowArgmaxima()
            return block.multipliedElementwise(by: model.patterns.selectingRows(predicted)).rowSums().map { -$0 }
        }
    }

    public struct Model: NoveltyModel {
        let classifier: LinearClassifier
        /// `[classes, D]`.
        let patterns: Matrix<Float>

        init(classifier: LinearClassifier, patterns: Matrix<Float>) {
            self.classifier = classifier
            self.patterns = patterns
        }

        public func write(to archive: inout ScoreArchive) throws {
            try classifier.write(to: &archive)
            archive.set(patterns, as: "patterns")
        }

        public init(archive: ScoreArchive) throws {
            classifier = try LinearClassifier(archive: archive)
            patterns = try archive.matrix("patterns", rows: classifier.classes, columns: classifier.dimension)
        }
    }
}
