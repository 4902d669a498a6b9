import FeatureData
import Matrices
import Prediction

/// A head that can also answer for classes it has not learnt, given their prompts.
public protocol OpenVocabularyHead: Head {
    /// A head whose classes are `classNames` followed by those of `candidates`.
    ///
    /// - Throws: `HeadError` where a candidate is learnt already, named twice, or its text is of another encoder.
    func extended(to candidates: ClassPrompts) throws -> ExtendedHead
}

/// A head's learnt classes and, after them, candidate classes for which zero-shot answers; a gate decides between the two
/// row by row. Without candidates it answers exactly as the head does.
///
/// Costs a product of the rows with the text features beside the head's own answer, and what the gate costs.
public struct ExtendedHead: Head {
    public let base: any Head
    public let gate: any CandidateGate
    /// The learnt classes, then the candidates.
    public let classNames: [String]
    /// Unit-length text features in the order of `classNames`, `[classes, D]`.
    let textFeatures: Matrix<Float>
    let logitScale: Float

    public var featureDimension: Int { textFeatures.columns }
    public var predictive: PredictiveMethod { base.predictive }
    public var answersRowByRow: Bool { base.answersRowByRow }
    /// How many classes the head itself knows.
    public var learnt: Int { base.classNames.count }

    /// - Parameters:
    ///   - base: the head; it may know no class yet.
    ///   - prompts: the prompts of the classes that `base` knows, in its order, then those of the candidates.
    /// - Throws: `HeadError` where the prompts do not begin with the head's classes, have another D, or name a class twice.
    public init(_ base: any Head, prompts: ClassPrompts, gate: any CandidateGate = ZeroShotGate()) throws {
        try NewClasses.check(
            prompts, known: [], featureDimension: base.featureDimension, logitScale: prompts.logitScale)
        if let place = base.classNames.indices.first(where: {
            $0 >= prompts.count || prompts.classNames[$0] != base.classNames[$0]
        }) {
            throw HeadError.invalidTask(
                "the prompts lack class '\(base.classNames[place])' at place \(place), which the model has learnt")
        }
        self.init(
            base, classNames: prompts.classNames, textFeatures: prompts.meanFeatures(), logitScale: prompts.logitScale,
            gate: gate)
    }

    init(
        _ base: any Head, classNames: [String], textFeatures: Matrix<Float>, logitScale: Float, gate: any CandidateGate
    ) {
        (self.base, self.classNames, self.textFeatures) = (base, classNames, textFeatures)
        (self.logitScale, self.gate) = (logitScale, gate)
    }

    public func posterior(for features: Matrix<Float>) throws -> LogitPosterior {
        guard features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: features.columns)
        }
        if learnt == classNames.count { return try base.posterior(for: features) }
        func zeroShot(_ classes: Range<Int>) -> Matrix<Float> {
            features.multiplied(by: textFeatures.rows(classes), .transposed, scaledBy: logitScale)
        }
        let candidates = zeroShot(learnt..<classNames.count)
        if learnt == 0 { return LogitPosterior(mean: candidates) }
        return try gate.join(
            base.posterior(for: features),
            GatedRows(features: features, learnt: zeroShot(0..<learnt), candidates: candidates))
    }
}
