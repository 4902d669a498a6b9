import CGSL
import Foundation
import Testing

@testable import Probability

@Suite struct RandomStreamTests {
    @Test(arguments: RandomGenerator.allCases)
    func theLayoutOfEveryGeneratorIsKnown(generator: RandomGenerator) {
        #expect(generator.layoutIsKnown)
    }

    @Test(arguments: RandomGenerator.allCases)
    func aSeedNamesAStreamAndCopiesAreIndependent(generator: RandomGenerator) {
        var a = RandomStream(seed: 42, generator: generator)
        var b = RandomStream(seed: 42, generator: generator)
        let first = (0..<100).map { _ in a.next() }
        #expect(first == (0..<100).map { _ in b.next() })
        var copy = a
        let next = (0..<10).map { _ in a.next() }
        #expect(next == (0..<10).map { _ in copy.next() })
        // All 64 bits of the seed count.
        for bit in [0, 31, 32, 63] {
            var other = RandomStream(seed: 42 ^ (1 << bit), generator: generator)
            #expect((0..<100).map { _ in other.next() } != first)
        }
    }

    @Test func splittingDependsOnThePathOnly() {
        var parent = RandomStream(seed: 1)
        var before = parent.split(3)
        for _ in 0..<10 { _ = parent.next() }
        var after = parent.split(3)
        #expect(before.next() == after.next())
        // Streams by different paths differ.
        var seen = Set<UInt64>()
        for seed in 0..<4 as Range<UInt64> {
            let root = RandomStream(seed: seed)
            for i in 0..<20 {
                var child = root.split(i)
                seen.insert(child.next())
                for j in 0..<20 {
                    var grandchild = root.split(i).split(j)
                    seen.insert(grandchild.next())
                }
            }
        }
        #expect(seen.count == 4 * (20 + 400))
    }

    /// The sequences are fixed for good: a new version must not change seeded results.
    @Test func sequencesDoNotChange() {
        let firsts = RandomGenerator.allCases.map { generator -> UInt64 in
            var stream = RandomStream(seed: 7, generator: generator)
            return stream.next()
        }
        #expect(firsts == [252866132937565755, 18155729828491242079, 496829120566019416, 1088015662077592515])
        var stream = RandomStream(seed: 7).split(2)
        #expect(stream.permutation(8) == [2, 5, 1, 3, 0, 6, 4, 7])
    }

    /// Philox as a GSL generator gives the words of Philox's blocks, from any position.
    @Test func philoxAsAGeneratorIsPhilox() throws {
        GSL.prepare()
        let type = try #require(credence_gsl_rng_philox4x32())
        let generator = try #require(gsl_rng_alloc(type))
        defer { gsl_rng_free(generator) }
        gsl_rng_set(generator, 77)
        let words = (0..<12).map { _ in UInt32(gsl_rng_get(generator)) }
        let blocks = (0..<3 as Range<UInt64>).flatMap { index -> [UInt32] in
            let (a, b) = Philox.pair(key: 77, stream: 0, index: index)
            return [a, b].flatMap { [UInt32(truncatingIfNeeded: $0), UInt32($0 >> 32)] }
        }
        #expect(words == blocks)
        for position in 0..<12 {
            credence_philox_seek(gsl_rng_state(generator), UInt64(position))
            #expect(UInt32(gsl_rng_get(generator)) == words[position])
        }
    }

    /// 20 cells, χ² with 19 degrees of freedom: above 55.3 with probability 2e-5.
    @Test(arguments: RandomGenerator.allCases)
    func drawsAreUniform(generator: RandomGenerator) {
        var stream = RandomStream(seed: 3, generator: generator)
        let n = 100_000
        var (reals, bits) = (Array(repeating: 0, count: 20), Array(repeating: 0, count: 64))
        var integers = reals
        for _ in 0..<n {
            reals[Int(stream.uniform() * 20)] += 1
            integers[stream.integer(below: 20)] += 1
            let word = stream.next()
            for bit in 0..<64 where word >> bit & 1 == 1 { bits[bit] += 1 }
        }
        for cells in [reals, integers] {
            let chi = cells.reduce(0.0) { $0 + pow(Double($1) - Double(n) / 20, 2) / (Double(n) / 20) }
            #expect(chi < 55.3)
        }
        for count in bits { #expect(abs(Double(count) - Double(n) / 2) < 5 * Double(n).squareRoot() / 2) }
        for _ in 0..<1000 {
            let u = stream.openUniform()
            #expect(u > 0 && u < 1)
        }
    }

    @Test(arguments: RandomGenerator.allCases)
    func gaussiansHaveTheirMoments(generator: RandomGenerator) {
        var stream = RandomStream(seed: 8, generator: generator)
        let n = 200_000
        var sums = (0.0, 0.0, 0.0)
        for _ in 0..<n {
            let z = stream.gaussian()
            sums = (sums.0 + z, sums.1 + z * z, sums.2 + z * z * z * z)
        }
        // 5 standard errors.
        #expect(abs(sums.0 / Double(n)) < 5 * (1 / Double(n)).squareRoot())
        #expect(abs(sums.1 / Double(n) - 1) < 5 * (2 / Double(n)).squareRoot())
        #expect(abs(sums.2 / Double(n) - 3) < 5 * (96 / Double(n)).squareRoot())
    }

    /// Every order of 4 comes with frequency 1/24; χ² with 23 degrees of freedom is above 62 with probability 2e-5.
    @Test func permutationsAreUniform() {
        var stream = RandomStream(seed: 5)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 { counts[stream.permutation(4), default: 0] += 1 }
        #expect(counts.count == 24)
        #expect(counts.values.reduce(0.0) { $0 + pow(Double($1) - 1000, 2) / 1000 } < 62)
        #expect(stream.permutation(0).isEmpty)
        #expect(stream.permutation(1) == [0])
    }
}

@Suite struct RandomStateTests {
    @Test(arguments: RandomGenerator.allCases)
    func aRestoredStreamGoesOnWithTheSameNumbers(generator: RandomGenerator) throws {
        var stream = RandomStream(seed: 6, generator: generator).split(9)
        for _ in 0..<1000 { _ = stream.gaussian() }
        _ = stream.withGenerator { gsl_rng_get($0) }
        let state = stream.state
        var restored = try RandomStream(state: state, generator: generator)
        var decoded = try JSONDecoder().decode(RandomStream.self, from: JSONEncoder().encode(stream))
        #expect(restored.state == state)
        var (split, restoredSplit) = (stream.split(1), restored.split(1))
        #expect(split.next() == restoredSplit.next())
        for _ in 0..<2000 {
            let next = stream.next()
            #expect(restored.next() == next)
            #expect(decoded.next() == next)
        }
    }

    @Test(arguments: RandomGenerator.allCases)
    func damageIsRefused(generator: RandomGenerator) throws {
        let state = RandomStream(seed: 6, generator: generator).state
        for length in stride(from: 0, to: state.count, by: max(1, state.count / 60)) {
            #expect(throws: RandomStateError.self) { try RandomStream(state: state.prefix(length)) }
        }
        for index in stride(from: 0, to: state.count, by: max(1, state.count / 200)) {
            var damaged = state
            damaged[index] ^= 0x10
            #expect(throws: RandomStateError.self) { try RandomStream(state: damaged) }
        }
        #expect(throws: RandomStateError.self) { try RandomStream(state: state + [0]) }
        let other: RandomGenerator = generator == .taus2 ? .mt19937 : .taus2
        #expect(throws: RandomStateError.otherGenerator(expected: other, found: generator)) {
            try RandomStream(state: state, generator: other)
        }
    }

    /// A right checksum over a state whose index would read outside it.
    @Test func aForgedStateIsRefused() throws {
        let size = RandomGenerator.mt19937.type.pointee.size
        var bytes = [UInt8](repeating: 1, count: size)
        bytes.replaceSubrange((624 * 8)..<(624 * 8 + 4), with: [0xff, 0xff, 0, 0])
        #expect(bytes.withUnsafeBytes { !RandomGenerator.mt19937.isValidState($0) })
        bytes.replaceSubrange((624 * 8)..<(624 * 8 + 4), with: [0x70, 0x02, 0, 0])
        #expect(bytes.withUnsafeBytes { RandomGenerator.mt19937.isValidState($0) })
        #expect([UInt8](repeating: 0, count: size).withUnsafeBytes { !RandomGenerator.mt19937.isValidState($0) })
        let zeros = [UInt8](repeating: 0, count: RandomGenerator.taus2.type.pointee.size)
        #expect(zeros.withUnsafeBytes { !RandomGenerator.taus2.isValidState($0) })
        let ones = [UInt8](repeating: 0xff, count: RandomGenerator.ranlxs0.type.pointee.size)
        #expect(ones.withUnsafeBytes { !RandomGenerator.ranlxs0.isValidState($0) })
    }

    @Test func errorsOfGSLAreValuesAndHaveTexts() {
        #expect(throws: GSLError(status: 1, function: "gsl_cdf_test")) { try GSL.check("gsl_cdf_test") { 1 } }
        #expect(GSLError(status: 1, function: "f").code == .domain)
        for code in GSLError.Code.allCases {
            let text = GSLError(status: code.rawValue, function: "f").description
            #expect(text.hasPrefix("f: ") && !text.contains("unknown error"))
        }
    }
}
