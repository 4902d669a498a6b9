import Matrices
import Prediction

/// NNGuide: the energy of a row times its guidance, the mean of the k largest cosines to known rows, each times the known
/// row's own energy: −E(x) · mean_k cos(x, x_i)·E(x_i), E = log Σ_c exp(z_c) (Park, Jung and Teoh 2023,
/// arXiv:2309.14888, equations 3 to 5).
///
/// `LinearClassifier` says what gives the logits z. Keeps known rows: 4·D bytes each, a random choice of more than
/// `maximumRows`. O(known rows · D) a row.
public struct NearestNeighbourGuidance: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "nnguide", summary: "Energy times the mean similarity to near known rows, weighted by theirs",
        source: "Park, Jung and Teoh 2023, arXiv:2309.14888", needs: [.features, .fitting, .labels])

    /// k, from 1.
    public var neighbours: Int
    /// Known rows kept; 0 for all.
    public var maximumRows: Int

    public init(neighbours: Int = 10, maximumRows: Int = 200_000) {
        self.neighbours = neighbours
        self.maximumRows = maximumRows
    }

    public func checkSettings() throws(NoveltyError) {
        try require(neighbours >= 1, "neighbours", neighbours, "1 or more")
        try require(maximumRows >= 0, "maximumRows", maximumRows, "0 or more")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let classifier = try rows.linearClassifier(notes: &notes)
        let kept = try rows.bank(maximumRows, score: name, notes: &notes).features
        var bank = kept.normalizedRows()
        let base = bank.mutablePointer()
        for (row, energy) in classifier.logits(kept).logSumExp().enumerated() {
            Float.Kernels.scale(base + row * bank.columns, energy, bank.columns)
        }
        return Model(classifier: classifier, bank: bank)
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        let rows = try input.features(for: self)
        let energies = model.classifier.logits(rows).logSumExp()
        let count = min(neighbours, model.search.bank.rows)
        return model.search.scores(rows.normalizedRows(), count: count) { row, nearest in
            -energies[row] * nearest.reduce(0) { $0 + $1.similarity } / Float(count)
        }
    }

    public struct Model: NoveltyModel {
        let classifier: LinearClassifier
        /// Over the known rows of unit length times their energy, `[rows, D]`.
        let search: NeighbourSearch

        init(classifier: LinearClassifier, bank: Matrix<Float>) {
            self.classifier = classifier
            search = NeighbourSearch(bank: bank, similarity: .innerProduct)
        }

        public func write(to archive: inout ScoreArchive) throws {
            try classifier.write(to: &archive)
            archive.set(search.bank, as: "bank")
        }

        public init(archive: ScoreArchive) throws {
            let classifier = try LinearClassifier(archive: archive)
            let bank = try archive.matrix("bank", columns: classifier.dimension)
            guard bank.rows > 0 else { throw archive.damaged("bank", "it has no rows") }
            self.init(classifier: classifier, bank: bank)
        }
    }
}
