import FeatureData
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import RAIL

/// Learning task by task is learning everything at once, and unlearning is never having learnt.
@Suite struct JointSolutionTests {
    private let world = RandomRows(classes: 20, rowsPerClass: 15, dimension: 12)

    private func head(_ precision: RidgePrecision = .double) throws -> RAILPrimalHead {
        var recipe = RAILRecipe()
        recipe.hidden = 90
        recipe.regulariser = .fixed(0.05)
        recipe.precision = precision
        return try RAILPrimalHead(recipe: recipe, featureDimension: world.dimension)
    }

    /// The weights of the world's classes in its own order, whatever the order they were learnt in.
    private func weights(_ head: RAILPrimalHead) -> Matrix<Double> {
        head.weights.selectingRows(world.names.compactMap { head.classNames.firstIndex(of: $0) })
    }

    @Test(arguments: [1, 2, 5, 20]) func tasksAndOrderDoNotMatter(_ tasks: Int) throws {
        var joint = try head()
        try joint.learn(world.task(Array(0..<20), known: []), seed: 7) { _ in }
        var order = Array(0..<20)
        var random = RandomStream(seed: 3)
        for _ in 0..<3 {
            random.shuffle(&order)
            var split = try head()
            for task in 0..<tasks {
                let size = 20 / tasks
                try split.learn(
                    world.task(Array(order[task * size..<(task + 1) * size]), known: Array(order[..<(task * size)])),
                    seed: 7) { _ in }
            }
            expectClose(weights(split), weights(joint), relative: 1e-8)
            let noise = world.names.compactMap { name in
                split.classNames.firstIndex(of: name).map { split.noiseVariances[$0] }
            }
            expectClose(noise, joint.noiseVariances, relative: 1e-8)
        }
    }

    /// Rows of a class in several tasks are the same as in one.
    @Test func rowsOfAClassMayComeInParts() throws {
        var whole = try head()
        try whole.learn(world.task([0, 1, 2], known: []), seed: 7) { _ in }
        var parts = try head()
        let task = world.task([0, 1, 2], known: [])
        for part in 0..<3 {
            let rows = task.rows.labels.indices.filter { $0 / 3 % 3 == part }
            var piece = LearningTask(classes: part == 0 ? task.classes : task.classes.selecting([]), rows: task.rows.selecting(rows))
            piece.classes.logitScale = task.classes.logitScale
            try parts.learn(piece, seed: 7) { _ in }
        }
        expectClose(parts.weights, whole.weights, relative: 1e-8)
        #expect(parts.rowCounts == whole.rowCounts)
        #expect(parts.classesPerTask == [3, 0, 0])
    }

    /// The dense solution in one formula.
    @Test func weightsAreTheRidgeSolution() throws {
        var head = try head()
        let task = world.task(Array(0..<5), known: [])
        try head.learn(task, seed: 7) { _ in }
        let features = try #require(head.expansion).double(task.rows.features)
        var gram = features.gram()
        for index in 0..<gram.rows { gram[index, index] += 0.05 }
        var targets = Matrix<Double>(rows: task.rows.count, columns: 5)
        for (row, label) in task.rows.labels.enumerated() { targets[row, label] = 1 }
        let expected = try CholeskyFactorization(gram).solve(features.multiplied(.transposed, by: targets)).transposed()
        expectClose(head.weights, expected, relative: 1e-10)
    }

    @Test func recursionGivesTheSameWeights() throws {
        var head = try head()
        let task = world.task(Array(0..<20), known: [])
        try head.learn(task, seed: 7) { _ in }
        let features = try #require(head.expansion).double(task.rows.features)
        var recursive = RecursiveRidge<Double>(dimension: 90, regulariser: 0.05)
        for start in stride(from: 0, to: features.rows, by: 32) {
            let range = start..<min(start + 32, features.rows)
            try recursive.learn(features.rows(range), labels: Array(task.rows.labels[range]))
        }
        expectClose(recursive.weights, head.weights, relative: 1e-8)
    }
}

/// Unit rows around random class directions.
struct RandomRows {
    let dimension: Int
    let names: [String]
    let rows: LabelledFeatures
    private let text: Matrix<Float>

    init(classes: Int, rowsPerClass: Int, dimension: Int, seed: UInt64 = 11) {
        self.dimension = dimension
        names = (0..<classes).map { "class \($0)" }
        var noise = NormalNoise(seed: seed)
        text = noise.matrix(Float.self, rows: classes, columns: dimension).normalizedRows()
        let labels = (0..<classes * rowsPerClass).map { $0 % classes }
        let spread: Matrix<Float> = noise.matrix(rows: labels.count, columns: dimension)
        let features = text.selectingRows(labels) + 0.25 * spread
        rows = LabelledFeatures(features: features.normalizedRows(), labels: labels)
    }

    /// The task of `members`; labels count on after `known`.
    func task(_ members: [Int], known: [Int]) -> LearningTask {
        LearningTask(
            classes: ClassPrompts(
                classNames: members.map { names[$0] }, features: members.map { text.rows($0..<$0 + 1) }, logitScale: 20),
            rows: rows.ofClasses(members, relabellingFrom: known.count))
    }
}

/// Unlearning is never having learnt.
@Suite struct UnlearningTests {
    private let world = RandomRows(classes: 6, rowsPerClass: 15, dimension: 12)

    private func head(_ precision: RidgePrecision? = .double) throws -> RAILPrimalHead {
        var recipe = RAILRecipe()
        recipe.hidden = 60
        recipe.regulariser = .fixed(0.05)
        recipe.precision = precision
        return try RAILPrimalHead(recipe: recipe, featureDimension: world.dimension)
    }

    @Test(arguments: [RidgePrecision.double, .mixed, .single]) func ofClasses(_ precision: RidgePrecision) throws {
        var learnt = try head(precision)
        try learnt.learn(world.task([0, 1, 2, 3], known: []), seed: 7) { _ in }
        try learnt.learn(world.task([4, 5], known: [0, 1, 2, 3]), seed: 7) { _ in }
        try learnt.unlearn(world.rows.ofClasses([1, 4, 5]), removing: [1, 4, 5])
        var never = try head(precision)
        try never.learn(world.task([0, 2, 3], known: []), seed: 7) { _ in }
        #expect(learnt.classNames == never.classNames)
        #expect(learnt.classesPerTask == [3])
        #expect(learnt.rowCounts == never.rowCounts)
        let tolerance = precision == .double ? 1e-8 : 1e-3
        expectClose(learnt.weights, never.weights, relative: tolerance)
        expectClose(learnt.noiseVariances, never.noiseVariances, relative: tolerance)
        let rows = world.rows.features
        expectClose(try learnt.scores(for: rows).leverages, try never.scores(for: rows).leverages, relative: 1e-3)
        // And it goes on learning alike.
        try learnt.learn(world.task([5], known: [0, 2, 3]), seed: 7) { _ in }
        try never.learn(world.task([5], known: [0, 2, 3]), seed: 7) { _ in }
        expectClose(learnt.weights, never.weights, relative: tolerance)
    }

    @Test func ofRows() throws {
        var learnt = try head()
        let task = world.task(Array(0..<6), known: [])
        try learnt.learn(task, seed: 7) { _ in }
        let gone = Array(stride(from: 0, to: task.rows.count, by: 4))
        try learnt.unlearn(task.rows.selecting(gone), removing: [])
        var never = try head()
        var rest = task
        rest.rows = task.rows.selecting(task.rows.labels.indices.filter { $0 % 4 != 0 })
        try never.learn(rest, seed: 7) { _ in }
        expectClose(learnt.weights, never.weights, relative: 1e-8)
    }

    @Test func ofEverythingLeavesAHeadThatKnowsNothing() throws {
        var learnt = try head()
        try learnt.learn(world.task([0, 1], known: []), seed: 7) { _ in }
        try learnt.unlearn(world.rows.ofClasses([0, 1]), removing: [0, 1])
        #expect(learnt.classNames.isEmpty)
        #expect(try learnt.posterior(for: world.rows.features).classes == 0)
        let loaded = try RAILPrimalHead(archive: learnt.archive())
        #expect(loaded.classNames.isEmpty)
        try learnt.learn(world.task([2, 3], known: []), seed: 8) { _ in }
        var never = try head()
        try never.learn(world.task([2, 3], known: []), seed: 8) { _ in }
        #expect(learnt.weights == never.weights)
    }

    @Test func whatWasNotLearntIsRefused() throws {
        var learnt = try head()
        try learnt.learn(world.task([0, 1, 2], known: []), seed: 7) { _ in }
        let before = learnt.weights
        let class0 = world.rows.ofClasses([0])
        let other = RandomRows(classes: 6, rowsPerClass: 15, dimension: 12, seed: 99).rows.ofClasses([0])
        let narrow = LabelledFeatures(features: Matrix(rows: 1, columns: 3), labels: [0])
        let unknown = LabelledFeatures(features: class0.features.rows(0..<1), labels: [3])
        let refused: [(LabelledFeatures, Set<Int>)] = [
            (class0.selecting([0, 1]), [0]),  // not all rows of the class
            (class0, []),  // none would be left
            (other, [0]),  // other rows
            (narrow, []), (unknown, []), (class0, [7]),
            (class0.selecting(Array(0..<15) + [0]), [0]),
            (LabelledFeatures(features: Matrix(rows: 0, columns: 12), labels: []), []),
        ]
        for (rows, classes) in refused {
            #expect(throws: HeadError.self) { try learnt.unlearn(rows, removing: classes) }
        }
        // Rows that contradict the sums: one row many times over.
        #expect(throws: HeadError.self) {
            try learnt.unlearn(class0.selecting([Int](repeating: 3, count: 14)), removing: [])
        }
        #expect(learnt.weights == before)
        #expect(learnt.rowCounts == [15, 15, 15])
        #expect(try learnt.scores(for: class0.features).leverages.allSatisfy { $0 > 0 && $0 < 1 })
    }
}

/// What is refused, and what precision does.
@Suite struct RidgePrecisionTests {
    private let world = RandomRows(classes: 4, rowsPerClass: 20, dimension: 12)

    /// Sums that Float cannot solve: refused where single was asked for, solved in a higher precision where it was not.
    @Test func precisionRisesWhereItMust() throws {
        var recipe = RAILRecipe()
        (recipe.hidden, recipe.regulariser, recipe.precision) = (400, .fixed(1e-9), .single)
        var fixed = try RAILPrimalHead(recipe: recipe, featureDimension: 12)
        #expect(throws: HeadError.self) { try fixed.learn(world.task([0, 1], known: []), seed: 1) { _ in } }
        #expect(fixed.classNames.isEmpty && fixed.precision == nil)
        recipe.precision = nil
        var free = try RAILPrimalHead(recipe: recipe, featureDimension: 12)
        try free.learn(world.task([0, 1], known: []), seed: 1) { _ in }
        #expect(try #require(free.precision) > .single)
    }

    /// A head that could not solve a task is the head before it.
    @Test func aTaskThatCannotBeSolvedChangesNothing() throws {
        var recipe = RAILRecipe()
        (recipe.hidden, recipe.regulariser, recipe.precision) = (60, .fixed(1e-3), .single)
        var head = try RAILPrimalHead(recipe: recipe, featureDimension: 12)
        try head.learn(world.task([0, 1], known: []), seed: 1) { _ in }
        let before = try head.posterior(for: world.rows.features)
        head.recipe.regulariser = .fixed(1e-30)
        let flat = LabelledFeatures(features: Matrix(rows: 20, columns: 12, repeating: 0.28867513), labels: Array(repeating: 2, count: 20))
        var task = world.task([2], known: [0, 1])
        task.rows = flat
        if (try? head.learn(task, seed: 1) { _ in }) == nil {
            #expect(head.classNames.count == 2)
            #expect(head.rowCounts == [20, 20])
            let after = try head.posterior(for: world.rows.features)
            expectClose(after.mean, before.mean, relative: 1e-3)
            expectClose(after.variance, before.variance, relative: 1e-2)
        } else {
            Issue.record("a singular system was solved")
        }
    }

    @Test func theRuleRisesWithTheCondition() {
        #expect(RidgePrecision.sufficient(forCondition: 1e4) == .single)
        #expect(RidgePrecision.sufficient(forCondition: 1e6) == .mixed)
        #expect(RidgePrecision.sufficient(forCondition: 1e9) == .double)
    }

    /// The λ of the largest marginal likelihood and of the least leave-one-out error beat their neighbours.
    @Test(arguments: [RidgeParameter.marginalLikelihood, .leaveOneOut])
    func theRegulariserIsTheBest(_ criterion: RidgeParameter) throws {
        var recipe = RAILRecipe()
        (recipe.hidden, recipe.regulariser, recipe.precision) = (60, criterion, .double)
        var head = try RAILPrimalHead(recipe: recipe, featureDimension: 12)
        try head.learn(world.task([0, 1, 2, 3], known: []), seed: 1) { _ in }
        let chosen = try #require(head.regulariser)
        let features = try #require(head.expansion).single(world.rows.features)
        func loss(_ regulariser: Double) throws -> Double {
            var system = try #require(head.system)
            try system.factorize(regulariser: regulariser)
            return criterion == .leaveOneOut
                ? system.leaveOneOutError(features, labels: world.rows.labels)
                : -system.logMarginalLikelihood(regulariser: regulariser)
        }
        let best = try loss(chosen)
        for factor in [0.3, 3] where RidgeParameter.searchRange.contains(chosen * factor) {
            #expect(try loss(chosen * factor) > best)
        }
    }
}
