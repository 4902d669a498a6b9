import Foundation
import Matrices

extension Matrix {
    package mutating func add(_ other: Matrix, scaledBy factor: Scalar = 1) {
        let p = mutablePointer()
        Scalar.Kernels.combine(p, 1, p, factor, other.pointer, count)
    }
    package mutating func scale(by factor: Scalar) { Scalar.Kernels.scale(mutablePointer(), factor, count) }
    package func multipliedElementwise(by other: Matrix) -> Matrix {
        var result = Matrix(uninitialized: rows, columns)
        Scalar.Kernels.multiply(result.mutablePointer(), pointer, other.pointer, count)
        return result
    }
    package func sum() -> Scalar { Scalar.Kernels.sum(pointer, count) }
    package mutating func mapInPlace(_ f: (Scalar) -> Scalar) {
        let p = mutablePointer()
        for i in 0..<count { p[i] = f(p[i]) }
    }
}
extension MatrixScalar {
    static func log(_ x: Self) -> Self { Self(Foundation.log(Double(x))) }
    static func pow(_ x: Self, _ n: Int) -> Self { Self(Foundation.pow(Double(x), Double(n))) }
}
