import Foundation
import Matrices

/// A positive semidefinite kernel on feature rows, for the dual form of ridge regression.
public enum Kernel: Sendable, Hashable, Codable {
    /// exp(−γ‖x − y‖²), that of RAIL's paper.
    case gaussian(gamma: Double)
    /// x·y.
    case linear
    /// (x·y + offset)ᵈ.
    case polynomial(degree: Int, offset: Double)
    /// That of infinitely many random units: order 0 of steps, 1 of ReLU, 2 of squared ReLU; 1 for a unit row with itself,
    /// times ‖x‖ⁿ‖y‖ⁿ for other lengths (Cho and Saul 2009, section 2, divided by its value at angle 0).
    case arcCosine(order: Int)

    /// The names of the kinds.
    public static let names = ["gaussian", "linear", "polynomial", "arc-cosine"]

    public var name: String {
        switch self {
        case .gaussian: "gaussian"
        case .linear: "linear"
        case .polynomial: "polynomial"
        case .arcCosine: "arc-cosine"
        }
    }

    /// What is wrong with the parameters, or nil.
    var fault: String? {
        switch self {
        case .gaussian(let gamma):
            gamma > 0 && gamma.isFinite ? nil : "the kernel's gamma must be positive, not \(gamma)"
        case .linear: nil
        case .polynomial(let degree, let offset):
            degree < 1 || degree > 20
                ? "the kernel's degree must lie between 1 and 20, not \(degree)"
                : offset >= 0 && offset.isFinite ? nil : "the kernel's offset must not be negative, not \(offset)"
        case .arcCosine(let order):
            (0...2).contains(order) ? nil : "the arc-cosine kernel has the orders 0, 1 and 2, not \(order)"
        }
    }

    /// k(x, y) of all pairs, `[x.rows, y.rows]`. 2·rows·rows·D operations and one function a pair.
    public func matrix(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Matrix<Double> {
        precondition(x.columns == y.columns, "rows of \(x.columns) and \(y.columns)")
        var result = x.multiplied(by: y, .transposed)
        let (columns, left, right) = (y.rows, x.rowSquaredNorms(), y.rowSquaredNorms())
        let kernel = self
        nonisolated(unsafe) let p = result.mutablePointer()  // rows of their own
        Parallelism.forEachRange(of: x.rows, size: max(1, 16_384 / max(1, columns))) { rows in
            for row in rows { kernel.apply(p + row * columns, left[row], right) }
        }
        return result
    }

    /// k(x, x) of each row.
    public func diagonal(_ x: Matrix<Double>) -> [Double] {
        x.rowSquaredNorms().map { norm in
            switch self {
            case .gaussian: 1
            case .linear: norm
            case .polynomial(let degree, let offset): Self.power(norm + offset, degree)
            case .arcCosine(let order): Self.power(norm, order)
            }
        }
    }

    /// Inner products of one row with all others become kernel values.
    private func apply(_ products: UnsafeMutablePointer<Double>, _ own: Double, _ norms: [Double]) {
        let count = norms.count
        switch self {
        case .linear: break
        case .gaussian(let gamma):
            // The distance of a row to itself is 0 whatever rounding says.
            for index in 0..<count { products[index] = -gamma * max(0, own + norms[index] - 2 * products[index]) }
            Double.Kernels.exp(products, products, count)
        case .polynomial(let degree, let offset):
            for index in 0..<count { products[index] = Self.power(products[index] + offset, degree) }
        case .arcCosine(let order):
            for index in 0..<count {
                let size = (own * norms[index]).squareRoot()
                let cosine = size > 0 ? min(1, max(-1, products[index] / size)) : 0
                products[index] = Self.power(size, order) * Self.arcCosine(cosine, order: order)
            }
        }
    }

    private static func arcCosine(_ cosine: Double, order: Int) -> Double {
        let angle = acos(cosine)
        let sine = (1 - cosine * cosine).squareRoot()
        return switch order {
        case 0: (.pi - angle) / .pi
        case 1: (sine + (.pi - angle) * cosine) / .pi
        default: (3 * sine * cosine + (.pi - angle) * (1 + 2 * cosine * cosine)) / (3 * .pi)
        }
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<exponent { result *= base }
        return result
    }
}
