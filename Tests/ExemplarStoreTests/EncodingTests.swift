import Exemplars
import Matrices
import TestSupport
import Testing

@testable import ExemplarStore

@Suite struct EncodingTests {
    @Test func halfPrecisionIsRoundedOnce() throws {
        let store = try StoreUnderTest()
        let rows = StoreUnderTest.rows(classes: 2, each: 10)
        let summary = try store.select(rows, classes: 2, budget: .perClass(10), selector: RandomExemplars(), encoding: .float16)
        #expect(summary.relativeSquaredError > 0 && summary.relativeSquaredError < 1e-6)
        try store.read { reader in
            try reader.forEachBlock { block in
                for (place, record) in block.records.enumerated() {
                    let expected = rows.features.row(record.sourceRow).map { Float(Float16($0)) }
                    #expect(block.features.row(place) == expected)
                }
            }
        }
        #expect(try store.verify() == [])
    }

    /// The stated loss is the loss of what is read back.
    @Test func lossIsMeasured() throws {
        let store = try StoreUnderTest()
        let rows = StoreUnderTest.rows(classes: 4, each: 100, dimension: 32)
        let summary = try store.select(
            rows, classes: 4, budget: .perClass(100), selector: RandomExemplars(),
            encoding: .productQuantization(bytes: 8))
        var (error, norm, cosine, count) = (0.0, 0.0, 0.0, 0)
        try store.read { reader in
            try reader.forEachBlock(blockRows: 7) { block in
                for (place, record) in block.records.enumerated() {
                    let (x, y) = (rows.features.row(record.sourceRow).map(Double.init), block.features.row(place).map(Double.init))
                    error += zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                    norm += x.reduce(0) { $0 + $1 * $1 }
                    cosine += zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
                        / (x.reduce(0) { $0 + $1 * $1 } * y.reduce(0) { $0 + $1 * $1 }).squareRoot()
                    count += 1
                }
            }
        }
        #expect(count == 400)
        expectClose(summary.relativeSquaredError, error / norm, relative: 1e-4)
        expectClose(summary.meanCosine, cosine / 400, relative: 1e-5)
        #expect(summary.meanCosine > 0.9)
        let stats = try store.read { try $0.statistics() }
        #expect(stats.rowBytes == 8 && stats.featureBytes == 3200)
        expectClose(stats.meanCosine, summary.meanCosine, relative: 1e-9)
        #expect(try store.verify() == [])
    }

    /// Rows that are few distinct ones are their own centroids; more bytes never lose much more.
    @Test func centroidsFitTheRows() {
        let distinct = StoreUnderTest.rows(classes: 5, each: 1, dimension: 12).features
        let rows = distinct.selectingRows((0..<300).map { $0 % 5 })
        let quantizer = ProductQuantizer(learningFrom: rows, parts: 3, seed: 1)
        #expect(Self.error(rows, quantizer) < 1e-10)
        let spread = StoreUnderTest.rows(classes: 10, each: 200, dimension: 16).features
        let errors = [2, 4, 8, 16].map { Self.error(spread, ProductQuantizer(learningFrom: spread, parts: $0, seed: 1)) }
        #expect(errors == errors.sorted(by: >))
        // 256 centroids of single numbers do better than 128 equal steps over [-1, 1], (2/128)²/12 a number.
        #expect(errors[3] < 16 * (2.0 / 128) * (2.0 / 128) / 12)
    }

    /// Against the nearest centroid by brute force.
    @Test func codesNameTheNearestCentroid() {
        let rows = StoreUnderTest.rows(classes: 6, each: 60, dimension: 12).features
        let quantizer = ProductQuantizer(learningFrom: rows, parts: 4, seed: 2)
        let codes = Self.codes(rows, quantizer)
        for row in 0..<rows.rows {
            for part in 0..<4 {
                let x = Array(rows.row(row)[part * 3..<part * 3 + 3])
                func distance(_ center: Int) -> Double {
                    zip(x, quantizer.codebooks.row(part * quantizer.centroids + center)).reduce(0) {
                        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
                    }
                }
                let best = (0..<quantizer.centroids).map(distance).min() ?? 0
                #expect(distance(Int(codes[row * 4 + part])) <= best + 1e-6)
            }
        }
    }

    @Test func threadsChangeNoBit() {
        let rows = StoreUnderTest.rows(classes: 6, each: 500, dimension: 16).features
        let one = Parallelism.withThreads(1) { ProductQuantizer(learningFrom: rows, parts: 4, seed: 3) }
        let four = Parallelism.withThreads(4) { ProductQuantizer(learningFrom: rows, parts: 4, seed: 3) }
        #expect(one.codebooks == four.codebooks)
        #expect(Parallelism.withThreads(1) { Self.codes(rows, one) } == Parallelism.withThreads(4) { Self.codes(rows, one) })
    }

    @Test func formatsThatCannotBe() {
        #expect(throws: ExemplarStoreError.self) { try StoreFormat(dimension: 0) }
        #expect(throws: ExemplarStoreError.self) { try StoreFormat(dimension: 10, encoding: .productQuantization(bytes: 3)) }
        #expect(FeatureEncoding.productQuantization(dimension: 512) == .productQuantization(bytes: 128))
        #expect(FeatureEncoding.productQuantization(dimension: 7) == .productQuantization(bytes: 1))
        #expect(FeatureEncoding.productQuantization(dimension: 30) == .productQuantization(bytes: 6))
    }

    private static func codes(_ rows: Matrix<Float>, _ quantizer: ProductQuantizer) -> [UInt8] {
        var codes = [UInt8](repeating: 0, count: rows.rows * quantizer.parts)
        codes.withUnsafeMutableBufferPointer { codes in
            if let base = codes.baseAddress { quantizer.encode(rows.pointer, count: rows.rows, into: base) }
        }
        return codes
    }

    private static func error(_ rows: Matrix<Float>, _ quantizer: ProductQuantizer) -> Double {
        let codes = codes(rows, quantizer)
        var loss = EncodingLoss()
        var back = [Float](repeating: 0, count: rows.columns)
        for row in 0..<rows.rows {
            let code = Array(codes[row * quantizer.parts..<(row + 1) * quantizer.parts])
            back.withUnsafeMutableBufferPointer { back in
                guard let base = back.baseAddress else { return }
                #expect(code.withUnsafeBytes { quantizer.decode($0, into: base) })
                loss.add(rows.pointer + row * rows.columns, decoded: base, count: 1, dimension: rows.columns)
            }
        }
        return loss.relativeSquaredError
    }
}
