import FeatureData
import Matrices
import Prediction
import Testing

@testable import Exemplars

/// Rows whose feature says which row of which class they are: [class, number].
private func rows(_ classes: [(label: Int, count: Int)]) -> LabelledFeatures {
    let pairs = classes.flatMap { entry in (0..<entry.count).map { (entry.label, $0) } }
    return LabelledFeatures(
        features: Matrix(rows: pairs.count, columns: 2, elements: pairs.flatMap { [Float($0.0), Float($0.1)] }),
        labels: pairs.map { $0.0 })
}

private func numbers(_ buffer: ExemplarBuffer, _ label: Int) -> [Int] {
    let held = buffer.exemplars(ofClasses: [label])
    return (0..<held.count).map { Int(held.features[$0, 1]) }
}

/// Ranks by the posterior's first logit, highest first, to test that posteriors reach selectors row by row.
private struct HighestFirstLogit: ExemplarSelector {
    let name = "highest-first-logit"
    let needsPosterior = true
    func ranking(of candidates: ExemplarCandidates, count: Int) throws -> [Int] {
        guard let mean = candidates.posterior?.mean else { throw ExemplarError.posteriorRequired(selector: name) }
        return Array((0..<candidates.count).sorted { mean[$0, 0] > mean[$1, 0] }.prefix(count))
    }
}

@Suite struct ExemplarBufferTests {
    @Test func sharesAreEqualUpToOneRowAndUseTheBudget() throws {
        var buffer = ExemplarBuffer(budget: 10)
        try buffer.update(with: rows([(0, 20), (1, 20), (2, 20)]), classes: 3, selector: RandomExemplars(), seed: 1)
        #expect(buffer.exemplars.labels == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
        try buffer.update(with: rows([(3, 20)]), classes: 4, selector: RandomExemplars(), seed: 1)
        #expect(buffer.exemplars.labels == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3])
        #expect(buffer.classes == [0, 1, 2, 3])
        for budget in 0...30 {
            let buffer = ExemplarBuffer(budget: budget)
            for classes in 1...12 {
                let shares = (0..<classes).map { buffer.share(ofClass: $0, among: classes) }
                #expect(shares.reduce(0, +) == budget)
                #expect(shares.max()! - shares.min()! <= 1)
                let later = (0..<classes).map { buffer.share(ofClass: $0, among: classes + 1) }
                #expect(zip(shares, later).allSatisfy { $0 >= $1 })
            }
        }
    }

    @Test func anOldClassKeepsThePrefixOfItsRanking() throws {
        var buffer = ExemplarBuffer(budget: 12)
        try buffer.update(with: rows([(0, 30)]), classes: 1, selector: RandomExemplars(), seed: 5)
        let first = numbers(buffer, 0)
        #expect(first.count == 12)
        #expect(Set(first).count == 12)
        try buffer.update(with: rows([(1, 30), (2, 30)]), classes: 3, selector: RandomExemplars(), seed: 5)
        #expect(numbers(buffer, 0) == Array(first.prefix(4)))
        // What is kept in the end is what a buffer that saw all classes at once keeps.
        var atOnce = ExemplarBuffer(budget: 12)
        try atOnce.update(
            with: rows([(0, 30), (1, 30), (2, 30)]), classes: 3, selector: RandomExemplars(), seed: 5)
        #expect(atOnce.exemplars.features.elements == buffer.exemplars.features.elements)
        #expect(atOnce.exemplars.labels == buffer.exemplars.labels)
    }

    @Test func theSeedDecidesAndOtherClassesDoNotMatter() throws {
        func kept(_ task: LabelledFeatures, seed: UInt64) throws -> [Int] {
            var buffer = ExemplarBuffer(budget: 30)
            try buffer.update(with: task, classes: 3, selector: RandomExemplars(), seed: seed)
            return numbers(buffer, 1)
        }
        let inOrder = try kept(rows([(0, 40), (1, 40), (2, 40)]), seed: 3)
        #expect(try kept(rows([(2, 15), (1, 40), (0, 7)]), seed: 3) == inOrder)
        #expect(try kept(rows([(1, 40)]), seed: 3) == inOrder)
        #expect(try kept(rows([(1, 40)]), seed: 4) != inOrder)
        #expect(inOrder != Array(0..<10))
    }

    @Test func aBudgetBelowTheClassesKeepsOneRowOfTheFirstOnes() throws {
        var buffer = ExemplarBuffer(budget: 2)
        try buffer.update(with: rows([(0, 5), (1, 5), (2, 5)]), classes: 3, selector: RandomExemplars(), seed: 0)
        #expect(buffer.exemplars.labels == [0, 1])
        var none = ExemplarBuffer(budget: 0)
        try none.update(with: rows([(0, 5)]), classes: 1, selector: RandomExemplars(), seed: 0)
        #expect(none.isEmpty)
    }

    @Test func aClassWithFewRowsKeepsThemAll() throws {
        var buffer = ExemplarBuffer(budget: 20)
        try buffer.update(with: rows([(0, 3), (1, 30)]), classes: 2, selector: RandomExemplars(), seed: 0)
        #expect(buffer.exemplars.labels == Array(repeating: 0, count: 3) + Array(repeating: 1, count: 10))
        #expect(numbers(buffer, 0).sorted() == [0, 1, 2])
    }

    @Test func storedRowsMakeTheSameBuffer() throws {
        var buffer = ExemplarBuffer(budget: 9)
        try buffer.update(with: rows([(0, 9), (1, 9)]), classes: 2, selector: RandomExemplars(), seed: 2)
        var restored = try ExemplarBuffer(budget: 9, stored: buffer.exemplars)
        #expect(restored.exemplars.features.elements == buffer.exemplars.features.elements)
        try buffer.update(with: rows([(2, 9)]), classes: 3, selector: RandomExemplars(), seed: 2)
        try restored.update(with: rows([(2, 9)]), classes: 3, selector: RandomExemplars(), seed: 2)
        #expect(restored.exemplars.features.elements == buffer.exemplars.features.elements)
        #expect(restored.exemplars.labels == buffer.exemplars.labels)
    }

    @Test func rowsOfKnownClassesArePassedOver() throws {
        var buffer = ExemplarBuffer(budget: 8)
        try buffer.update(with: rows([(0, 9)]), classes: 1, selector: RandomExemplars(), seed: 2)
        let held = numbers(buffer, 0)
        try buffer.update(with: rows([(0, 50), (1, 9)]), classes: 2, selector: RandomExemplars(), seed: 2)
        #expect(numbers(buffer, 0) == Array(held.prefix(4)))
    }

    @Test func aClassMetAgainIsChosenAnewFromStoredAndNewRows() throws {
        var buffer = ExemplarBuffer(budget: 8)
        try buffer.update(with: rows([(0, 9), (1, 9)]), classes: 2, selector: RandomExemplars(), seed: 2)
        let (held, other) = (numbers(buffer, 0), numbers(buffer, 1))
        // New rows of class 0 are numbered from 100 on.
        var task = rows([(0, 12), (2, 9)])
        for row in 0..<12 { task.features[row, 1] += 100 }
        try buffer.update(with: task, classes: 3, selector: RandomExemplars(), seed: 2, reselecting: true)
        #expect(buffer.exemplars.labels == [0, 0, 0, 1, 1, 1, 2, 2])
        #expect(numbers(buffer, 1) == Array(other.prefix(3)))
        // The selector ranks the stored rows, in their order, followed by the new ones.
        let candidates = held + Array(100..<112)
        let ranking = RandomExemplars().ranking(
            of: ExemplarCandidates(classLabel: 0, features: Matrix(rows: 16, columns: 2), seed: 2), count: 3)
        #expect(numbers(buffer, 0) == ranking.map { candidates[$0] })
        let chosen = numbers(buffer, 2)
        try buffer.update(with: rows([]), classes: 3, selector: RandomExemplars(), seed: 2, reselecting: true)
        #expect(numbers(buffer, 2) == chosen)
    }

    @Test func bestRowsStayBestWhenChosenAnew() throws {
        var buffer = ExemplarBuffer(budget: 2)
        func logits(_ features: Matrix<Float>) -> LogitPosterior {
            LogitPosterior(
                mean: Matrix(rows: features.rows, columns: 1, elements: (0..<features.rows).map { features[$0, 1] }))
        }
        let task = rows([(0, 9)])
        for range in [0..<3, 5..<9, 3..<5] {
            try buffer.update(
                with: task.selecting(Array(range)), classes: 1, selector: HighestFirstLogit(), seed: 0,
                reselecting: true, posterior: logits)
        }
        #expect(numbers(buffer, 0) == [8, 7])
    }

    @Test func posteriorsReachTheSelectorRowByRow() throws {
        let task = rows([(1, 4), (0, 4)])
        let means: [[Float]] = [[8, 9, 7, 6], [3, 1, 4, 2]]
        var buffer = ExemplarBuffer(budget: 4)
        try buffer.update(with: task, classes: 2, selector: HighestFirstLogit(), seed: 0) { features in
            let logits = (0..<features.rows).map { means[Int(features[$0, 0])][Int(features[$0, 1])] }
            return LogitPosterior(mean: Matrix(rows: features.rows, columns: 1, elements: logits))
        }
        #expect(numbers(buffer, 0) == [1, 0])
        #expect(numbers(buffer, 1) == [2, 0])
    }

    @Test func badInputLeavesTheBufferAsItWas() throws {
        var buffer = ExemplarBuffer(budget: 6)
        try buffer.update(with: rows([(0, 9)]), classes: 1, selector: RandomExemplars(), seed: 2)
        let before = buffer.exemplars.features.elements
        #expect(throws: ExemplarError.labelOutOfRange(row: 0, label: 2, classes: 2)) {
            try buffer.update(with: rows([(2, 1)]), classes: 2, selector: RandomExemplars(), seed: 2)
        }
        #expect(throws: ExemplarError.posteriorRequired(selector: "highest-first-logit")) {
            try buffer.update(with: rows([(1, 1)]), classes: 2, selector: HighestFirstLogit(), seed: 2)
        }
        #expect(throws: ExemplarError.featureDimension(expected: 2, found: 3)) {
            try buffer.update(
                with: LabelledFeatures(features: Matrix(rows: 1, columns: 3), labels: [1]), classes: 2,
                selector: RandomExemplars(), seed: 2)
        }
        #expect(buffer.exemplars.features.elements == before)
        #expect(throws: ExemplarError.self) { try ExemplarBuffer(budget: -1, stored: buffer.exemplars) }
        #expect(throws: ExemplarError.self) {
            try ExemplarBuffer(
                budget: 1, stored: LabelledFeatures(features: Matrix(rows: 1, columns: 1), labels: [-1]))
        }
    }
}
