// Half and bfloat16 kernels for either scalar type.
import CKernels
import Matrices

extension MatrixScalar {
    typealias HalfConversion = HalfKernels<Self>
}

/// The 16-bit conversions of CKernels, chosen by the scalar type, which is Float or Double.
enum HalfKernels<Scalar: MatrixScalar> {
    static func fromHalf(_ y: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<UInt16>, _ n: Int) {
        choose(y, { credence_half_to_f32($0, x, n) }, { credence_half_to_f64($0, x, n) })
    }

    static func fromBfloat16(_ y: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<UInt16>, _ n: Int) {
        choose(y, { credence_bfloat16_to_f32($0, x, n) }, { credence_bfloat16_to_f64($0, x, n) })
    }

    static func toHalf(_ y: UnsafeMutablePointer<UInt16>, _ x: UnsafePointer<Scalar>, _ n: Int) {
        choose(UnsafeMutablePointer(mutating: x), { credence_f32_to_half(y, $0, n) }, { credence_f64_to_half(y, $0, n) })
    }

    static func toBfloat16(_ y: UnsafeMutablePointer<UInt16>, _ x: UnsafePointer<Scalar>, _ n: Int) {
        choose(
            UnsafeMutablePointer(mutating: x), { credence_f32_to_bfloat16(y, $0, n) },
            { credence_f64_to_bfloat16(y, $0, n) })
    }

    private static func choose(
        _ pointer: UnsafeMutablePointer<Scalar>, _ float: (UnsafeMutablePointer<Float>) -> Void,
        _ double: (UnsafeMutablePointer<Double>) -> Void
    ) {
        let raw = UnsafeMutableRawPointer(pointer)
        if Scalar.self == Float.self {
            float(raw.assumingMemoryBound(to: Float.self))
        } else {
            precondition(Scalar.self == Double.self, "a matrix holds Float or Double")
            double(raw.assumingMemoryBound(to: Double.self))
        }
    }
}
