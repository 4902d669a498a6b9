// Checks and factors of the matrix parameters of distributions.

import Foundation
import Matrices

extension Distribution {
    /// The Cholesky factor of a parameter that must be a symmetric positive definite matrix `[size, size]`.
    static func factor(
        _ name: String, _ matrix: Matrix<Double>, size: Int
    ) throws(DistributionError) -> Matrix<Double> {
        try checkSquare(name, matrix, size: size)
        let largest = matrix.elements.reduce(0) { max($0, abs($1)) }
        for i in 0..<size {
            for j in 0..<i where abs(matrix[i, j] - matrix[j, i]) > 1e-8 * largest {
                throw .invalidParameter(
                    distribution: Self.name, parameter: "\(name)[\(i), \(j)]", value: matrix[i, j], expected: .positiveDefinite)
            }
        }
        do {
            return try CholeskyFactorization(matrix).factor
        } catch {
            throw .invalidMatrix(distribution: Self.name, parameter: name, problem: error)
        }
    }

    /// Throws unless a parameter is a lower-triangular matrix `[size, size]` with positive diagonal.
    static func checkFactor(_ name: String, _ matrix: Matrix<Double>, size: Int) throws(DistributionError) {
        try checkSquare(name, matrix, size: size)
        for i in 0..<size {
            for j in 0..<size {
                let value = matrix[i, j]
                guard value.isFinite, j < i || (j == i ? value > 0 : value == 0) else {
                    throw .invalidParameter(
                        distribution: Self.name, parameter: "\(name)[\(i), \(j)]", value: value, expected: .lowerCholesky)
                }
            }
        }
    }

    static func checkSquare(_ name: String, _ matrix: Matrix<Double>, size: Int) throws(DistributionError) {
        guard matrix.rows == size, matrix.columns == size else {
            throw .dimensionMismatch(
                distribution: Self.name, parameter: name, expected: size,
                found: matrix.rows == size ? matrix.columns : matrix.rows)
        }
        if let index = matrix.elements.firstIndex(where: { !$0.isFinite }) {
            throw .invalidParameter(
                distribution: Self.name, parameter: "\(name)[\(index / size), \(index % size)]",
                value: matrix.elements[index], expected: .positiveDefinite)
        }
    }
}

extension Matrix where Scalar == Double {
    /// L·Lᵀ of this lower-triangular L.
    func timesOwnTranspose() -> Matrix {
        var result = Matrix(rows: rows, columns: rows)
        for i in 0..<rows {
            for j in 0...i {
                var sum = 0.0
                for k in 0...j { sum += self[i, k] * self[j, k] }
                result[i, j] = sum
                result[j, i] = sum
            }
        }
        return result
    }

    /// Σ ln of the diagonal.
    var logDiagonalSum: Double { (0..<rows).reduce(0) { $0 + Foundation.log(self[$1, $1]) } }

    /// L⁻¹·x for this lower-triangular L.
    func solvingLower(_ x: [Double]) -> [Double] {
        var z = x
        withUnsafeElements { l in
            for i in 0..<rows {
                var sum = z[i]
                for j in 0..<i { sum -= l[i * rows + j] * z[j] }
                z[i] = sum / l[i * rows + i]
            }
        }
        return z
    }

    /// L⁻ᵀ·x for this lower-triangular L.
    func solvingLowerTransposed(_ x: [Double]) -> [Double] {
        var z = x
        withUnsafeElements { l in
            for i in stride(from: rows - 1, through: 0, by: -1) {
                z[i] /= l[i * rows + i]
                for j in 0..<i { z[j] -= l[i * rows + j] * z[i] }
            }
        }
        return z
    }

    /// L·x for this lower-triangular L.
    func lowerTimes(_ x: [Double]) -> [Double] {
        withUnsafeElements { l in
            (0..<rows).map { i in
                var sum = 0.0
                for j in 0...i { sum += l[i * rows + j] * x[j] }
                return sum
            }
        }
    }
}
