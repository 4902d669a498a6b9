extension Matrix {
    /// The index, in row-major order, of the first element that is NaN or infinite; `nil` where all are finite.
    public var firstNonfinite: Int? {
        let index = Scalar.Kernels.firstNonfinite(pointer, count)
        return index < count ? index : nil
    }

    /// Whether no element is NaN or infinite.
    public var isFinite: Bool { firstNonfinite == nil }
}
