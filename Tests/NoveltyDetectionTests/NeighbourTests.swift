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

    /// Of real features' 50 nearest among 25,000 known rows, the share that is found where so many of 158 cells are searched,
    /// and what that does to the AUROC of known rows against another set's.
    @Test(.enabled(
        if: FeatureDataFolder.has("tinyimagenet100") && FeatureDataFolder.has("cifar10"), "real feature data are not there"))
    func recallOnRealFeatures() throws {
        func rows(_ name: String, _ part: String, _ count: Int) throws -> Matrix<Float> {
            let file = FeatureDataFolder.dataset(name).appending(path: part + ".safetensors")
            return try FeatureRows(files: [file]).block(0..<count).features
        }
        let bank = try rows("tinyimagenet100", "train", 25_000)
        let queries = try rows("tinyimagenet100", "test", 500).appendingRows(rows("cifar10", "test", 500))
        let exact = NeighbourSearch(bank: bank, similarity: .euclidean).scores(queries, count: 50) { $1.last?.distance ?? 0 }
        func auroc(_ values: [Float]) throws -> Double {
            try DetectionMetrics(known: Array(values[..<500]), novel: Array(values[500...])).auroc
        }
        let file = try InvertedFile(bank, seed: 1)
        #expect(file.cells == 158)
        for (probes, share, difference) in [(8, 0.65, 0.005), (32, 0.84, 0.003), (158, 1, 1e-9)] {
            let recall = file.scores(queries, count: 50, probes: probes) { row, nearest in
                Float(nearest.count { $0.index != .max && $0.distance <= exact[row] }) / 50
            }
            let mean = recall.reduce(0) { $0 + Double($1) } / Double(recall.count)
            let distances = file.scores(queries, count: 50, probes: probes) { $1.last { $0.index != .max }?.distance ?? 9 }
            let (found, expected) = (try auroc(distances), try auroc(exact))
            #expect(mean >= share && abs(found - expected) <= difference, "\(probes) cells: \(mean), \(found) for \(expected)")
        }
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
