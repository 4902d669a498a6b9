import Exemplars
import FeatureData
import Foundation
import Linear
import Matrices
import Prediction
import TestSupport
import Testing
import ZeroShot

@testable import ContinualEvaluation

@Suite struct TrainingSubsetTests {
    /// Classes of unequal sizes, mixed: 40, 20, 10, 2 and 30 rows.
    private let sizes = [40, 20, 10, 2, 30]
    private let labels: [Int]
    private let names = (0..<5).map { "class \($0)" }

    init() {
        let sizes = sizes
        labels = (0..<40).flatMap { round in sizes.indices.filter { round < sizes[$0] } }
    }

    private func roles(_ subset: TrainingSubset, classes: [Int] = [0, 1, 2, 3, 4]) throws -> [TrainingSubset.Role] {
        try subset.roles(ofRows: labels, classes: classes, names: names)
    }

    private func counts(_ roles: [TrainingSubset.Role], _ role: TrainingSubset.Role) -> [Int] {
        sizes.indices.map { label in zip(labels, roles).filter { $0 == label && $1 == role }.count }
    }

    @Test func withoutSettingsAllRowsAreLearnt() throws {
        #expect(try roles(TrainingSubset()).allSatisfy { $0 == .training })
        #expect(TrainingSubset().settings.isEmpty)
    }

    @Test func theHoldoutIsTheSameShareOfEveryClass() throws {
        let roles = try roles(TrainingSubset(holdout: 0.2))
        #expect(counts(roles, .heldOut) == [8, 4, 2, 1, 6])
        #expect(counts(roles, .training) == [32, 16, 8, 1, 24])
    }

    @Test func aHoldoutLeavesARowForBoth() throws {
        #expect(try counts(roles(TrainingSubset(holdout: 0.001)), .heldOut) == [1, 1, 1, 1, 1])
        #expect(try counts(roles(TrainingSubset(holdout: 0.999)), .training) == [1, 1, 1, 1, 1])
    }

    @Test func rowsPerClassAreAtMostThat() throws {
        let few = try roles(TrainingSubset(holdout: 0.2, rowsPerClass: 16))
        #expect(counts(few, .training) == [16, 16, 8, 1, 16])
        #expect(counts(few, .heldOut) == [8, 4, 2, 1, 6])
        #expect(try counts(roles(TrainingSubset(rowsPerClass: 1)), .training) == [1, 1, 1, 1, 1])
    }

    @Test func imbalanceFollowsTheExponentialLaw() throws {
        let labels = (0..<500).map { $0 % 5 }
        for subset in [TrainingSubset(imbalance: 16), TrainingSubset(imbalance: 16, seed: 9)] {
            let roles = try subset.roles(ofRows: labels, classes: Array(0..<5), names: names)
            let counts = (0..<5).map { label in zip(labels, roles).filter { $0 == label && $1 == .training }.count }
            #expect(counts.sorted(by: >) == [100, 50, 25, 13, 6])  // 100 · 16^(−k/4): 100, 50, 25, 12.5, 6.25
        }
        // At least one row, whatever the factor; a factor of 1 leaves all.
        #expect(try counts(roles(TrainingSubset(imbalance: 1e9)), .training).min() == 1)
        #expect(try roles(TrainingSubset(imbalance: 1)).allSatisfy { $0 == .training })
        // With a number of rows per class, that is the number of the most frequent class.
        let both = try TrainingSubset(rowsPerClass: 8, imbalance: 4).roles(
            ofRows: labels, classes: [0, 2, 4], names: names)
        let rows = [0, 2, 4].map { label in zip(labels, both).filter { $0 == label && $1 == .training }.count }
        #expect(rows.sorted(by: >) == [8, 4, 2])
        #expect(zip(labels, both).allSatisfy { [0, 2, 4].contains($0) || $1 == .unused })
    }

    @Test func fewerRowsAreAPartOfMore() throws {
        let whole = try roles(TrainingSubset(holdout: 0.3))
        var last = whole
        for rows in [16, 5, 1] {
            let few = try roles(TrainingSubset(holdout: 0.3, rowsPerClass: rows))
            #expect(zip(few, last).allSatisfy { $0 != .training || $1 == .training })
            #expect(zip(few, whole).allSatisfy { ($0 == .heldOut) == ($1 == .heldOut) })
            last = few
        }
    }

    @Test func theSeedDecidesAndNothingElse() throws {
        let subset = TrainingSubset(holdout: 0.2, rowsPerClass: 9, imbalance: 3, seed: 4)
        let one = try roles(subset)
        #expect(try roles(subset) == one)
        #expect(try roles(subset, classes: [4, 2, 0, 1, 3]) == one)
        for threads in [1, 2] { #expect(try Parallelism.withThreads(threads) { try roles(subset) } == one) }
        var other = subset
        other.seed = 5
        #expect(try roles(other) != one)
    }

    @Test func settingsOutOfRangeAreRefused() {
        for share in [0, 1, -0.1, .nan] {
            #expect(throws: TrainingSubsetError.self) { try roles(TrainingSubset(holdout: share)) }
        }
        #expect(throws: TrainingSubsetError.rowsPerClass(0)) { try roles(TrainingSubset(rowsPerClass: 0)) }
        for factor in [0.5, .infinity, .nan] {
            #expect(throws: TrainingSubsetError.self) { try roles(TrainingSubset(imbalance: factor)) }
        }
        #expect(throws: TrainingSubsetError.cannotHoldOut(className: "class 1")) {
            try TrainingSubset(holdout: 0.5).roles(ofRows: [0, 0, 1], classes: [0, 1], names: names)
        }
        #expect(throws: HeadError.classWithoutRows("class 2")) {
            try TrainingSubset().roles(ofRows: [0, 0, 1], classes: [0, 2], names: names)
        }
    }
}

/// The protocol on held-out rows.
@Suite struct HoldoutBenchmarkTests {
    private let toy: ToyData
    private let tasks = [[4, 1], [0, 5, 2], [3]]

    init() throws {
        toy = try ToyData()
    }

    private func data(_ subset: TrainingSubset, test: Bool = false) throws -> BenchmarkData {
        try BenchmarkData(
            names: ["toy"], prompts: toy.prompts, train: toy.train, test: test ? toy.test : nil, tasks: tasks,
            subset: subset)
    }

    /// Every training row is learnt or examined, none is both, and test rows are neither.
    @Test func learntAndExaminedRowsAreDisjoint() throws {
        let all = try toy.train.load()
        for test in [false, true] {
            let data = try data(TrainingSubset(holdout: 0.25), test: test)
            #expect(data.test == nil)
            var learnt: [[Float]] = []
            for task in tasks.indices {
                let rows = try data.trainingRows(ofTask: task)
                #expect(rows.count == 6 * tasks[task].count)
                for row in 0..<rows.count { learnt.append(Array(rows.features.row(row))) }
            }
            for block in [1, 7, 100] {
                var examined: [[Float]] = []
                try data.forEachTestBlock(rows: block) { rows in
                    for row in 0..<rows.count { examined.append(Array(rows.features.row(row))) }
                }
                #expect(examined.count == 12 && learnt.count == 36)
                #expect(Set(examined).isDisjoint(with: learnt))
                let every = Set((0..<all.count).map { Array(all.features.row($0)) })
                #expect(Set(examined).union(learnt) == every)
            }
        }
    }

    @Test func resultsTellTheSubset() throws {
        var head = LinearHead(featureDimension: 16)
        var buffer = ExemplarBuffer(budget: 12)
        var options = ContinualBenchmark.Options()
        options.budget = 12
        let subset = TrainingSubset(holdout: 0.25, rowsPerClass: 4, imbalance: 2)
        let results = try ContinualBenchmark(data: data(subset), options: options)
            .run(&head, method: "test", exemplars: &buffer)
        #expect(results.options["holdout"] == "0.25")
        #expect(results.options["rows_per_class"] == "4")
        #expect(results.options["imbalance"] == "2.0")
        #expect(results.tasks.map(\.testRows) == [4, 10, 12])
        #expect(results.tasks.map(\.trainRows).reduce(0, +) == 17)  // 4, 3, 3, 3, 2, 2
        #expect(results.novelty.map(\.novelRows) == [8, 2])
    }

    @Test func nothingToBeExaminedOnIsRefused() {
        #expect(throws: HeadError.self) { try data(TrainingSubset(rowsPerClass: 3)) }
    }
}
