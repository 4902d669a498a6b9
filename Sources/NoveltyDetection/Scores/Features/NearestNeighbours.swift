import FeatureData
import Matrices
import Prediction

/// The distance to the k-th nearest known row, both of unit length (Sun et al. 2022, arXiv:2204.06507).
///
/// Exact up to `exactRows` known rows, O(known rows · D) a row; beyond that by an inverted file (`InvertedFile`) in
/// which `probes` of about √(known rows) cells are searched. Keeps the known rows: 4·D bytes each.
public struct NearestNeighbours: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "nearest-neighbours", summary: "Distance to the k-th nearest known row",
        source: "Sun et al. 2022, arXiv:2204.06507", needs: [.features, .fitting])

    /// k, from 1. Fewer known rows than that make it their number.
    public var neighbours: Int
    /// Whether rows are scaled to unit length first.
    public var normalizes: Bool
    /// Known rows kept, a random choice of more; 0 for all.
    public var maximumRows: Int
    /// Known rows up to which the search is exact.
    public var exactRows: Int
    /// Cells searched beyond that.
    public var probes: Int

    public init(
        neighbours: Int = 50, normalizes: Bool = true, maximumRows: Int = 1_000_000, exactRows: Int = 200_000,
        probes: Int = 32
    ) {
        self.neighbours = neighbours
        self.normalizes = normalizes
        self.maximumRows = maximumRows
        self.exactRows = exactRows
        self.probes = probes
    }

    public func checkSettings() throws(NoveltyError) {
        try require(neighbours >= 1, "neighbours", neighbours, "1 or more")
        try require(maximumRows >= 0, "maximumRows", maximumRows, "0 or more")
        try require(exactRows >= 0, "exactRows", exactRows, "0 or more")
        try require(probes >= 1, "probes", probes, "1 or more")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let kept = try rows.bank(maximumRows, score: name, notes: &notes).features
        if kept.rows < neighbours {
            notes.append(
                "\(name): there are \(kept.rows) known rows, so the farthest of them stands for neighbour \(neighbours)")
        }
        let bank = normalizes ? kept.normalizedRows() : kept
        guard bank.rows > exactRows else { return Model(bank: bank, file: nil) }
        let file = try InvertedFile(bank, seed: rows.seed)
        notes.append(
            "\(name): \(bank.rows) known rows in \(file.cells) cells, of which \(min(probes, file.cells)) are searched")
        return Model(bank: file.bank, file: file)
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        let rows = try input.features(for: self)
        let queries = normalizes ? rows.normalizedRows() : rows
        let count = min(neighbours, model.bank.rows)
        let distance: @Sendable (Int, ArraySlice<Neighbour>) -> Float = { _, nearest in
            // Fewer than `count` were found where the cells searched hold no more.
            nearest.last { $0.index != .max }?.distance ?? .greatestFiniteMagnitude
        }
        if let file = model.file { return file.scores(queries, count: count, probes: probes, distance) }
        return model.search.scores(queries, count: count, distance)
    }

    public struct Model: NoveltyModel {
        /// The known rows kept, `[rows, D]`.
        let bank: Matrix<Float>
        let file: InvertedFile?
        let search: NeighbourSearch

        init(bank: Matrix<Float>, file: InvertedFile?) {
            self.bank = bank
            self.file = file
            search = NeighbourSearch(bank: bank, similarity: .euclidean)
        }

        public func write(to archive: inout ScoreArchive) throws {
            archive.set(bank, as: "bank")
            file?.write(to: &archive)
        }

        public init(archive: ScoreArchive) throws {
            let bank = try archive.matrix("bank", columns: archive.dimension)
            guard bank.rows > 0 else { throw archive.damaged("bank", "it has no rows") }
            self.init(bank: bank, file: try InvertedFile(bank, archive: archive))
        }
    }
}

extension KnownRows {
    /// The known rows, or a random choice of them, to be kept.
    func bank(_ maximum: Int, score: String, notes: inout [String]) throws -> LabelledFeatures {
        if maximum > 0, maximum < count {
            notes.append("\(score): keeps \(maximum) of \(count) known rows, chosen at random")
        }
        let wanted = Self.bankSample(maximum, of: count)
        return try sample(wanted.size, stream: wanted.stream)
    }

    static func bankSample(_ maximum: Int, of count: Int) -> ShardedFit.Sample {
        ShardedFit.Sample(maximum > 0 ? maximum : count, stream: 1)
    }
}
