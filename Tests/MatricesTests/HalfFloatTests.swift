import CKernels
import Foundation
import Testing

@testable import Matrices

@Suite struct HalfFloatTests {
    static let patterns = (0...UInt16.max).map { $0 }

    /// The value of a binary16 pattern from the definition of the format.
    static func value(half bits: UInt16) -> Double {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
        if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
        return exponent == 0 ? sign * fraction * 0x1p-24 : sign * (1 + fraction / 1024) * pow(2, Double(exponent - 15))
    }

    static func value(bfloat16 bits: UInt16) -> Double { Double(Float(bitPattern: UInt32(bits) << 16)) }

    typealias Widening = @Sendable (UnsafeMutablePointer<Float>, [UInt16]) -> Void

    @Test func everyHalfPatternWidensExactly() {
        let count = Self.patterns.count
        var single = [[Float](repeating: 0, count: count), [Float](repeating: 0, count: count)]
        var wide = [[Double](repeating: 0, count: count), [Double](repeating: 0, count: count)]
        credence_half_to_f32(&single[0], Self.patterns, count)
        credence_half_to_f32_baseline(&single[1], Self.patterns, count)
        credence_half_to_f64(&wide[0], Self.patterns, count)
        credence_half_to_f64_baseline(&wide[1], Self.patterns, count)
        for bits in Self.patterns {
            let expected = Self.value(half: bits), index = Int(bits)
            for result in [Double(single[0][index]), Double(single[1][index]), wide[0][index], wide[1][index]] {
                let same = expected.isNaN ? result.isNaN : result == expected && result.sign == expected.sign
                if !same { Issue.record("pattern \(bits): \(result), expected \(expected)") }
            }
        }
        #expect(single[0].map(\.bitPattern) == single[1].map(\.bitPattern))
    }

    @Test func everyBfloat16PatternWidensExactly() {
        let count = Self.patterns.count
        var single = [Float](repeating: 0, count: count)
        var wide = [Double](repeating: 0, count: count)
        credence_bfloat16_to_f32(&single, Self.patterns, count)
        credence_bfloat16_to_f64(&wide, Self.patterns, count)
        for bits in Self.patterns {
            #expect(single[Int(bits)].bitPattern == UInt32(bits) << 16)
            let expected = Self.value(bfloat16: bits)
            #expect(expected.isNaN ? wide[Int(bits)].isNaN : wide[Int(bits)] == expected)
        }
    }

    /// Around every pattern: its own value, the midpoint to the next one, and the neighbours of that midpoint, against
    /// rounding by definition (nearest, ties to the even pattern). Float and Double, both paths.
    @Test(arguments: [ShortFloat.half, .bfloat16]) func roundingAroundEveryPattern(_ format: ShortFloat) {
        let value: (UInt16) -> Double = { format == .half ? Self.value(half: $0) : Self.value(bfloat16: $0) }
        let infinity: UInt16 = format == .half ? 0x7c00 : 0x7f80
        var inputs: [Double] = []
        var expected: [UInt16] = []
        for bits in 0..<infinity {
            let low = value(bits)
            // Beyond the largest number the next one would be twice the last power of two.
            let high = bits + 1 == infinity ? 2 * low - value(bits - 1) : value(bits + 1)
            let middle = (low + high) / 2
            let even = bits & 1 == 0 ? bits : bits + 1
            for (x, want) in [
                (low, bits), (middle.nextDown, bits), (middle, even), (middle.nextUp, bits + 1),
            ] {
                inputs += [x, -x]
                expected += [want, want | 0x8000]
            }
        }
        func check(_ name: String, _ inputs: [Double], _ results: [UInt16], _ expected: [UInt16]) {
            for index in inputs.indices where results[index] != expected[index] {
                Issue.record("\(name): \(inputs[index]) gives \(results[index]), expected \(expected[index])")
                return
            }
        }
        var results = [UInt16](repeating: 0, count: inputs.count)
        format.write(&results, inputs, inputs.count)
        check("double", inputs, results, expected)
        if format == .half {
            credence_f64_to_half_baseline(&results, inputs, inputs.count)
            check("double, baseline", inputs, results, expected)
        }
        // Of the same inputs those that a Float holds.
        let kept = inputs.indices.filter { Double(Float(inputs[$0])) == inputs[$0] }
        #expect(kept.count >= 4 * Int(infinity) - 8)
        let singles = kept.map { Float(inputs[$0]) }
        results = [UInt16](repeating: 0, count: kept.count)
        format.write(&results, singles, kept.count)
        check("float", kept.map { inputs[$0] }, results, kept.map { expected[$0] })
        if format == .half {
            credence_f32_to_half_baseline(&results, singles, kept.count)
            check("float, baseline", kept.map { inputs[$0] }, results, kept.map { expected[$0] })
            // Neighbours in Float of the midpoints, which the doubles above step over.
            var near: [Float] = []
            for bits in 0..<infinity - 1 {
                let middle = Float((value(bits) + value(bits + 1)) / 2)
                near += [middle.nextDown, middle.nextUp]
            }
            results = [UInt16](repeating: 0, count: near.count)
            var baseline = results
            format.write(&results, near, near.count)
            credence_f32_to_half_baseline(&baseline, near, near.count)
            for bits in 0..<infinity - 1 {
                #expect(results[2 * Int(bits)] == bits && results[2 * Int(bits) + 1] == bits + 1)
            }
            #expect(results == baseline)
        }
    }

    @Test(arguments: [ShortFloat.half, .bfloat16]) func infinityNaNAndOverflow(_ format: ShortFloat) {
        let x: [Float] = [.infinity, -.infinity, .nan, .greatestFiniteMagnitude, Float(bitPattern: 0x7f80_0001)]
        var result = [UInt16](repeating: 0, count: x.count)
        format.write(&result, x, x.count)
        var back = [Float](repeating: 0, count: x.count)
        format.read(&back, result, x.count)
        #expect(back[0] == .infinity && back[1] == -.infinity && back[2].isNaN && back[3] == .infinity && back[4].isNaN)
        let wide: [Double] = [.infinity, -.infinity, .nan, 1e300, -.leastNonzeroMagnitude]
        format.write(&result, wide, wide.count)
        format.read(&back, result, wide.count)
        #expect(back[0] == .infinity && back[1] == -.infinity && back[2].isNaN && back[3] == .infinity && back[4] == 0)
    }
}
