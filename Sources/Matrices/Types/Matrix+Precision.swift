import CKernels

extension Matrix where Scalar == Double {
    /// The same numbers in double precision.
    public init(_ other: Matrix<Float>) {
        self.init(uninitialized: other.rows, other.columns)
        credence_f32_to_f64(mutablePointer(), other.pointer, count)
    }
}

extension Matrix where Scalar == Float {
    /// The numbers rounded to single precision (to nearest, ties to even; infinite beyond its range).
    public init(_ other: Matrix<Double>) {
        self.init(uninitialized: other.rows, other.columns)
        credence_f64_to_f32(mutablePointer(), other.pointer, count)
    }
}
