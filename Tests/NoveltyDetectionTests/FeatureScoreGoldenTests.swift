import FeatureData
import Matrices
import Prediction
import TestSupport
import Testing

@testable import NoveltyDetection

/// The `features_…` cases: a training set, a linear classifier, and what pytorch-ood and textbook formulas give.
struct FeatureGolden {
    let golden: GoldenCase
    let known: KnownRows
    let testRows: [String: Matrix<Float>]

    init(_ name: String) throws {
        golden = try Golden.load("ood", name)
        let head = LinearLogits(weight: try golden.matrix("in.w"), bias: try golden.values("in.b"))
        known = KnownRows(
            LabelledFeatures(features: try golden.matrix("in.train"), labels: try golden.integers("in.train_labels")),
            classNames: head.classNames, head: head)
        testRows = ["in": try golden.matrix("in.test_in"), "out": try golden.matrix("in.test_out")]
    }

    /// Compares a fitted score with `tensor.in` and `tensor.out`.
    func check(
        _ score: some FittableNoveltyScore, _ tensor: String, factor: Double = 1, elementwise: Double = 1e-5,
        relative: Double = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let fitted = try score.fitted(to: known)
        for (side, rows) in testRows {
            let expected: [Double] = try golden.values("\(tensor).\(side)")
            let found = try fitted.scores(for: NoveltyInput(features: rows)).map { factor * Double($0) }
            expectClose(
                found, expected, relative: relative, elementwise: elementwise, "\(tensor).\(side)",
                sourceLocation: sourceLocation)
        }
    }
}

/// A head whose logits are W·x + b.
struct LinearLogits: Head {
    let weight: Matrix<Float>
    let bias: [Float]
    let classNames: [String]

    init(weight: Matrix<Float>, bias: [Float], classNames: [String]? = nil) {
        self.weight = weight
        self.bias = bias
        self.classNames = classNames ?? (0..<weight.rows).map { "class \($0)" }
    }

    var featureDimension: Int { weight.columns }

    func posterior(for features: Matrix<Float>) -> LogitPosterior {
        LogitPosterior(mean: features.multiplied(by: weight, .transposed).adding(row: bias))
    }
}

@Suite struct FeatureScoreGoldenTests {
    static let cases = Golden.cases("ood", prefix: "features_")

    @Test(.enabled(if: !cases.isEmpty, "golden novelty scores are not there"), arguments: cases)
    func mahalanobis(name: String) throws {
        let golden = try FeatureGolden(name)
        try golden.check(Mahalanobis(), "own.mahalanobis_min")
        // The package inverts the scatter in Float: its own values for features_d24, where eigenvalues range over 5e5, lie
        // up to 1.4e-3 from the same formula in Double.
        try golden.check(
            Mahalanobis(covariance: .scatter(ridge: 1e-6)), "ood.mahalanobis", factor: 0.5,
            elementwise: name == "features_d24" ? 2e-3 : 1e-5)
        let statistics = try golden.known.statistics()
        expectClose(
            CovarianceEstimate.within(statistics, .automatic).matrix,
            try golden.golden.matrix("own.shared_covariance", of: Double.self), relative: 1e-12)
        expectClose(
            CovarianceEstimate.total(statistics, .automatic).matrix,
            try golden.golden.matrix("own.background_covariance", of: Double.self), relative: 1e-12)
        expectClose(statistics.means, try golden.golden.matrix("own.class_means", of: Double.self), relative: 1e-12)
    }

    @Test(.enabled(if: !cases.isEmpty, "golden novelty scores are not there"), arguments: cases)
    func relativeMahalanobis(name: String) throws {
        let golden = try FeatureGolden(name)
        // A difference of distances, so within a part of the largest; and see `mahalanobis`.
        try golden.check(RelativeMahalanobis(), "own.relative_mahalanobis_min", elementwise: 0, relative: 2e-5)
        try golden.check(
            RelativeMahalanobis(covariance: .scatter(ridge: 1e-6)), "ood.relative_mahalanobis", elementwise: 0,
            relative: name == "features_d24" ? 5e-3 : 2e-5)
    }

    @Test(.enabled(if: !cases.isEmpty, "golden novelty scores are not there"), arguments: cases)
    func nearestNeighbours(name: String) throws {
        let golden = try FeatureGolden(name)
        for k in golden.golden.ints("knn_k") ?? [] {
            try golden.check(NearestNeighbours(neighbours: k), "ood.knn\(k)", elementwise: 2e-6)
            try golden.check(
                NearestNeighbours(neighbours: k, normalizes: false), "ood.knn\(k)_unnormalised", elementwise: 2e-6)
        }
    }

    @Test(.enabled(if: !cases.isEmpty, "golden novelty scores are not there"), arguments: cases)
    func virtualLogitMatching(name: String) throws {
        let golden = try FeatureGolden(name)
        let score = VirtualLogitMatching(principalDimensions: try #require(golden.golden.int("vim_dimension")))
        try golden.check(score, "own.vim", elementwise: 0, relative: 2e-6)
        try golden.check(score, "ood.vim", elementwise: 0, relative: 2e-6)
        let model = try score.fitted(to: golden.known).model
        expectClose([model.alpha], try golden.golden.values("own.vim_alpha", of: Double.self), elementwise: 1e-5)
        expectClose(
            model.subspace.origin, try golden.golden.values("own.vim_origin", of: Double.self), relative: 1e-5)
        expectClose(model.classifier.weight, try golden.golden.matrix("in.w", of: Float.self), relative: 1e-5)
    }

    static let taskCases = Golden.cases("diki", prefix: "weights_")

    /// The log densities that DIKI weighs tasks by; the stored error of its own Float run is the bound.
    @Test(.enabled(if: !taskCases.isEmpty, "golden task weights are not there"), arguments: taskCases)
    func taskGaussians(name: String) throws {
        let golden = try Golden.load("diki", name)
        let tasks = try #require(golden.int("tasks"))
        var (parts, labels): ([Matrix<Float>], [Int]) = ([], [])
        for task in 0..<tasks {
            parts.append(try golden.matrix("in.train_features.task\(task)"))
            labels += Array(repeating: task, count: parts[task].rows)
        }
        let known = KnownRows(
            LabelledFeatures(features: Matrix(stacking: parts), labels: labels),
            classNames: (0..<tasks).map { "task \($0)" })
        let fitted = try TaskGaussians(classesPerTask: Array(repeating: 1, count: tasks)).fitted(to: known)
        let rows: Matrix<Float> = try golden.matrix("in.image_features")
        let expected: Matrix<Double> = try golden.matrix("out.log_probabilities")
        let bound = max(1e-5, try #require(golden.double("float32_log_prob_err")))
        expectClose(
            Matrix<Double>(fitted.model.logDensities(rows.normalizedRows())), expected, absolute: bound)
        expectClose(
            try fitted.scores(for: NoveltyInput(features: rows)), expected.rowMaxima().map { -$0 }, absolute: bound)
    }
}
