import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

/// Scores that no golden file holds, against their formulas written out in Double, row by row.
@Suite struct FeatureScoreFormulaTests {
    private let sample = KnownSample()
    private var known: KnownRows { sample.known() }

    private func rows(_ matrix: Matrix<Float>) -> [[Double]] { (0..<matrix.rows).map { matrix.row($0).map(Double.init) } }
    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    private func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
    private func minus(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
    private func logSumExp(_ z: [Double]) -> Double {
        let largest = z.max() ?? 0
        return largest + log(z.reduce(0) { $0 + exp($1 - largest) })
    }
    private func softmax(_ z: [Double]) -> [Double] { z.map { exp($0 - logSumExp(z)) } }
    private func best(_ z: [Double]) -> Int { z.indices.max { z[$0] < z[$1] } ?? 0 }

    /// The head is linear, so the least-squares classifier is the head.
    private func logits(_ x: [Double]) -> [Double] {
        zip(rows(sample.head.weight), sample.head.bias).map { dot(x, $0) + Double($1) }
    }

    private var mean: [Double] { sample.rows.features.columnMeans().map { Double($0) } }

    private func check(
        _ score: some FittableNoveltyScore, relative: Double = 2e-5, sourceLocation: SourceLocation = #_sourceLocation,
        _ formula: ([Double]) -> Double
    ) throws {
        let found = try score.fitted(to: known).scores(for: NoveltyInput(features: sample.queries))
        expectClose(
            found, rows(sample.queries).map(formula), relative: relative, "\(score.name)", sourceLocation: sourceLocation)
    }

    @Test func theLinearClassifierIsALinearHead() throws {
        var notes: [String] = []
        let classifier = try known.linearClassifier(notes: &notes)
        expectClose(classifier.weight, sample.head.weight, relative: 1e-5)
        expectClose(classifier.bias, sample.head.bias, absolute: 1e-4)
        #expect(notes.count == 1)
    }

    /// Without a head: log p(c | x) of Gaussian classes up to a common term, by Bayes' rule.
    @Test func withoutAHeadItIsDiscriminantAnalysis() throws {
        var notes: [String] = []
        let rows = sample.known(head: false)
        let classifier = try rows.linearClassifier(notes: &notes)
        let statistics = try rows.statistics()
        let inverse = try CholeskyFactorization(CovarianceEstimate.within(statistics, .automatic).matrix).inverse()
        let found = classifier.logits(sample.queries)
        for (row, x) in self.rows(sample.queries).enumerated() {
            let expected = (0..<4).map { c -> Double in
                let d = minus(x, statistics.means.row(c))
                let product = Matrix(rows: 1, columns: 12, elements: d).multiplied(by: inverse).elements
                return log(Double(statistics.counts[c]) / Double(statistics.count)) - dot(product, d) / 2
            }
            let shift = expected[0] - Double(found[row, 0])
            expectClose(found.row(row), expected.map { $0 - shift }, absolute: 1e-3)
        }
    }

    @Test func mahalanobisPlusPlusIsThatOfUnitRows() throws {
        let scaled = LabelledFeatures(
            features: Matrix((0..<sample.rows.count).map { row in
                sample.rows.features.row(row).map { $0 * Float(1 + row % 5) }
            }), labels: sample.rows.labels)
        let plain = try Mahalanobis().fitted(to: known).scores(for: sample.queries)
        let known = KnownRows(scaled, classNames: KnownSample.classNames)
        let values = try MahalanobisPlusPlus().fitted(to: known).scores(for: 3 * sample.queries)
        expectClose(values, plain, relative: 1e-5)
    }

    @Test func oneClusterIsTheDistanceToAllRows() throws {
        let covariance = try CovarianceEstimate.total(known.statistics(), .automatic)
        let inverse = try CholeskyFactorization(covariance.matrix).inverse()
        try check(ClusterDistance()) { x in
            let d = Matrix(rows: 1, columns: 12, elements: minus(x, mean))
            return dot(d.multiplied(by: inverse).elements, d.elements)
        }
    }

    @Test func gaussianMixtureIsItsDensity() throws {
        let statistics = try known.statistics()
        let covariance = CovarianceEstimate.within(statistics, .automatic).matrix
        let factor = try CholeskyFactorization(covariance)
        let inverse = factor.inverse()
        try check(GaussianMixture()) { x in
            -logSumExp((0..<4).map { c in
                let d = Matrix(rows: 1, columns: 12, elements: minus(x, statistics.means.row(c)))
                let distance = dot(d.multiplied(by: inverse).elements, d.elements)
                let density = -(distance + factor.logDeterminant + 12 * log(2 * Double.pi)) / 2
                return density + log(Double(statistics.counts[c]) / Double(statistics.count))
            })
        }
        // Own covariances: with all of their weight on the common one they would be the same.
        let own = try GaussianMixture(ownCovariances: true).fitted(to: known).scores(for: sample.queries)
        let common = try GaussianMixture().fitted(to: known).scores(for: sample.queries)
        #expect(own != common)
    }

    @Test func residualIsWhatPrincipalComponentsLeave() throws {
        let centred = Matrix<Double>(sample.rows.features).adding(row: mean.map { -$0 })
        let principal = rows(Matrix<Float>(try centred.singularValueDecomposition().rightTransposed.rows(0..<5)))
        try check(Residual(principalDimensions: 5)) { x in
            let d = minus(x, mean)
            let inside = principal.reduce(0) { $0 + dot($1, d) * dot($1, d) }
            return (dot(d, d) - inside).squareRoot()
        }
        #expect(throws: NoveltyError.self) { try Residual(principalDimensions: 12).fitted(to: known) }
    }

    @Test func patternsGuidanceAndRelation() throws {
        let train = rows(sample.rows.features)
        let right = train.indices.filter { best(logits(train[$0])) == sample.rows.labels[$0] }
        try check(SimplifiedHopfieldEnergy()) { x in
            let own = right.filter { sample.rows.labels[$0] == best(logits(x)) }
            return -own.reduce(0) { $0 + dot(train[$1], x) } / Double(own.count)
        }
        try check(NearestNeighbourGuidance(neighbours: 7)) { x in
            let near = train.map { dot($0, x) * logSumExp(logits($0)) }.sorted(by: >).prefix(7)
            return -logSumExp(logits(x)) * near.reduce(0, +) / 7
        }
        try check(NeuralRelation(power: 3, threshold: 0.1), relative: 1e-4) { x in
            let p = softmax(logits(x))
            return -train.reduce(0) { sum, y in
                let k = max(0, dot(x, y)) * dot(p, softmax(logits(y)))
                return sum + (k > 0.1 ? k * k * k : 0)
            } / Double(train.count)
        }
    }

    @Test func boundariesCollapseAndGradient() throws {
        let weight = rows(sample.head.weight)
        try check(DecisionBoundaryDistance()) { x in
            let (z, own) = (logits(x), best(logits(x)))
            let sum = (0..<4).filter { $0 != own }.reduce(0.0) {
                $0 + (z[own] - z[$1]) / norm(minus(weight[own], weight[$1]))
            }
            return -sum / 3 / norm(minus(x, mean))
        }
        try check(NeuralCollapse(normWeight: 0.1)) { x in
            let d = minus(x, mean)
            return -dot(d, weight[best(logits(x))]) / norm(d) - 0.1 * x.reduce(0) { $0 + abs($1) }
        }
        // The gradient itself: ∂/∂W of the mean over classes of −log p_c is (p − 1/C)xᵀ, by differences at one weight.
        try check(GradientNorm()) { x in
            let p = softmax(logits(x))
            return -p.reduce(0) { sum, p in sum + x.reduce(0) { $0 + abs((p - 0.25) * $1) } }
        }
        try check(TextCosine()) { x in
            1 - (sample.text.features.map { dot(rows($0)[0], x) }.max() ?? 0)
        }
        try check(CentreDistance()) { x in dot(minus(x, mean), minus(x, mean)) }
    }

    @Test func shapedActivations() throws {
        func energy(_ x: [Double]) -> Double { -logSumExp(logits(x)) }
        let all = sample.rows.features.elements.map(Double.init).sorted()
        func quantile(_ sorted: [Double], _ share: Double) -> Double {
            let place = share * Double(sorted.count - 1)
            let below = Int(place)
            let above = min(below + 1, sorted.count - 1)
            return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
        }
        try check(RectifiedActivations(percentile: 0.8)) { x in energy(x.map { min($0, quantile(all, 0.8)) }) }
        let columns = (0..<12).map { d in rows(sample.rows.features).map { $0[d] }.sorted() }
        let limits = columns.map { (quantile($0, 0.1), quantile($0, 0.9)) }
        try check(VariationalRectification(lowerPercentile: 0.1, upperPercentile: 0.9)) { x in
            energy(zip(x, limits).map { min(max($0, $1.0), $1.1) })
        }
        try check(VariationalRectification(lowerPercentile: 0.1, upperPercentile: 0.9, clipsLow: false)) { x in
            energy(zip(x, limits).map { $0 < $1.0 ? 0 : min($0, $1.1) })
        }
        // 0.65 of 12 is 7.8: eight go, four stay.
        func kept(_ x: [Double]) -> [Int] { Array(x.indices.sorted { x[$0] > x[$1] }.prefix(4)) }
        for variant in ActivationShaping.Variant.allCases {
            try check(ActivationShaping(variant: variant)) { x in
                let (sum, keptSum) = (x.reduce(0, +), kept(x).reduce(0) { $0 + x[$1] })
                var shaped = x.map { _ in 0.0 }
                for index in kept(x) {
                    switch variant {
                    case .prune: shaped[index] = x[index]
                    case .binarize: shaped[index] = sum / 4
                    case .scale: shaped[index] = x[index] * (keptSum > 0 ? exp(sum / keptSum) : 1)
                    }
                }
                return energy(shaped)
            }
        }
        try check(ActivationScaling()) { x in
            let factor = exp(x.reduce(0, +) / kept(x).reduce(0) { $0 + x[$1] })
            return energy(x.map { $0 * factor })
        }
        let weight = rows(sample.head.weight)
        let limit = quantile(weight.flatMap { w in zip(w, mean).map { $0 * $1 } }.sorted(), 0.7)
        try check(DirectedSparsification(percentile: 0.7)) { x in
            -logSumExp((0..<4).map { c in
                Double(sample.head.bias[c])
                    + x.indices.reduce(0) { $0 + (weight[c][$1] * mean[$1] > limit ? weight[c][$1] * x[$1] : 0) }
            })
        }
    }

    /// The mean product of two rows' random features is the kernel, within 5/√M.
    @Test func fourierFeaturesGiveTheKernel() throws {
        let score = KernelPrincipalComponents(gamma: 0.7, features: 4096, explained: 0.5)
        var noise = NormalNoise(seed: 3, stream: 6)
        var frequencies: Matrix<Float> = .standardNormal(rows: 4096, columns: 12, noise: &noise)
        frequencies.scale(by: (2 * score.gamma).squareRoot())
        var random = RandomStream(seed: 4)
        let map = FourierFeatures(
            frequencies: frequencies, phases: (0..<4096).map { _ in Float(2 * Double.pi * random.uniform()) })
        let x = sample.queries.rows(0..<8)
        let kernel = map(x).multiplied(by: map(x), .transposed)
        for i in 0..<8 {
            for j in 0..<8 {
                let d = minus(rows(x)[i], rows(x)[j])
                expectClose(kernel[i, j], Float(exp(-0.7 * dot(d, d))), absolute: 5 / 4096.0.squareRoot())
            }
        }
    }

    /// Depths of a forest on one dimension: the outermost row is isolated soonest. c(256) with the harmonic number
    /// itself; the paper's logarithm for it makes 10.2448.
    @Test func isolation() throws {
        #expect(abs(IsolationForest.meanDepth(256) - 10.24869) < 1e-5)
        let line = Matrix<Float>(rows: 200, columns: 1, elements: (0..<200).map { Float($0) })
        let known = KnownRows(
            LabelledFeatures(features: line, labels: Array(repeating: 0, count: 200)), classNames: ["line"])
        let values = try IsolationForest().fitted(to: known).scores(
            for: Matrix(rows: 4, columns: 1, elements: [100, 199, 1000, -1000]))
        #expect(values[1] > values[0] && values[2] >= values[1] && values[3] > values[0])
        #expect(values.allSatisfy { $0 > 0 && $0 < 1 })
    }

    /// Turning known and scored rows alike changes nothing that looks at distances and products.
    @Test(arguments: [
        "mahalanobis", "relative-mahalanobis", "mahalanobis-plus-plus", "ssd", "gaussian-mixture", "task-gaussians",
        "vim", "residual", "nearest-neighbours", "nnguide", "relation", "she", "fdbd", "nci", "centre-distance",
        "text-cosine",
    ])
    func rotationChangesNothing(name: String) throws {
        var noise = NormalNoise(seed: 11)
        let random: Matrix<Double> = .standardNormal(rows: 12, columns: 12, noise: &noise)
        let rotation = Matrix<Float>(try random.singularValueDecomposition().left)
        func turned(_ m: Matrix<Float>) -> Matrix<Float> { m.multiplied(by: rotation) }
        let text = ClassPrompts(
            classNames: KnownSample.classNames, features: sample.text.features.map(turned), logitScale: 20)
        let known = KnownRows(
            LabelledFeatures(features: turned(sample.rows.features), labels: sample.rows.labels),
            classNames: KnownSample.classNames, text: text,
            head: LinearLogits(
                weight: turned(sample.head.weight), bias: sample.head.bias, classNames: KnownSample.classNames), seed: 1)
        let score = try #require(NoveltyScores.named(name) as? any FittableNoveltyScore)
        func values(_ score: some FittableNoveltyScore, _ rows: KnownRows, _ queries: Matrix<Float>) throws -> [Float] {
            try score.fitted(to: rows).scores(for: NoveltyInput(features: queries))
        }
        expectClose(
            try values(score, known, turned(sample.queries)), try values(score, self.known, sample.queries),
            relative: 1e-4, name)
    }
}
