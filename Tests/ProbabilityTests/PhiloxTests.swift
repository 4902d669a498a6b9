import CKernels
import Foundation
import Matrices
import Testing

@testable import Probability

@Suite struct PhiloxTests {
    /// The published vectors of Random123 (kat_vectors, philox4x32 10).
    @Test func knownAnswers() {
        #expect(
            Philox.block(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
                == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        #expect(
            Philox.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
                == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        #expect(
            Philox.block(
                counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
                == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    /// The block of element i, and its part, as philox.c documents them; then Box–Muller in Double arithmetic.
    private static func exact<Scalar>(_ i: UInt64, _ type: Scalar.Type, seed: UInt64, stream: UInt64) -> Double {
        let isFloat = type == Float.self
        let index = isFloat ? i / 64 * 16 + i % 16 : i / 16 * 8 + i % 8
        let (a, b) = Philox.pair(key: seed, stream: stream, index: index)
        let part = Int(isFloat ? i / 16 % 4 : i / 8 % 2)
        let (u, turn): (Double, Double)
        if isFloat {
            let words = part < 2 ? a : b
            let word = UInt32(words >> 32)
            u = Double(Float(Double(Float(UInt32(truncatingIfNeeded: words) >> 1)) * 0x1p-31 + 0x1p-32))
            turn = Double(word >> 30) + Double(Int32(bitPattern: word << 2)) * 0x1p-32
        } else {
            u = (Double(a >> 11) + 0.5) * 0x1p-53
            turn = Double(b >> 62) + Double(Int64(bitPattern: b << 2)) * 0x1p-64
        }
        let (r, angle) = ((-2 * log(u)).squareRoot(), turn * .pi / 2)
        return part % 2 == 0 ? r * cos(angle) : r * sin(angle)
    }

    @Test func noiseIsBoxMullerOfPhiloxBlocks() {
        var noise = NormalNoise(seed: 0x0123_4567_89ab_cdef, stream: 0xfeed_beef_0000_0007, position: 5)
        let float = noise.matrix(Float.self, rows: 1, columns: 20_000)
        noise.position = 5
        let double = noise.matrix(Double.self, rows: 1, columns: 20_000)
        for i in 0..<20_000 {
            let f = Self.exact(UInt64(i + 5), Float.self, seed: noise.seed, stream: noise.stream)
            #expect(abs(Double(float[0, i]) - f) < 1e-6)
            let d = Self.exact(UInt64(i + 5), Double.self, seed: noise.seed, stream: noise.stream)
            #expect(abs(double[0, i] - d) < 4e-15)
        }
    }

    @Test func anElementDoesNotDependOnHowNoiseIsCut() {
        var noise = NormalNoise(seed: 9, stream: 4, position: 0)
        let whole = noise.matrix(Float.self, rows: 1, columns: 3000).elements
        #expect(noise.position == 3000)
        let wholeDouble = NormalNoise(seed: 9, stream: 4).elements(Double.self, 3000)
        for (start, count) in [(0, 1), (1, 1), (63, 2), (64, 64), (60, 200), (17, 983), (2999, 1), (130, 2870)] {
            let part = NormalNoise(seed: 9, stream: 4, position: UInt64(start))
            #expect(part.elements(Float.self, count) == Array(whole[start..<(start + count)]))
            #expect(part.elements(Double.self, count) == Array(wholeDouble[start..<(start + count)]))
        }
        // Unaligned memory.
        var shifted = [Float](repeating: 0, count: 301)
        shifted.withUnsafeMutableBufferPointer {
            var noise = NormalNoise(seed: 9, stream: 4, position: 40)
            noise.fill(UnsafeMutableBufferPointer(rebasing: $0[1...]))
        }
        #expect(Array(shifted[1...]) == Array(whole[40..<340]))
    }

    @Test func positionsWrapAtTheEndOfTheStream() {
        let end = NormalNoise(seed: 1, stream: 2, position: .max - 9)
        let start = NormalNoise(seed: 1, stream: 2).elements(Float.self, 50)
        #expect(Array(end.elements(Float.self, 60)[10...]) == start)
    }

    @Test func threadsChangeNothing() {
        let count = 300_000
        let one = Parallelism.withThreads(1) { NormalNoise(seed: 3).elements(Float.self, count) }
        let two = Parallelism.withThreads(2) { NormalNoise(seed: 3).elements(Float.self, count) }
        #expect(one == two)
    }
}

/// Statistics of the bulk noise. Seeds are fixed; each bound is 5 standard errors of what it bounds, so that a right
/// generator would fail with probability 6e-7 a test over random seeds.
@Suite struct NormalNoiseStatistics {
    static let count = 4_000_000

    private func check<Scalar: MatrixScalar>(_ z: [Scalar], seed: UInt64) {
        let n = Double(z.count)
        var sums = [Double](repeating: 0, count: 5)
        var beyond = [1: 0.0, 2: 0.0, 3: 0.0, 4: 0.0, 5: 0.0]
        for x in z.lazy.map({ Double($0) }) {
            var power = 1.0
            for k in 1...4 {
                power *= x
                sums[k] += power
            }
            let size = Int(min(5, abs(x)))
            if size > 0 { for k in 1...size { beyond[k]! += 1 } }
        }
        // Var of x^k: 1, 2, 15, 96.
        for (k, (expected, variance)) in zip(1...4, [(0, 1), (1, 2), (0, 15), (3, 96)] as [(Double, Double)]) {
            #expect(abs(sums[k] / n - expected) < 5 * (variance / n).squareRoot(), "moment \(k), seed \(seed)")
        }
        for (k, found) in beyond {
            let p = 2 * Normal.standard.survival(Double(k))
            #expect(abs(found - n * p) < 5 * (n * p).squareRoot() + 1, "beyond \(k), seed \(seed)")
        }
        #expect(z.allSatisfy { abs($0) < 8.67 })
    }

    @Test(arguments: [1, 2, 0xffff_ffff_ffff_fffe] as [UInt64])
    func momentsAndTails(seed: UInt64) {
        check(NormalNoise(seed: seed, stream: seed &* 3).elements(Float.self, Self.count), seed: seed)
        check(NormalNoise(seed: seed, stream: seed &* 3).elements(Double.self, Self.count), seed: seed)
    }

    /// Kolmogorov–Smirnov: √n·D exceeds 2.2253 with probability 1e-4.
    @Test(arguments: [5, 6, 7] as [UInt64])
    func kolmogorovSmirnov(seed: UInt64) {
        let z = NormalNoise(seed: seed).elements(Float.self, 200_000).sorted()
        let n = Double(z.count)
        var distance = 0.0
        for (i, x) in z.enumerated() {
            let p = Normal.standard.cdf(Double(x))
            distance = max(distance, p - Double(i) / n, Double(i + 1) / n - p)
        }
        #expect(n.squareRoot() * distance < 2.2253)
    }

    /// Correlations of neighbours at the distances that share a block or a group, of squares, and between streams and
    /// seeds that differ in one bit.
    @Test func nothingIsCorrelated() {
        let n = 1_000_000
        let z = NormalNoise(seed: 12, stream: 1).elements(Float.self, n)
        func correlation(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
            zip(a, b).reduce(0.0) { $0 + Double($1.0 * $1.1) } / Double(a.count).squareRoot()
        }
        func squares(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
            zip(a, b).reduce(0.0) { $0 + Double(($1.0 * $1.0 - 1) * ($1.1 * $1.1 - 1)) } / (2 * Double(a.count).squareRoot())
        }
        for lag in [1, 2, 8, 16, 32, 48, 64, 128] {
            #expect(abs(correlation(z.dropLast(lag), z.dropFirst(lag))) < 5)
            #expect(abs(squares(z.dropLast(lag), z.dropFirst(lag))) < 5)
        }
        for other in [
            NormalNoise(seed: 12, stream: 0), NormalNoise(seed: 13, stream: 1), NormalNoise(seed: 12 | 1 << 32, stream: 1),
            NormalNoise(seed: 12, stream: 1 | 1 << 32), NormalNoise(seed: 12, stream: 1, position: 1 << 40),
        ] {
            let w = other.elements(Float.self, n)
            #expect(abs(correlation(z[...], w[...])) < 5)
            #expect(abs(squares(z[...], w[...])) < 5)
        }
    }
}

extension NormalNoise {
    /// The next `count` elements, without moving on.
    func elements<Scalar: MatrixScalar>(_ type: Scalar.Type, _ count: Int) -> [Scalar] {
        var copy = self
        return copy.matrix(type, rows: 1, columns: count).elements
    }
}
