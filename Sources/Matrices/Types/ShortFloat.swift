import CKernels

/// The 16-bit formats of feature files. Conversion rounds to nearest, ties to even; subnormals are exact, values beyond
/// the range become infinite, NaN stays NaN.
package enum ShortFloat: Sendable {
    /// IEEE 754 binary16: 11 significant bits, up to 65504.
    case half
    /// bfloat16: 8 significant bits, the range of Float.
    case bfloat16

    /// Widens `count` little-endian elements at `source` (at least 2-byte aligned) into `target`.
    package func read(_ target: UnsafeMutablePointer<Float>, _ source: UnsafePointer<UInt16>, _ count: Int) {
        switch self {
        case .half: credence_half_to_f32(target, source, count)
        case .bfloat16: credence_bfloat16_to_f32(target, source, count)
        }
    }

    package func read(_ target: UnsafeMutablePointer<Double>, _ source: UnsafePointer<UInt16>, _ count: Int) {
        switch self {
        case .half: credence_half_to_f64(target, source, count)
        case .bfloat16: credence_bfloat16_to_f64(target, source, count)
        }
    }

    /// Rounds `count` elements at `source` into 16-bit ones at `target`.
    package func write(_ target: UnsafeMutablePointer<UInt16>, _ source: UnsafePointer<Float>, _ count: Int) {
        switch self {
        case .half: credence_f32_to_half(target, source, count)
        case .bfloat16: credence_f32_to_bfloat16(target, source, count)
        }
    }

    package func write(_ target: UnsafeMutablePointer<UInt16>, _ source: UnsafePointer<Double>, _ count: Int) {
        switch self {
        case .half: credence_f64_to_half(target, source, count)
        case .bfloat16: credence_f64_to_bfloat16(target, source, count)
        }
    }
}
