/// The element types of a matrix, `Float` and `Double`, with the kernels that work on them.
///
/// The requirements are the package's way to its C kernels; they are not meant to be called or implemented elsewhere.
public protocol MatrixScalar: BinaryFloatingPoint, Sendable, Codable where RawSignificand: FixedWidthInteger {
    associatedtype Kernels: MatrixKernels where Kernels.Scalar == Self
}

extension Float: MatrixScalar {
    public typealias Kernels = FloatKernels
}

extension Double: MatrixScalar {
    public typealias Kernels = DoubleKernels
}
