import FeatureData
import Matrices
import Prediction

/// What everyone who adds up a share of one task's rows must agree on, so that the sums add up to a model: the machine that
/// solves and those that only sum.
public struct RAILPrimalTask: Sendable {
    /// All but the prompts, comparable and storable.
    public let agreement: Agreement
    /// Mean text features of the new classes `[new classes, D]`.
    let textFeatures: Matrix<Float>

    public struct Agreement: Sendable, Codable, Equatable {
        /// D.
        public let featureDimension: Int
        let logitScale: Float
        /// Of the head, where it is a new one.
        public let recipe: RAILRecipe
        /// φ, drawn from the same seed everywhere.
        let expansion: FeatureExpansion.Kind
        /// Of products and sums.
        public let precision: RidgePrecision
        /// Classes of the model before; labels of rows index these, then the new ones.
        public let knownClasses: [String]
        public let newClasses: [String]
        /// Fingerprint of the new classes' text features.
        let prompts: String
        /// Rows of the task, of all shards together.
        public let rows: Int
        /// Fingerprint of the data.
        let data: String
        /// Fingerprint of the model that the task is added to; nil for a new one.
        public let model: String?

        var classes: Int { knownClasses.count + newClasses.count }
    }

    /// Rows of the task, of all shards together.
    public var rows: Int { agreement.rows }
}

extension RAILPrimalHead {
    /// The number of a task's first rows that `task` looks at.
    public static var taskSample: Int { precisionSample }

    /// What shards of a task for this head must agree on.
    ///
    /// - Parameters:
    ///   - classes: the new classes; none where the task only updates known ones. Their logit scale counts in any case.
    ///   - rows: the number of the task's rows, of all shards together.
    ///   - sample: the first `taskSample` of them, unit length, `[sample, D]`.
    ///   - seed: draws φ where the head has none yet.
    ///   - data: a fingerprint of the data, to be compared between shards.
    /// - Throws: `HeadError` for classes or rows that the head cannot learn.
    public func task(
        _ classes: ClassPrompts, rows: Int, sample: Matrix<Float>, seed: UInt64, data: String
    ) throws -> RAILPrimalTask {
        guard rows > 0 else { throw HeadError.invalidTask("the task has no rows") }
        guard sample.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: sample.columns)
        }
        if classes.classNames.isEmpty, !classNames.isEmpty {
            guard classes.logitScale == logitScale else {
                throw HeadError.invalidTask(
                    "the task's logit scale is \(classes.logitScale), the model's \(logitScale): not the same encoder")
            }
        } else {
            try NewClasses.check(classes, known: classNames, featureDimension: featureDimension, logitScale: logitScale)
        }
        let expansion = self.expansion ?? recipe.expansion(seed: seed, inputDimension: featureDimension)
        let wanted = recipe.precision ?? sufficientPrecision(adding: rows, like: sample, expansion)
        let text = classes.classNames.isEmpty ? Matrix<Float>(rows: 0, columns: featureDimension) : classes.meanFeatures()
        var prompts = Fingerprint()
        text.withUnsafeElements { prompts.add(UnsafeRawBufferPointer($0)) }
        return RAILPrimalTask(
            agreement: .init(
                featureDimension: featureDimension, logitScale: classes.logitScale, recipe: recipe, expansion: expansion.kind,
                precision: precision.map { max($0, wanted) } ?? wanted, knownClasses: classNames,
                newClasses: classes.classNames, prompts: prompts.description, rows: rows, data: data,
                model: system == nil ? nil : try archive().fingerprint()),
            textFeatures: text)
    }
}

extension RAILPrimalTask.Agreement {
    /// The first thing that is not the same in `other`, with both values; nil where they agree.
    func difference(from other: Self) -> (what: String, own: String, other: String)? {
        zip(described, other.described).first { $0.value != $1.value }.map { ($0.what, $0.value, $1.value) }
    }

    private var described: [(what: String, value: String)] {
        [
            ("the length of rows", "\(featureDimension)"),
            ("the model to add to (its fingerprint)", model ?? "none, a new model"),
            ("the number of hidden units", "\(recipe.hidden)"),
            ("the random units", "\(expansion)"),
            ("the regulariser", "\(recipe.regulariser)"),
            ("the fusion weight", recipe.fusionWeight.map { "\($0)" } ?? "none"),
            ("the precision asked for", recipe.precision?.rawValue ?? "none"),
            ("the precision of the sums", precision.rawValue),
            ("the classes known before", list(knownClasses)),
            ("the new classes", list(newClasses)),
            ("the classes' prompts (their fingerprint)", prompts),
            ("the logit scale", "\(logitScale)"),
            ("the number of rows of all shards", "\(rows)"),
            ("the data (their fingerprint)", data),
        ]
    }

    private func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
}
