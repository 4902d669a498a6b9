import FeatureData
import Matrices
import Prediction
import TestSupport
import Testing

@testable import RAIL

/// The primal learner beside RAIL's reference values (`golden/rail`).
@Suite struct GoldenPrimalTests {
    static let cases = Golden.cases("rail", prefix: "primal")

    /// The system itself in Double, on rows normalised in Double: weights after every task, and the inverse R by φᵀRφ.
    @Test(.enabled(if: !cases.isEmpty, "no golden data"), arguments: cases)
    func weightsAndInverse(_ name: String) throws {
        let golden = try GoldenTasks(Golden.load("rail", name))
        let expansion = try golden.expansion()
        var sums = RidgeSums<Double>(dimension: expansion.dimension)
        let regulariser = try #require(golden.data.double("regularization"))
        for task in 0..<golden.tasks {
            let rows = try golden.data.matrix("in.train_features.task\(task)", of: Double.self).normalizedRows()
            sums.stage(classes: golden.perTask[...task].reduce(0, +))
            sums.add(expansion.double(rows), labels: try golden.data.integers("in.train_labels.task\(task)"))
            sums.commit()
            try sums.factorize(regulariser: regulariser)
            var weights = sums.cross
            sums.solveRight(.transposed, &weights)
            sums.solveRight(.asStored, &weights)
            expectClose(
                weights, try golden.data.matrix("exact.weight.task\(task)", of: Double.self), relative: 1e-11,
                "task \(task)")
            let inverse = try golden.data.matrix("exact.R.task\(task)", of: Double.self)
            var probes = expansion.double(
                try golden.data.matrix("in.test_features.task0", of: Double.self).normalizedRows())
            let products = probes.multiplied(by: inverse).multiplied(by: probes, .transposed)
            sums.solveRight(.transposed, &probes)
            expectClose(
                probes.rowSquaredNorms(), (0..<probes.rows).map { products[$0, $0] }, relative: 1e-10, "task \(task)")
        }
    }

    /// The head, which normalises nothing and takes rows in Float, in every precision.
    @Test(.enabled(if: !cases.isEmpty, "no golden data"), arguments: cases)
    func weightsOfTheHead(_ name: String) throws {
        let golden = try GoldenTasks(Golden.load("rail", name))
        for precision in RidgePrecision.allCases {
            var head = try golden.head(precision)
            for task in 0..<golden.tasks {
                try head.learn(golden.task(task), seed: 1) { _ in }
                expectClose(
                    head.weights, try golden.data.matrix("exact.weight.task\(task)", of: Double.self),
                    relative: precision == .double ? 3e-7 : 1e-4, "\(precision), task \(task)")
            }
        }
    }

    /// Zero-shot over all classes, and the paper's fusion with the scores of the learnt ones.
    @Test(.enabled(if: !cases.isEmpty, "no golden data"), arguments: cases)
    func fusion(_ name: String) throws {
        let golden = try GoldenTasks(Golden.load("rail", name))
        let weight = Float(try #require(golden.data.double("fusion_weight")))
        var head = try golden.head(.double)
        for task in 0..<golden.tasks {
            try head.learn(golden.task(task), seed: 1) { _ in }
            for test in 0..<golden.tasks where golden.data.has("out.fused.task\(task).test\(test)") {
                let rows = try golden.data.matrix("in.test_features.task\(test)", of: Float.self).normalizedRows()
                let zeroShot = rows.multiplied(by: golden.text, .transposed, scaledBy: 100)
                if golden.data.has("out.zero_shot.task\(task).test\(test)") {
                    expectClose(
                        zeroShot.softmax(), try golden.data.matrix("out.zero_shot.task\(task).test\(test)", of: Float.self),
                        relative: 1e-5)
                }
                let fused = RAILFusion.scores(
                    zeroShot: zeroShot, scores: try head.scores(for: rows).scores, weight: weight)
                expectClose(
                    fused, try golden.data.matrix("out.fused.task\(task).test\(test)", of: Float.self), relative: 1e-4,
                    "task \(task), test \(test)")
            }
        }
    }
}

/// The tasks of a golden RAIL case.
struct GoldenTasks {
    let data: GoldenCase
    let perTask: [Int]
    /// Unit text features `[classes, D]`.
    let text: Matrix<Float>

    init(_ data: GoldenCase) throws {
        self.data = data
        perTask = data.ints("classes_per_task") ?? []
        text = try data.matrix("in.text_features", of: Float.self).normalizedRows()
    }

    var tasks: Int { perTask.count }

    func task(_ index: Int) throws -> LearningTask {
        let first = perTask[..<index].reduce(0, +)
        let classes = Array(first..<first + perTask[index])
        let labels = try data.integers("in.train_labels.task\(index)")
        return LearningTask(
            classes: ClassPrompts(
                classNames: classes.map { "class \($0)" }, features: classes.map { text.rows($0..<$0 + 1) },
                logitScale: 100),
            rows: LabelledFeatures(
                features: try data.matrix("in.train_features.task\(index)", of: Float.self).normalizedRows(),
                labels: labels))
    }

    func head(_ precision: RidgePrecision) throws -> RAILPrimalHead {
        let weights = try data.matrix("in.expansion_weight", of: Float.self)
        var recipe = RAILRecipe()
        recipe.regulariser = .fixed(data.double("regularization") ?? 0.1)
        recipe.precision = precision
        return try RAILPrimalHead(recipe: recipe, featureDimension: weights.columns, expansion: expansion())
    }

    func expansion() throws -> FeatureExpansion {
        let weights = try data.matrix("in.expansion_weight", of: Float.self)
        return data.int("feature_expansion") == 1
            ? .givenWeights(weights) : .identity(dimension: weights.columns)
    }
}
