import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import RAIL

@Suite struct GoldenDualTests {
    static let cases = Golden.cases("rail", prefix: "dual")

    @Test(.enabled(if: !cases.isEmpty, "no golden data"), arguments: cases)
    func coefficientsAndFusion(_ name: String) throws {
        let golden = try GoldenTasks(Golden.load("rail", name))
        let gamma = try #require(golden.data.double("gamma"))
        let regulariser = try #require(golden.data.double("lambda_"))
        let weight = Float(try #require(golden.data.double("fusion_weight")))
        var ridge = KernelRidge(kernel: .gaussian(gamma: gamma), regulariser: regulariser, dimension: 16)
        for task in 0..<golden.tasks {
            let rows = try golden.data.matrix("in.train_features.task\(task)", of: Double.self).normalizedRows()
            try ridge.learn(
                rows, labels: golden.data.integers("in.train_labels.task\(task)"),
                classes: golden.perTask[...task].reduce(0, +))
            expectClose(
                ridge.coefficients.transposed(), try golden.data.matrix("exact.alpha.task\(task)", of: Double.self),
                relative: 1e-9, "task \(task)")
            let first = ridge.kernel.matrix(ridge.rows.rows(0..<8), ridge.rows)
            expectClose(
                first, try golden.data.matrix("out.kernel_first_rows.task\(task)", of: Double.self), absolute: 1e-6)
            for test in 0..<golden.tasks {
                let unit = try golden.data.matrix("in.test_features.task\(test)", of: Double.self).normalizedRows()
                let scores = Matrix<Float>(ridge.predict(unit).scores)
                // The reference's Float solution is off by up to 1e-2 (metadata: float32_alpha_err_per_task).
                let tolerance = gamma == 1 ? 1e-5 : 2e-2
                if golden.data.has("out.adapted.task\(task).test\(test)") {
                    expectClose(
                        scores, try golden.data.matrix("out.adapted.task\(task).test\(test)", of: Float.self),
                        absolute: tolerance)
                }
                let zeroShot = Matrix<Float>(unit).multiplied(by: golden.text, .transposed, scaledBy: 100)
                expectClose(
                    zeroShot.softmax(), try golden.data.matrix("out.zero_shot.task\(task).test\(test)", of: Float.self),
                    absolute: 1e-5)
                expectClose(
                    RAILFusion.scores(zeroShot: zeroShot, scores: scores, weight: weight),
                    try golden.data.matrix("out.fused.task\(task).test\(test)", of: Float.self), absolute: tolerance)
            }
        }
    }
}

@Suite struct KernelRidgeTests {
    private let world = RandomRows(classes: 4, rowsPerClass: 12, dimension: 10)
    static let kernels: [Kernel] = [
        .gaussian(gamma: 0.7), .linear, .polynomial(degree: 3, offset: 0.5), .arcCosine(order: 0), .arcCosine(order: 1),
        .arcCosine(order: 2),
    ]

    /// Two rows at a known angle, from the definitions; the arc-cosine ones by their integral over random units.
    @Test func valuesOfKernels() {
        let x = Matrix<Double>([[1, 0], [0.6, 0.8]])
        let dot = 0.6
        func value(_ kernel: Kernel) -> Double { kernel.matrix(x, x)[0, 1] }
        expectClose(value(.gaussian(gamma: 0.7)), exp(-0.7 * 0.8), relative: 1e-14)
        expectClose(value(.linear), dot, relative: 1e-14)
        expectClose(value(.polynomial(degree: 3, offset: 0.5)), 1.1 * 1.1 * 1.1, relative: 1e-14)
        // Units in the plane: the angle of w is uniform, its squared length 2 on average and 8 its fourth power.
        let steps = 200_000
        for order in 0...2 {
            var sum = 0.0
            var own = 0.0
            for step in 0..<steps {
                let angle = 2 * Double.pi * (Double(step) + 0.5) / Double(steps)
                let (a, b) = (cos(angle), 0.6 * cos(angle) + 0.8 * sin(angle))
                if a > 0 { own += pow(a, 2 * Double(order)) }
                if a > 0, b > 0 { sum += pow(a, Double(order)) * pow(b, Double(order)) }
            }
            expectClose(value(.arcCosine(order: order)), sum / own, relative: 1e-4, "order \(order)")
        }
    }

    /// Random hidden units approach the arc-cosine kernel of order 1.
    @Test func randomUnitsApproachTheArcCosineKernel() {
        let rows = world.rows.features.rows(0..<8)
        let features = FeatureExpansion.randomUnits(20_000, seed: 3, inputDimension: 10).double(rows)
        let products = features.multiplied(by: features, .transposed)
        // Of 20,000 terms with a standard deviation of about 1: four standard errors.
        expectClose(products, Kernel.arcCosine(order: 1).matrix(Matrix<Double>(rows), Matrix<Double>(rows)), absolute: 0.045)
    }

    @Test(arguments: kernels) func kernelMatricesArePositiveSemidefinite(_ kernel: Kernel) throws {
        let rows = Matrix<Double>(world.rows.features)
        let matrix = kernel.matrix(rows, rows)
        expectClose(matrix.transposed(), matrix, absolute: 1e-13)
        expectClose((0..<rows.rows).map { matrix[$0, $0] }, kernel.diagonal(rows), absolute: 1e-7)
        let values = try matrix.symmetricEigenvalues()
        #expect((values.first ?? 0) > -1e-6 * (values.last ?? 0))
    }

    /// However rows come, and against the dense formula.
    @Test(arguments: kernels) func blocksDoNotMatter(_ kernel: Kernel) throws {
        let rows = Matrix<Double>(world.rows.features)
        var whole = KernelRidge(kernel: kernel, regulariser: 0.01, dimension: 10)
        try whole.learn(rows, labels: world.rows.labels, classes: 4)
        var parts = KernelRidge(kernel: kernel, regulariser: 0.01, dimension: 10)
        for start in stride(from: 0, to: rows.rows, by: 7) {
            let range = start..<min(start + 7, rows.rows)
            try parts.learn(rows.rows(range), labels: Array(world.rows.labels[range]), classes: 4)
        }
        expectClose(parts.coefficients, whole.coefficients, relative: 1e-8)
        var system = kernel.matrix(rows, rows)
        var targets = Matrix<Double>(rows: rows.rows, columns: 4)
        for index in 0..<rows.rows {
            system[index, index] += 0.01
            targets[index, world.rows.labels[index]] = 1
        }
        expectClose(
            whole.coefficients.transposed(), try CholeskyFactorization(system).solve(targets), relative: 1e-8)
    }

    /// Primal and dual are one solution: the linear kernel and no expansion, scores and variances.
    @Test func dualEqualsPrimal() throws {
        var recipe = RAILRecipe()
        (recipe.hidden, recipe.regulariser, recipe.precision) = (0, .fixed(0.3), .double)
        var primal = try RAILPrimalHead(recipe: recipe, featureDimension: 10)
        var dualRecipe = RAILDualRecipe()
        (dualRecipe.kernel, dualRecipe.regulariser) = (.linear, .fixed(0.3))
        var dual = try RAILDualHead(recipe: dualRecipe, featureDimension: 10)
        let task = world.task([0, 1, 2, 3], known: [])
        try primal.learn(task, seed: 1) { _ in }
        try dual.learn(task, seed: 1) { _ in }
        let (a, b) = (try primal.scores(for: world.rows.features), try dual.scores(for: world.rows.features))
        expectClose(b.scores, a.scores, relative: 1e-5)
        expectClose(dual.scales.map { 0.3 * $0 }, primal.noiseVariances, relative: 1e-6)
        expectClose(b.variances, a.leverages.map { 0.3 * $0 }, relative: 1e-4)
        let (p, d) = (try primal.posterior(for: world.rows.features), try dual.posterior(for: world.rows.features))
        expectClose(d.mean, p.mean, relative: 1e-2)
        expectClose(d.variance, p.variance, relative: 5e-2)
    }

    /// Leave-one-out in closed form is learning without the row.
    @Test func leaveOneOutIsLearningWithoutTheRow() throws {
        let rows = Matrix<Double>(world.rows.features)
        var ridge = KernelRidge(kernel: .gaussian(gamma: 0.7), regulariser: 0.05, dimension: 10)
        try ridge.learn(rows, labels: world.rows.labels, classes: 4)
        let chosen = [0, 5, 17]
        let left = ridge.leaveOneOut(rows.selectingRows(chosen), labels: chosen.map { world.rows.labels[$0] })
        for (position, index) in chosen.enumerated() {
            let others = (0..<rows.rows).filter { $0 != index }
            var without = KernelRidge(kernel: .gaussian(gamma: 0.7), regulariser: 0.05, dimension: 10)
            try without.learn(
                rows.selectingRows(others), labels: others.map { world.rows.labels[$0] }, classes: 4)
            let found = without.predict(rows.rows(index..<index + 1))
            expectClose(left.scores.row(position), found.scores.row(0), absolute: 1e-6)
            expectClose(left.variances[position], found.variances[0], absolute: 1e-9)
        }
    }

    /// With every row a landmark the approximation is the exact solution.
    @Test func nystromWithAllLandmarksIsExact() throws {
        let rows = Matrix<Double>(world.rows.features)
        var exact = KernelRidge(kernel: .gaussian(gamma: 0.7), regulariser: 0.05, dimension: 10)
        try exact.learn(rows, labels: world.rows.labels, classes: 4)
        let all = try NystromRidge(
            kernel: .gaussian(gamma: 0.7), regulariser: 0.05, landmarks: rows, rows: rows, labels: world.rows.labels,
            classes: 4) { _ in }
        let probes = Matrix<Double>(RandomRows(classes: 3, rowsPerClass: 4, dimension: 10, seed: 77).rows.features)
        let (a, b) = (all.predict(probes), exact.predict(probes))
        expectClose(a.scores, b.scores, relative: 1e-6)
        expectClose(a.variances, b.variances, relative: 1e-5)
        expectClose(all.scales, exact.scales, relative: 1e-5)
        expectClose(
            all.coefficients.multiplied(by: exact.kernel.matrix(rows, probes)).transposed(), b.scores, relative: 1e-5)
        let (l, m) = (all.leaveOneOut(rows, labels: world.rows.labels), exact.leaveOneOut(rows, labels: world.rows.labels))
        expectClose(l.scores, m.scores, relative: 1e-4)
        expectClose(l.variances, m.variances, relative: 1e-4)
    }

    @Test(arguments: LandmarkSelection.allCases) func landmarksAreDifferentRows(_ selection: LandmarkSelection) {
        let rows = Matrix<Double>(world.rows.features)
        for count in [0, 1, 5, 20, 48, 60] {
            let chosen = selection.indices(
                of: rows, labels: world.rows.labels, count: count, random: RandomStream(seed: 4))
            #expect(chosen.count == min(count, 48))
            #expect(Set(chosen).count == chosen.count)
            #expect(chosen == chosen.sorted())
            #expect(chosen.allSatisfy { (0..<48).contains($0) })
        }
        let copies = Matrix<Double>(rows: 9, columns: 3, repeating: 1)
        #expect(selection.indices(of: copies, labels: [0, 0, 0, 0, 0, 1, 1, 1, 1], count: 4, random: .init(seed: 1)).count == 4)
    }

    /// More rows than may be solved exactly: landmarks, within reach of the exact head.
    @Test(arguments: LandmarkSelection.allCases) func landmarksComeInBeyondTheBound(_ selection: LandmarkSelection) throws {
        var recipe = RAILDualRecipe()
        (recipe.exactRows, recipe.landmarks, recipe.landmarkSelection) = (30, 20, selection)
        var head = try RAILDualHead(recipe: recipe, featureDimension: 10)
        try head.learn(world.task([0, 1], known: []), seed: 1) { _ in }
        #expect(head.landmarks == nil)
        try head.learn(world.task([2, 3], known: [0, 1]), seed: 1) { _ in }
        #expect(head.landmarks?.count == 20)
        let right = try head.posterior(for: world.rows.features).mean.rowArgmaxima()
        #expect(zip(right, world.rows.labels).filter { $0 == $1 }.count > 40)
        let loaded = try RAILDualHead(archive: head.archive())
        let (a, b) = (try head.posterior(for: world.rows.features), try loaded.posterior(for: world.rows.features))
        #expect(a.mean.elements == b.mean.elements)
        #expect(a.variance.elements == b.variance.elements)
    }

    @Test(arguments: [RidgeParameter.marginalLikelihood, .leaveOneOut])
    func parametersAreChosenFromTheRows(_ criterion: RidgeParameter) throws {
        var recipe = RAILDualRecipe()
        (recipe.gamma, recipe.regulariser) = (criterion, criterion)
        var head = try RAILDualHead(recipe: recipe, featureDimension: 10)
        try head.learn(world.task([0, 1, 2, 3], known: []), seed: 1) { _ in }
        let regulariser = try #require(head.regulariser)
        guard case .gaussian(let gamma) = head.kernel else { throw HeadError.invalidTask("another kernel") }
        func loss(_ gamma: Double, _ regulariser: Double) throws -> Double {
            var ridge = KernelRidge(kernel: .gaussian(gamma: gamma), regulariser: regulariser, dimension: 10)
            try ridge.learn(Matrix<Double>(world.rows.features), labels: world.rows.labels, classes: 4)
            guard criterion == .leaveOneOut else { return -ridge.logMarginalLikelihood }
            let left = ridge.leaveOneOut(Matrix<Double>(world.rows.features), labels: world.rows.labels).scores
            return world.rows.labels.enumerated().reduce(0) { sum, entry in
                (0..<4).reduce(sum) {
                    let error = Double(left[entry.offset, $1]) - ($1 == entry.element ? 1 : 0)
                    return $0 + error * error
                }
            }
        }
        let best = try loss(gamma, regulariser)
        // The optimum may lie on the border of what is searched.
        for factor in [0.2, 5] where RAILDualRecipe.regulariserRange.contains(regulariser * factor) {
            #expect(try loss(gamma, regulariser * factor) > best)
        }
        for factor in [0.2, 5] where RAILDualRecipe.gammaRange.contains(gamma * factor) {
            #expect(try loss(gamma * factor, regulariser) > best)
        }
    }

    @Test func unlearningIsNeverHavingLearnt() throws {
        var learnt = try RAILDualHead(featureDimension: 10)
        try learnt.learn(world.task([0, 1, 2], known: []), seed: 1) { _ in }
        try learnt.learn(world.task([3], known: [0, 1, 2]), seed: 1) { _ in }
        try learnt.unlearn(world.rows.ofClasses([1]), removing: [1])
        var never = try RAILDualHead(featureDimension: 10)
        try never.learn(world.task([0, 2, 3], known: []), seed: 1) { _ in }
        #expect(learnt.classNames == never.classNames)
        #expect(learnt.classesPerTask == [2, 1])
        let (a, b) = (
            try learnt.scores(for: world.rows.features), try never.scores(for: world.rows.features)
        )
        expectClose(a.scores, b.scores, relative: 1e-6)
        expectClose(a.variances, b.variances, relative: 1e-6)
        let strange = RandomRows(classes: 3, rowsPerClass: 4, dimension: 10, seed: 5).rows
        #expect(throws: HeadError.self) { try learnt.unlearn(strange.selecting([0]), removing: []) }
        #expect(learnt.rows.count == 36)
    }

    @Test func settingsOutOfRangeAreRefused() {
        var recipes = [RAILDualRecipe](repeating: RAILDualRecipe(), count: 8)
        recipes[0].kernel = .gaussian(gamma: 0)
        recipes[1].kernel = .polynomial(degree: 0, offset: 1)
        recipes[2].kernel = .arcCosine(order: 3)
        recipes[3].regulariser = .fixed(-1)
        recipes[4].landmarks = 0
        recipes[5].exactRows = -1
        recipes[6].kernel = .linear
        recipes[6].gamma = .fixed(1)
        (recipes[7].gamma, recipes[7].regulariser) = (.leaveOneOut, .marginalLikelihood)
        for recipe in recipes {
            #expect(throws: HeadError.self) { try RAILDualHead(recipe: recipe, featureDimension: 10) }
        }
    }
}
