import Matrices

/// Where a distribution has its density or mass, as data. Every bound of an interval may be infinite.
public enum Support: Sendable, Hashable {
    /// Real numbers from `lower` to `upper`; whether finite ends belong to it makes no difference to any probability,
    /// and densities follow the formula there.
    case interval(lower: Double, upper: Double)
    /// Whole numbers from `lower` through `upper`, or without an upper end.
    case integers(lower: Int, upper: Int?)
    /// All vectors of a dimension.
    case realVectors(dimension: Int)
    /// Vectors of numbers ≥ 0 that sum to 1.
    case simplex(dimension: Int)
    /// Vectors with one 1 and zeros.
    case oneHot(dimension: Int)
    /// Vectors of whole numbers ≥ 0 that sum to `total`.
    case counts(dimension: Int, total: Int)
    /// Vectors whose coordinates each lie in a support of their own.
    indirect case product([Support])
    /// Symmetric positive definite matrices `[size, size]`.
    case positiveDefinite(size: Int)
    /// Lower-triangular matrices `[size, size]` with positive diagonal and rows of length 1: factors of correlation
    /// matrices. As a vector, row by row without what lies above the diagonal.
    case correlationCholesky(size: Int)

    /// Vectors whose coordinates increase.
    case ordered(dimension: Int)
    /// Lower-triangular matrices `[size, size]` with positive diagonal, row by row without what lies above it.
    case lowerCholesky(size: Int)

    public static var realLine: Support { .interval(lower: -.infinity, upper: .infinity) }
    /// Numbers above 0.
    public static var positive: Support { .interval(lower: 0, upper: .infinity) }

    public func contains(_ x: Double) -> Bool {
        switch self {
        case .interval(let lower, let upper): x.isFinite && x >= lower && x <= upper
        case .integers(let lower, let upper):
            x.isFinite && x.rounded() == x && x >= Double(lower) && (upper.map { x <= Double($0) } ?? true)
        default: false
        }
    }

    public func contains(_ x: [Double]) -> Bool {
        switch self {
        case .interval, .integers: x.count == 1 && contains(x[0])
        case .realVectors(let dimension): x.count == dimension && x.allSatisfy(\.isFinite)
        case .simplex(let dimension):
            x.count == dimension && Constraint.simplex.firstViolation(in: x) == nil
        case .oneHot(let dimension):
            x.count == dimension && x.allSatisfy { $0 == 0 || $0 == 1 } && x.count { $0 == 1 } == 1
        case .counts(let dimension, let total):
            x.count == dimension && x.allSatisfy { $0 >= 0 && $0.rounded() == $0 } && x.reduce(0, +) == Double(total)
        case .product(let parts): x.count == parts.count && zip(parts, x).allSatisfy { $0.contains($1) }
        case .ordered(let dimension):
            x.count == dimension && x.allSatisfy(\.isFinite) && zip(x, x.dropFirst()).allSatisfy { $0 < $1 }
        case .lowerCholesky(let size):
            x.count == size * (size + 1) / 2 && x.allSatisfy(\.isFinite) && (0..<size).allSatisfy { x[$0 * ($0 + 3) / 2] > 0 }
        case .correlationCholesky(let size):
            x.count == size * (size + 1) / 2 && contains(lowerTriangle(x, size: size))
        case .positiveDefinite: false
        }
    }

    /// Whether a matrix belongs to it.
    public func contains(_ x: Matrix<Double>) -> Bool {
        switch self {
        case .positiveDefinite(let size):
            guard x.rows == size, x.columns == size else { return false }
            for i in 0..<size { for j in 0..<i where x[i, j] != x[j, i] { return false } }
            return (try? CholeskyFactorization(x)) != nil
        case .correlationCholesky(let size):
            guard x.rows == size, x.columns == size else { return false }
            return (0..<size).allSatisfy { i in
                let row = x.row(i)
                let squares = row.reduce(0) { $0 + $1 * $1 }
                return row[i] > 0 && abs(squares - 1) <= 1e-9 && row[(i + 1)...].allSatisfy { $0 == 0 }
            }
        default: return x.rows == 1 && contains(x.row(0))
        }
    }
}
