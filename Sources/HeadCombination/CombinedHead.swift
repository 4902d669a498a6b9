import FeatureData
import Foundation
import Matrices
import Prediction

/// Makes heads from archives, by their method: lets a combination be read without knowing any head by itself.
public protocol HeadCatalogue: Sendable {
    /// - Throws: `ModelArchiveError` for methods that are not known, and what the head's own `init(archive:)` throws.
    static func load(_ archive: ModelArchive) throws -> any ArchivableHead
}

/// Several heads that learn the same tasks and answer as one.
///
/// Their logit posteriors are weighted into one (`CombinationWeights`), by weights fitted on rows of every class that are
/// kept back from them (`CombinationRecipe`); parts that know what they would answer for a row had they not learnt it
/// (`LeaveOneOutHead`) learn these too. With the zero-shot head as a part this is a calibrated fusion with
/// zero-shot. Beside its parts it keeps a density of every task's rows and the mean text feature of every class, so that it
/// can also answer for classes that it has not learnt (`extended(to:)`), with a gate that was fitted on the same rows.
///
/// Memory beside the parts: the rows kept back, 4·D bytes each, and 8·D² bytes a task.
public struct CombinedHead<Catalogue: HeadCatalogue>: OpenVocabularyHead {
    public private(set) var parts: [any ArchivableHead]
    public let recipe: CombinationRecipe
    public internal(set) var weights: CombinationWeights
    public internal(set) var classesPerTask: [Int] = []
    /// What the calibrated gate has been fitted to so far; one scale a task.
    public internal(set) var gateCoefficients = CalibratedGate.Coefficients.standard
    public internal(set) var gateScales: [CalibratedGate.Scale] = []
    /// One a task, whether it brought classes or updated known ones.
    public internal(set) var taskDensities: TaskDensities
    var heldOut: HeldOutRows
    /// What the gate is fitted to beside the rows held out: examples from within each task.
    var nearExamples: [GateExamples] = []
    /// Mean text features of the classes, unit-length, `[classes, D]`.
    var textFeatures: Matrix<Float>
    /// exp of the encoder's temperature parameter.
    public internal(set) var logitScale: Float = 100

    /// Heads that know no class yet.
    ///
    /// - Throws: `HeadError.invalidTask` for no part, parts that know classes, different D, or settings that cannot be.
    public init(_ parts: [any ArchivableHead], recipe: CombinationRecipe = CombinationRecipe()) throws {
        guard let first = parts.first else { throw HeadError.invalidTask("a combination needs a head at least") }
        if let fault = recipe.fault { throw HeadError.invalidTask(fault) }
        for part in parts {
            guard part.classNames.isEmpty else {
                throw HeadError.invalidTask("a combination starts from heads that know no class yet")
            }
            guard part.featureDimension == first.featureDimension else {
                throw HeadError.featureDimension(expected: first.featureDimension, found: part.featureDimension)
            }
        }
        let dimension = first.featureDimension
        self.init(
            parts: parts, recipe: recipe, weights: .equal(parts.count),
            taskDensities: TaskDensities(dimension: dimension, covariance: recipe.covariance),
            heldOut: HeldOutRows(dimension: dimension), textFeatures: Matrix(rows: 0, columns: dimension))
    }

    init(
        parts: [any ArchivableHead], recipe: CombinationRecipe, weights: CombinationWeights, taskDensities: TaskDensities,
        heldOut: HeldOutRows, textFeatures: Matrix<Float>
    ) {
        (self.parts, self.recipe, self.weights) = (parts, recipe, weights)
        (self.taskDensities, self.heldOut, self.textFeatures) = (taskDensities, heldOut, textFeatures)
    }

    public var classNames: [String] { parts[0].classNames }
    public var featureDimension: Int { parts[0].featureDimension }
    public var answersRowByRow: Bool { parts.allSatisfy(\.answersRowByRow) }
    /// The rows that no part but a `LeaveOneOutHead` has learnt, labelled by class.
    public var heldOutRows: LabelledFeatures { heldOut.rows }

    public func posterior(for features: Matrix<Float>) throws -> LogitPosterior {
        try weights.combine(parts.map { try $0.posterior(for: features) }, tasks: taskOfClass)
    }

    public func extended(to candidates: ClassPrompts) throws -> ExtendedHead {
        if candidates.count > 0 {
            try NewClasses.check(
                candidates, known: classNames, featureDimension: featureDimension,
                logitScale: classNames.isEmpty ? candidates.logitScale : logitScale)
        }
        let text = candidates.count > 0 ? textFeatures.appendingRows(candidates.meanFeatures()) : textFeatures
        return ExtendedHead(
            self, classNames: classNames + candidates.classNames, textFeatures: text,
            logitScale: classNames.isEmpty ? candidates.logitScale : logitScale, gate: gate(candidates: candidates.count))
    }

    /// As the recipe says, with what has been fitted so far. Before it sees a row, the calibrated gate takes it for one of
    /// any class with the same probability where most are candidates, and else for one of either group: that learnt
    /// classes are many is no reason to expect rows of them.
    func gate(candidates: Int) -> any CandidateGate {
        switch recipe.gate {
        case .zeroShot: return ZeroShotGate()
        case .calibrated:
            var gate = CalibratedGate(densities: taskDensities, scales: gateScales, coefficients: gateCoefficients)
            if candidates > 0, !classNames.isEmpty {
                gate.priorLogOdds = min(0, log(Double(classNames.count) / Double(candidates)))
            }
            return gate
        case .distributionAware(let divisor, let scope):
            return DistributionAwareGate(densities: taskDensities, divisor: divisor, scope: scope)
        }
    }

    /// The task of each class, counting those that brought classes.
    var taskOfClass: [Int] {
        classesPerTask.filter { $0 > 0 }.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
    }

    /// Lets every part do something, such as learn.
    mutating func forEachPart(_ body: (inout any ArchivableHead) throws -> Void) rethrows {
        for index in parts.indices { try body(&parts[index]) }
    }
}
