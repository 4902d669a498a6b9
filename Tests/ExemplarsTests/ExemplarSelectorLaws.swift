import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import Exemplars

/// The laws of `ExemplarSelector`, for every selector.
@Suite struct ExemplarSelectorLaws {
    private static let selectors = ExemplarSelectors.all

    /// Rows of class 3 of 5, unit length, with a posterior that leans to it.
    private func candidates(_ count: Int, seed: UInt64 = 11) -> ExemplarCandidates {
        var noise = NormalNoise(seed: seed)
        var features: Matrix<Float> = noise.matrix(rows: count, columns: 6)
        for row in 0..<count { features[row, 0] += 2 }
        var mean: Matrix<Float> = noise.matrix(rows: count, columns: 5)
        for row in 0..<count { mean[row, 3] += 2 }
        let variance: Matrix<Float> = noise.matrix(rows: count, columns: 5)
        return ExemplarCandidates(
            classLabel: 3, features: features.normalizedRows(),
            posterior: LogitPosterior(mean: mean, variance: variance.map { $0 * $0 }), seed: 11)
    }

    @Test(arguments: selectors.indices)
    func rankingsAreDistinctPrefixesAndRepeatable(index: Int) throws {
        let selector = Self.selectors[index]
        for count in [0, 1, 2, 17] {
            let candidates = candidates(count)
            let full = try selector.ranking(of: candidates, count: 100)
            #expect(full.sorted() == Array(0..<count), "\(selector.name)")
            #expect(try selector.ranking(of: candidates, count: 100) == full)
            for length in 0...count {
                #expect(try selector.ranking(of: candidates, count: length) == Array(full.prefix(length)), "\(selector.name)")
            }
        }
    }

    @Test(arguments: selectors.indices)
    func threadsChangeNothing(index: Int) throws {
        let selector = Self.selectors[index]
        let candidates = candidates(60)
        let one = try Parallelism.withThreads(1) { try selector.ranking(of: candidates, count: 9) }
        #expect(try Parallelism.withThreads(2) { try selector.ranking(of: candidates, count: 9) } == one)
    }

    @Test(arguments: selectors.indices)
    func rowsThatCoincideAreAllRanked(index: Int) throws {
        let row = candidates(1)
        let same = ExemplarCandidates(
            classLabel: 3, features: row.features.selectingRows([0, 0, 0, 0]),
            posterior: row.posterior.map {
                LogitPosterior(
                    mean: $0.mean.selectingRows([0, 0, 0, 0]), variance: $0.variance.selectingRows([0, 0, 0, 0]))
            }, seed: 1)
        #expect(try Self.selectors[index].ranking(of: same, count: 4).sorted() == [0, 1, 2, 3])
    }

    @Test(arguments: selectors.indices)
    func aMissingPosteriorIsAnError(index: Int) throws {
        let selector = Self.selectors[index]
        guard selector.needsPosterior else { return }
        let bare = ExemplarCandidates(classLabel: 3, features: candidates(4).features, seed: 1)
        #expect(throws: ExemplarError.posteriorRequired(selector: selector.name)) {
            try selector.ranking(of: bare, count: 2)
        }
    }

    @Test func namesAreDifferentAndFound() {
        let names = Self.selectors.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { ExemplarSelectors.named($0)?.name == $0 })
        #expect(ExemplarSelectors.named("none") == nil)
    }

    @Test func aLabelBeyondThePosteriorIsAnError() {
        let known = candidates(4)
        let other = ExemplarCandidates(classLabel: 5, features: known.features, posterior: known.posterior, seed: 1)
        for selector in [DistanceExemplars(), GradientDiversityExemplars()] as [any ExemplarSelector] {
            #expect(throws: ExemplarError.unknownClass(selector: selector.name, label: 5, classes: 5)) {
                try selector.ranking(of: other, count: 2)
            }
        }
    }
}

@Suite struct SelectorMeaningTests {
    /// Eight rows whose entropy rises with their number.
    private let candidates: ExemplarCandidates = {
        let mean = Matrix<Float>((0..<8).map { [8 - Float($0), 0, 0] })
        let features = Matrix<Float>((0..<8).map { [1, Float($0) / 8] }).normalizedRows()
        return ExemplarCandidates(classLabel: 0, features: features, posterior: LogitPosterior(mean: mean), seed: 1)
    }()

    @Test func theLeastSureComeFirst() throws {
        for selector in [EntropyExemplars(), LeastConfidenceExemplars(), MarginExemplars(), DistanceExemplars(), EnergyExemplars()]
            as [any ExemplarSelector]
        {
            #expect(try selector.ranking(of: candidates, count: 3) == [7, 6, 5], "\(selector.name)")
        }
    }

    /// From the surest in halves: places 0, 4, 2, 6, … of the order of uncertainty, which rises.
    @Test func theRainbowSpreads() throws {
        #expect(try RainbowExemplars().ranking(of: candidates, count: 4) == [0, 4, 2, 6])
        #expect(RainbowExemplars.spread(5) == [0, 4, 2, 1, 3])
    }

    @Test func prototypesAndBoundaryTakeTurns() throws {
        let ranking = try PrototypeBoundaryExemplars().ranking(of: candidates, count: 4)
        let prototypes = NearestMeanExemplars().scores(of: candidates).descendingOrder
        #expect([ranking[0], ranking[2]] == Array(prototypes.prefix(2)) && [ranking[1], ranking[3]] == [7, 6])
    }

    /// k-medoids and k-center of two far groups take one row of each.
    @Test func farGroupsAreBothCovered() throws {
        let features = Matrix<Float>((0..<10).map { $0 < 8 ? [1, 0.01 * Float($0)] : [0.01 * Float($0), 1] }).normalizedRows()
        let candidates = ExemplarCandidates(classLabel: 0, features: features, seed: 4)
        for selector in [
            KMedoidsExemplars(), KCenterExemplars(), FacilityLocationExemplars(), DeterminantalExemplars(),
        ] as [any ExemplarSelector] {
            let two = try selector.ranking(of: candidates, count: 2)
            #expect(two.filter { $0 < 8 }.count == 1, "\(selector.name)")
        }
    }
}
