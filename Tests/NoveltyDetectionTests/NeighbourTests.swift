import FeatureData
import Foundation
import Matrices
import Prediction
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

@Suite struct NeighbourTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Float> {
        var noise = NormalNoise(seed: seed)
        return .standardNormal(rows: rows, columns: columns, noise: &noise)
    }

    /// Against all distances, sorted; 2500 rows are no whole number of blocks or runs.
    @Test(arguments: [(2500, 1), (2500, 50), (1088, 7), (64, 64), (5, 5)])
    func exactSearchIsBruteForce(rows: Int, count: Int) throws {
        let (bank, queries) = (random(rows, 9, seed: 1), random(700, 9, seed: 2))
        let found = NeighbourSearch(bank: bank, similarity: .euclidean).scores(queries, count: count) { _, nearest in
            nearest[nearest.endIndex - 1].distance
        }
        let expected = (0..<700).map { row in
            bank.adding(row: queries.row(row).map { -$0 }).rowNorms().sorted()[count - 1]
        }
        expectClose(found, expected, elementwise: 1e-6)
    }

    /// Rounded products, products in float and distances one by one, whatever the length of the rows, also where many are
    /// nearly the same; an odd number of columns and no whole number of panels. On machines without rounded products the
    /// first two are one.
    @Test(arguments: [Float(1), 1e-6, 1e4])
    func roundedProductsChangeNoNeighbour(scale: Float) {
        var bank = scale * random(1500, 33, seed: 8)
        for row in 0..<400 { for d in 0..<33 { bank[row, d] = bank[row % 3, d] * (1 + 1e-5 * Float(row)) } }
        let queries = (scale * random(600, 33, seed: 9)).appendingRows(bank.rows(0..<20))
        func nearest(_ similarity: NeighbourSearch.Similarity, rounds: Bool) -> [[Int]] {
            NeighbourSearch(bank: bank, similarity: similarity, rounds: rounds).indices(queries, count: 40)
        }
        let euclidean = nearest(.euclidean, rounds: true)
        #expect(nearest(.euclidean, rounds: false) == euclidean)
        #expect(nearest(.innerProduct, rounds: true) == nearest(.innerProduct, rounds: false))
        for (row, places) in euclidean.enumerated() {
            let all = bank.adding(row: queries.row(row).map { -$0 }).rowNorms()
            expectClose(places.map { all[$0] }, all.sorted().prefix(40), elementwise: 1e-6)
        }
    }

    /// Rows too long for the rounded products are found by those in float.
    @Test func longRowsAreFoundAsShortOnesAre() {
        let (bank, queries) = (random(600, 20, seed: 8), random(30, 20, seed: 9))
        let short = NeighbourSearch(bank: bank, similarity: .innerProduct)
        let long = NeighbourSearch(bank: 0x1p56 * bank, similarity: .innerProduct)
        #expect(long.indices(0x1p56 * queries, count: 5) == short.indices(queries, count: 5))
    }

    @Test func equalRowsComeInTheOrderOfTheBank() {
        let bank = Matrix<Float>(rows: 200, columns: 3, repeating: 1)
        let search = NeighbourSearch(bank: bank, similarity: .innerProduct)
        #expect(search.indices(Matrix(rows: 2, columns: 3, repeating: 1), count: 4) == [[0, 1, 2, 3], [0, 1, 2, 3]])
    }

    /// With all cells searched the inverted file is exact; with few it finds distances that are no smaller.
    @Test func theInvertedFileIsExactWithAllCells() throws {
        let rows = LabelledFeatures(features: random(3000, 8, seed: 3), labels: Array(repeating: 0, count: 3000))
        let known = KnownRows(rows, classNames: ["all"], seed: 7)
        let queries = random(1500, 8, seed: 4)
        let exact = try NearestNeighbours(neighbours: 10).fitted(to: known).scores(for: queries)
        let all = try NearestNeighbours(neighbours: 10, exactRows: 1000, probes: 1000).fitted(to: known)
        #expect(all.notes.contains { $0.contains("cells") })
        expectClose(try all.scores(for: queries), exact, elementwise: 1e-6)
        let few = try NearestNeighbours(neighbours: 10, exactRows: 1000, probes: 8).fitted(to: known)
        let approximate = try few.scores(for: queries)
        #expect(zip(approximate, exact).allSatisfy { $0 >= $1 * (1 - 1e-6) })
        // 8 of 54 cells in 8 dimensions: the distance is 2 % too large on average, at most.
        #expect(zip(approximate, exact).reduce(0) { $0 + $1.0 / $1.1 - 1 } / 1500 < 0.02)

        var archive = ScoreArchive(ModelArchive(method: "test", classNames: []), prefix: "s.")
        try few.write(to: &archive)
        let read = try NearestNeighbours.Model(archive: archive)
        #expect(try few.score.scores(for: NoveltyInput(features: queries), model: read) == approximate)
    }

    @Test func kMeansFindsSeparateClusters() {
        var labels: [Int] = []
        var rows = random(300, 4, seed: 5)
        for row in 0..<300 {
            labels.append(row % 3)
            rows[row, row % 3] += 40
        }
        let centres = KMeans.centres(rows, count: 3, seed: 1)
        let assigned = KMeans.assign(rows, to: centres)
        for label in 0..<3 {
            #expect(Set((0..<300).filter { labels[$0] == label }.map { assigned[$0] }).count == 1)
        }
        #expect(KMeans.centres(rows, count: 3, seed: 1) == centres)
        #expect(KMeans.centres(Matrix(rows: 9, columns: 2, repeating: 1), count: 4, seed: 1).rows == 1)
    }
}
