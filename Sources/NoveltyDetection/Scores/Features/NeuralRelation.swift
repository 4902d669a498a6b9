import Matrices
import Prediction

/// Relation: minus the mean relation to the known rows, where two rows are related as they lie together and are classified
/// alike: k(x, y) = max(0, cos(x, y)) · p(x)·p(y), taken where it exceeds `threshold`, to the power `power` (Kim et al.
/// 2023, arXiv:2301.12321, section 3.3).
///
/// `LinearClassifier` says what gives the probabilities p. Keeps known rows: 4·(D + classes) bytes each, a random choice
/// of more than `maximumRows`. O(known rows · (D + classes)) a row.
public struct NeuralRelation: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "relation", summary: "Minus the mean similarity to known rows in features and probabilities",
        source: "Kim et al. 2023, arXiv:2301.12321", needs: [.features, .fitting, .labels])

    /// From 1.
    public var power: Int
    /// From 0, below 1.
    public var threshold: Float
    /// Known rows kept; 0 for all.
    public var maximumRows: Int

    public init(power: Int = 1, threshold: Float = 0, maximumRows: Int = 50_000) {
        self.power = power
        self.threshold = threshold
        self.maximumRows = maximumRows
    }

    public func checkSettings() throws(NoveltyError) {
        try require(power >= 1 && power <= 64, "power", power, "1 to 64")
        try require(threshold >= 0 && threshold < 1, "threshold", threshold, "0 or more and below 1")
        try require(maximumRows >= 0, "maximumRows", maximumRows, "0 or more")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let classifier = try rows.linearClassifier(notes: &notes)
        let kept = try rows.bank(maximumRows, score: name, notes: &notes).features
        return Model(
            classifier: classifier, bank: kept.normalizedRows(), probabilities: classifier.logits(kept).softmax())
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        let (power, threshold) = (power, threshold)
        return RowBlocks.scores(try input.features(for: self)) { block in
            let unit = block.normalizedRows()
            let probabilities = model.classifier.logits(block).softmax()
            var sums = [Double](repeating: 0, count: block.rows)
            for start in stride(from: 0, to: model.bank.rows, by: 1024) {
                let range = start..<min(start + 1024, model.bank.rows)
                let cosines = unit.multiplied(by: model.bank.rows(range), .transposed)
                let agreement = probabilities.multiplied(by: model.probabilities.rows(range), .transposed)
                let relations = cosines.multipliedElementwise(by: agreement)
                for row in 0..<block.rows {
                    sums[row] += Double(
                        Self.total(relations.pointer + row * range.count, range.count, threshold, power))
                }
            }
            return sums.map { Float(-$0 / Double(model.bank.rows)) }
        }
    }

    /// Σ vᵖ of the values above the threshold, in lanes.
    private static func total(_ values: UnsafePointer<Float>, _ count: Int, _ threshold: Float, _ power: Int) -> Float {
        func taken(_ value: SIMD8<Float>) -> SIMD8<Float> {
            let kept = value.replacing(with: 0, where: value .<= threshold)
            var product = kept
            for _ in 1..<power { product *= kept }
            return product
        }
        var (sum, index) = (SIMD8<Float>.zero, 0)
        while index + 8 <= count {
            sum += taken(UnsafeRawPointer(values + index).loadUnaligned(as: SIMD8<Float>.self))
            index += 8
        }
        var rest = SIMD8<Float>.zero
        for lane in 0..<(count - index) { rest[lane] = values[index + lane] }
        return (sum + taken(rest)).sum()
    }

    public struct Model: NoveltyModel {
        let classifier: LinearClassifier
        /// Known rows of unit length, `[rows, D]`, and their probabilities, `[rows, classes]`.
        let bank: Matrix<Float>
        let probabilities: Matrix<Float>

        init(classifier: LinearClassifier, bank: Matrix<Float>, probabilities: Matrix<Float>) {
            self.classifier = classifier
            self.bank = bank
            self.probabilities = probabilities
        }

        public func write(to archive: inout ScoreArchive) throws {
            try classifier.write(to: &archive)
            archive.set(bank, as: "bank")
            archive.set(probabilities, as: "probabilities")
        }

        public init(archive: ScoreArchive) throws {
            classifier = try LinearClassifier(archive: archive)
            bank = try archive.matrix("bank", columns: classifier.dimension)
            guard bank.rows > 0 else { throw archive.damaged("bank", "it has no rows") }
            probabilities = try archive.matrix("probabilities", rows: bank.rows, columns: classifier.classes)
        }
    }
}
