/// Scores fitted to the known rows of one model, or of none, with what known rows score: all that is needed to say which
/// rows are novel.
public struct Detector: Sendable {
    /// One score of a detector.
    public struct Part: Sendable {
        /// Fitted, where it is of the kind that is.
        public let score: any NoveltyScore
        /// The scores of known rows that the fit did not see, ascending; empty where there were none. Thresholds and
        /// p-values come from these.
        public let knownScores: [Float]

        /// - Parameter knownScores: in any order, none NaN.
        public init(score: any NoveltyScore, knownScores: [Float] = []) {
            precondition(!knownScores.contains { $0.isNaN }, "a known score of '\(score.name)' is NaN")
            self.score = score
            self.knownScores = knownScores.sorted()
        }

        public var name: String { score.name }
        /// What the user should know of the fit.
        public var notes: [String] { (score as? any AnyFittedNoveltyScore)?.notes ?? [] }
    }

    public let classNames: [String]
    /// D of the rows it was fitted to.
    public let dimension: Int
    /// Of the head that answered for the known rows (`ModelArchive.fingerprint` of its archive); `nil` for a detector
    /// of features and labels alone.
    public let modelFingerprint: String?
    /// Of the known rows.
    public let dataFingerprint: String
    /// The share of known rows that thresholds let pass as known, above 0 and below 1.
    public var truePositiveRate: Double
    /// In the order of reports, each score once.
    public let parts: [Part]

    /// - Throws: `NoveltyError`: `duplicateScore`, `notFitted`, `dimension` and `classCount` where a score was fitted to
    ///   other rows.
    public init(
        parts: [Part], classNames: [String], dimension: Int, modelFingerprint: String?, dataFingerprint: String,
        truePositiveRate: Double = 0.95
    ) throws(NoveltyError) {
        precondition(truePositiveRate > 0 && truePositiveRate < 1, "a true-positive rate of \(truePositiveRate)")
        var names: Set<String> = []
        for part in parts {
            guard names.insert(part.name).inserted else { throw .duplicateScore(part.name) }
            if part.score is any FittableNoveltyScore { throw .notFitted(score: part.name) }
            guard let fitted = part.score as? any AnyFittedNoveltyScore else { continue }
            guard fitted.dimension == dimension else {
                throw .dimension(score: part.name, found: dimension, expected: fitted.dimension)
            }
            guard fitted.classes == classNames.count else {
                throw .classCount(score: part.name, found: classNames.count, expected: fitted.classes)
            }
        }
        self.parts = parts
        self.classNames = classNames
        self.dimension = dimension
        self.modelFingerprint = modelFingerprint
        self.dataFingerprint = dataFingerprint
        self.truePositiveRate = truePositiveRate
    }

    /// What its scores need together of the rows to score.
    public var needs: NoveltyNeeds { parts.reduce(into: []) { $0.formUnion($1.score.needs) } }

    public func part(_ name: String) -> Part? { parts.first { $0.name == name } }

    /// The scores of rows, one array a part, in their order.
    ///
    /// - Throws: `NoveltyError` where the input lacks something or has another D or number of classes.
    public func scores(for input: NoveltyInput) throws -> [[Float]] { try parts.map { try $0.score.scores(for: input) } }

    /// Checks that it was fitted for a model.
    ///
    /// - Parameter fingerprint: `ModelArchive.fingerprint` of the head's archive.
    /// - Throws: `NoveltyError.otherModel` naming the first difference.
    public func check(classNames: [String], dimension: Int, fingerprint: String) throws(NoveltyError) {
        guard dimension == self.dimension else {
            throw .otherModel(
                what: "the model's rows have the dimension", found: "\(dimension)", expected: "\(self.dimension)")
        }
        guard classNames.count == self.classNames.count else {
            throw .otherModel(
                what: "the number of the model's classes is", found: "\(classNames.count)",
                expected: "\(self.classNames.count)")
        }
        if let index = classNames.indices.first(where: { classNames[$0] != self.classNames[$0] }) {
            throw .otherModel(
                what: "the model's class \(index) is", found: "'\(classNames[index])'",
                expected: "'\(self.classNames[index])'")
        }
        if let modelFingerprint, fingerprint != modelFingerprint {
            throw .otherModel(what: "the model's fingerprint is", found: fingerprint, expected: modelFingerprint)
        }
    }
}
