// Functions of each element. Float results are within about 2.5 units in the last place (GELU: 3e-7 absolute up to
// |x| = 12), Double results too (GELU: 1e-15); NaN gives NaN. See `CKernels.h` for what happens at the ends of the range.

extension Matrix {
    /// eˣ; infinity above the range, 0 below.
    public func exp() -> Matrix { mapped { Scalar.Kernels.exp($0, $1, $2) } }
    /// Natural logarithm; −∞ of 0, NaN of negative elements.
    public func log() -> Matrix { mapped { Scalar.Kernels.log($0, $1, $2) } }
    /// log(1 + x), accurate near 0.
    public func log1p() -> Matrix { mapped { Scalar.Kernels.log1p($0, $1, $2) } }
    /// The error function.
    public func erf() -> Matrix { mapped { Scalar.Kernels.erf($0, $1, $2) } }
    public func tanh() -> Matrix { mapped { Scalar.Kernels.tanh($0, $1, $2) } }
    /// 1/(1 + e⁻ˣ)
    public func sigmoid() -> Matrix { mapped { Scalar.Kernels.sigmoid($0, $1, $2) } }
    /// log(1 + eˣ), without overflow.
    public func softplus() -> Matrix { mapped { Scalar.Kernels.softplus($0, $1, $2) } }
    /// x·Φ(x), the Gaussian error linear unit with the true error function (Hendrycks and Gimpel 2016).
    public func gelu() -> Matrix { mapped { Scalar.Kernels.gelu($0, $1, $2) } }
    /// √x; NaN of negative elements.
    public func squareRoot() -> Matrix { mapped { Scalar.Kernels.squareRoot($0, $1, $2) } }
    /// |x|
    public func absolute() -> Matrix { mapped { Scalar.Kernels.absolute($0, $1, $2) } }

    /// Each element through `transform`, one after the other; for what no kernel does.
    public func map(_ transform: (Scalar) throws -> Scalar) rethrows -> Matrix {
        var result = self
        try result.mapInPlace(transform)
        return result
    }

    /// Replaces each element by `transform` of it.
    public mutating func mapInPlace(_ transform: (Scalar) throws -> Scalar) rethrows {
        let p = mutablePointer()
        for index in 0..<count { p[index] = try transform(p[index]) }
    }

    typealias Map = @Sendable (UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>, Int) -> Void

    /// A new matrix of the same shape, in pieces cut by the shape alone.
    func mapped(_ kernel: Map) -> Matrix {
        var result = Matrix(uninitialized: rows, columns)
        nonisolated(unsafe) let (y, x) = (result.mutablePointer(), pointer)  // each piece writes its own part
        Parallelism.forEachRange(of: count, size: Parallelism.elementsPerPiece) { part in
            kernel(y + part.lowerBound, x + part.lowerBound, part.count)
        }
        return result
    }
}
