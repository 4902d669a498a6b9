import Matrices
import Prediction

/// VRA: the energy of the logits when each activation is clipped from above, and low ones are suppressed, at percentiles
/// of that activation over known rows (Xu et al. 2023, arXiv:2302.11716).
///
/// Made for activations that are not negative, where suppressing sets low ones to zero; signed ones are clipped from
/// below instead, which `clipsLow` says. `LinearClassifier` says what gives the logits; the percentiles are those of at
/// most 10,000 known rows. O(D · classes) a row.
public struct VariationalRectification: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "vra", summary: "Energy with activations clipped at both ends (made for non-negative ones)",
        source: "Xu et al. 2023, arXiv:2302.11716", needs: [.features, .fitting, .labels])

    /// 0…1, the lower not above the upper.
    public var lowerPercentile: Double
    public var upperPercentile: Double
    /// Whether low activations are raised to the lower limit instead of being set to zero.
    public var clipsLow: Bool

    public init(lowerPercentile: Double = 0.01, upperPercentile: Double = 0.99, clipsLow: Bool = true) {
        self.lowerPercentile = lowerPercentile
        self.upperPercentile = upperPercentile
        self.clipsLow = clipsLow
    }

    public func checkSettings() throws(NoveltyError) {
        try require(upperPercentile >= 0 && upperPercentile <= 1, "upperPercentile", upperPercentile, "0 to 1")
        try require(
            lowerPercentile >= 0 && lowerPercentile <= upperPercentile, "lowerPercentile", lowerPercentile,
            "0 to the upper percentile, \(upperPercentile)")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let columns = try rows.activationSample().transposed()
        var (lower, upper): ([Float], [Float]) = ([], [])
        for column in 0..<columns.rows {
            let values = columns.row(column).sorted()
            lower.append(quantile(ofSorted: values, lowerPercentile))
            upper.append(quantile(ofSorted: values, upperPercentile))
        }
        return Model(classifier: try rows.linearClassifier(notes: &notes), lower: lower, upper: upper)
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        let (lower, upper, clipsLow) = (model.lower, model.upper, clipsLow)
        return model.classifier.energies(try input.features(for: self)) { block in
            block.forEachRow { row in
                for d in row.indices {
                    row[d] = row[d] < lower[d] ? (clipsLow ? lower[d] : 0) : min(row[d], upper[d])
                }
            }
        }
    }

    public struct Model: NoveltyModel {
        let classifier: LinearClassifier
        /// D each.
        let lower: [Float]
        let upper: [Float]

        init(classifier: LinearClassifier, lower: [Float], upper: [Float]) {
            self.classifier = classifier
            self.lower = lower
            self.upper = upper
        }

        public func write(to archive: inout ScoreArchive) throws {
            try classifier.write(to: &archive)
            archive.set(lower, as: "lower")
            archive.set(upper, as: "upper")
        }

        public init(archive: ScoreArchive) throws {
            classifier = try LinearClassifier(archive: archive)
            lower = try archive.vector("lower", count: classifier.dimension)
            upper = try archive.vector("upper", count: classifier.dimension)
        }
    }
}
