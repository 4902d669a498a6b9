import Foundation
import Matrices

/// A small repeatable generator (SplitMix64) for shapes and elements of tests.
struct TestGenerator: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension Matrix where Scalar.RawSignificand: FixedWidthInteger {
    /// Elements uniform in −range…range.
    static func random(_ rows: Int, _ columns: Int, range: Double = 1, seed: UInt64) -> Matrix {
        var generator = TestGenerator(seed)
        return Matrix(
            rows: rows, columns: columns,
            elements: (0..<rows * columns).map { _ in Scalar(Double.random(in: -range...range, using: &generator)) })
    }

    /// The largest absolute difference; NaN where one differs from the other in being NaN.
    func distance(to other: Matrix) -> Double {
        guard rows == other.rows && columns == other.columns else { return .nan }
        return zip(elements, other.elements).map { abs(Double($0) - Double($1)) }.reduce(0) { $1.isNaN ? .nan : Swift.max($0, $1) }
    }

    /// The bits, for equality that tells 0 from −0 and takes NaN as equal to itself.
    var bits: [UInt64] {
        elements.map { Scalar.self == Float.self ? UInt64((Float($0)).bitPattern) : Double($0).bitPattern }
    }
}

/// The distance of `value` from `reference` in units in the last place of `reference` rounded to Float.
func ulps(_ value: Float, _ reference: Double) -> Double {
    let rounded = Float(reference)
    if value.isNaN || rounded.isNaN { return value.isNaN && rounded.isNaN ? 0 : .infinity }
    if value.isInfinite || rounded.isInfinite { return value == rounded ? 0 : .infinity }
    return abs(Double(value) - reference) / Double(max(rounded.ulp, .leastNonzeroMagnitude))
}

/// The distance in units in the last place of `reference`.
func ulps(_ value: Double, _ reference: Double) -> Double {
    if value.isNaN || reference.isNaN { return value.isNaN && reference.isNaN ? 0 : .infinity }
    if value.isInfinite || reference.isInfinite { return value == reference ? 0 : .infinity }
    return abs(value - reference) / reference.ulp
}
