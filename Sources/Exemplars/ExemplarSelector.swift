import Matrices
import Prediction
import Probability

/// The rows of one class among which a selector chooses.
public struct ExemplarCandidates: Sendable {
    /// The label of the class.
    public let classLabel: Int
    /// `[rows, D]`, as the head sees them.
    public let features: Matrix<Float>
    /// What the head says about these rows, `[rows, classes]`; `nil` where the caller has none.
    public let posterior: LogitPosterior?
    /// Random numbers of a selector depend on this seed and on `classLabel`, nothing else.
    public let seed: UInt64
    /// Samples of the logits, each `[rows, classes]`, where the caller has some; otherwise they are drawn.
    private let givenSamples: [Matrix<Float>]?

    public init(
        classLabel: Int, features: Matrix<Float>, posterior: LogitPosterior? = nil, logitSamples: [Matrix<Float>]? = nil,
        seed: UInt64
    ) {
        precondition(posterior.map { $0.rows == features.rows } ?? true, "a posterior of other rows")
        precondition((logitSamples ?? []).allSatisfy { $0.rows == features.rows }, "logits of other rows")
        givenSamples = logitSamples
        self.classLabel = classLabel
        self.features = features
        self.posterior = posterior
        self.seed = seed
    }

    public var count: Int { features.rows }

    /// The posterior, for a selector that needs one.
    ///
    /// - Throws: `ExemplarError.posteriorRequired`.
    func posterior(for selector: some ExemplarSelector) throws -> LogitPosterior {
        guard let posterior else { throw ExemplarError.posteriorRequired(selector: selector.name) }
        return posterior
    }

    /// Samples of the logits, each `[rows, classes]`: those given, or `count` from the posterior. A class's noise is the same
    /// for all rows, as it is where a head's uncertainty lies in its class vectors; it depends on class and sample alone.
    ///
    /// - Throws: `ExemplarError.posteriorRequired`.
    func logitSamples(_ count: Int = 64, for selector: some ExemplarSelector) throws -> [Matrix<Float>] {
        if let givenSamples { return givenSamples }
        let posterior = try posterior(for: selector)
        var noise = NormalNoise(seed: 0x73656c656374)
        let draws: Matrix<Float> = noise.matrix(rows: count, columns: posterior.classes)
        let (rows, classes) = (posterior.rows, posterior.classes)
        let deviation = posterior.variance.squareRoot()
        return (0..<count).map { sample in
            var logits = posterior.mean
            let noise = draws.row(sample)
            logits.withUnsafeMutableElements { logits in
                deviation.withUnsafeElements { deviation in
                    noise.withUnsafeBufferPointer { noise in
                        for row in 0..<rows {
                            let first = row * classes
                            for k in 0..<classes { logits[first + k] += deviation[first + k] * noise[k] }
                        }
                    }
                }
            }
            return logits
        }
    }
}

/// Says which rows of a class to keep, best first.
///
/// Laws that every selector keeps: the ranking has `min(count, candidates.count)` different row numbers; a shorter
/// ranking is a prefix of a longer one; the same candidates give the same ranking, whatever the number of threads.
public protocol ExemplarSelector: Sendable {
    /// The name on the command line and in files, in lower case with hyphens.
    var name: String { get }
    /// Whether `ExemplarCandidates.posterior` must be there.
    var needsPosterior: Bool { get }
    /// The numbers of the `count` best rows of the class, best first; all rows where there are no more.
    ///
    /// - Throws: `ExemplarError.posteriorRequired` where the selector needs a posterior and has none.
    func ranking(of candidates: ExemplarCandidates, count: Int) throws -> [Int]
    /// The same rows with what each was worth to the selector: a score, or the gain when it was taken; NaN where the selector
    /// has none.
    func selection(of candidates: ExemplarCandidates, count: Int) throws -> Selection
}

extension ExemplarSelector {
    public var needsPosterior: Bool { false }

    public func selection(of candidates: ExemplarCandidates, count: Int) throws -> Selection {
        let rows = try ranking(of: candidates, count: count)
        return Selection(indices: rows, gains: Array(repeating: .nan, count: rows.count))
    }
}

/// A selector that takes row after row and says what each gained. Conformers give `selection`; its rows are the ranking.
public protocol GreedySelector: ExemplarSelector {}

extension GreedySelector {
    public func ranking(of candidates: ExemplarCandidates, count: Int) throws -> [Int] {
        try selection(of: candidates, count: count).indices
    }
}

/// What exemplar selection refuses.
public enum ExemplarError: Error, Equatable, CustomStringConvertible {
    case posteriorRequired(selector: String)
    case featureDimension(expected: Int, found: Int)
    case labelOutOfRange(row: Int, label: Int, classes: Int)
    case invalidBudget(Int)
    case unknownClass(selector: String, label: Int, classes: Int)
    /// Pinned rows alone, of all classes or of one, are more than the budget.
    case pinnedExceedBudget(pinned: Int, budget: ExemplarBudget)

    public var description: String {
        switch self {
        case .posteriorRequired(let selector): "the selector '\(selector)' needs the head's posterior for the rows"
        case .featureDimension(let expected, let found):
            "exemplar rows have \(found) dimensions, the buffer's have \(expected)"
        case .labelOutOfRange(let row, let label, let classes):
            "exemplar row \(row) has the label \(label), expected 0 to \(classes - 1)"
        case .unknownClass(let selector, let label, let classes):
            "the selector '\(selector)' asks for the logit of class \(label), the posterior has \(classes) classes"
        case .pinnedExceedBudget(let pinned, let budget):
            "\(pinned) rows are pinned, more than the budget of \(budget); unpin some or raise the budget"
        case .invalidBudget(let budget): "an exemplar budget of \(budget) rows, expected 0 or more"
        }
    }
}
