import CKernels
import Foundation
import Matrices

/// E[softmax(z)] and the expected entropy for independent Gaussian logits z ~ N(mean, diag variance), by quadrature.
///
/// With Gumbel noise the winning class has the distribution softmax(z), so the expectation over all logits is a sum of
/// one-dimensional integrals over the height u of the winner (Yellott 1977, doi:10.1016/0022-2496(77)90026-8; see
/// `gumbel_max.c`). No sampling and no approximation of the logits' distribution; the nodes adapt to the variances, and
/// classes that together have less than the stated probability are left out of the integral and get their share to first
/// order.
///
/// Logits must be independent given the row. Where they share a factor, see
/// `predict(mean:variance:loading:)`; one variance common to all classes as such is no dependence.
public struct GumbelMaxQuadrature: Sendable {
    /// Total variation below 1e-5 and entropies within 4e-5 nats for standard deviations 0…50 and 100 classes; errors
    /// grow with the number of classes at most. O(nodes · classes), about 50 nodes.
    public static let single = GumbelMaxQuadrature(
        step: 0.7, range: 5.2, tail: 16, floor: 1e-7, negligible: 1e-6, coarsening: 0.4, resolved: 0.8, below: 2.9,
        above: 18, narrowest: [0.003, 0.039, 0.1049, 0.1737])
    /// Probabilities and entropies within 1e-8 for standard deviations 0…50 and 100 classes; about 3 times the work.
    public static let double = GumbelMaxQuadrature(
        step: 0.36, range: 6.8, tail: 26, floor: 1e-12, negligible: 1e-11, coarsening: 0.25, resolved: 1.1, below: 3.6,
        above: 28, narrowest: [0.0003, 0.004, 0.0268, 0.0613, 0.0987, 0.1354])

    /// What is known of each row.
    public struct Prediction: Sendable {
        /// E[softmax(z)], `[rows, classes]`; rows sum to 1. NaN for a row with a NaN or infinite logit.
        public var probabilities: Matrix<Double>
        /// The entropy of `probabilities`, `[rows]`, nats.
        public var totalEntropy: [Double]
        /// E[entropy of softmax(z)], `[rows]`, nats; 0 … `totalEntropy`.
        public var expectedEntropy: [Double]
        /// `totalEntropy` − `expectedEntropy`, `[rows]`, nats, not negative: the mutual information of class and logits.
        public var mutualInformation: [Double] { zip(totalEntropy, expectedEntropy).map { $0 - $1 } }
    }

    private let settings: credence_gumbel_settings
    private let tables: [Matrix<Double>]
    private let hermite: Matrix<Double>
    private let limits: Matrix<Double>

    /// - Parameters: see `credence_gumbel_rule`; `floor` is the mass left out below, `resolved` is in steps, `below` and
    ///   `above` in units of the noise, `narrowest` the largest standard deviation for 1, 2, … Gauss–Hermite points.
    private init(
        step: Double, range: Double, tail: Double, floor: Double, negligible: Double, coarsening: Double,
        resolved: Double, below: Double, above: Double, narrowest: [Double]
    ) {
        let (low, high) = (Int((below / step).rounded(.up)), Int((above / step).rounded(.up)))
        settings = credence_gumbel_settings(
            step: step, range: range, tail: tail, log_floor: log(floor), negligible: negligible, coarsening: coarsening,
            resolved: resolved * step, below: low, above: high)
        let stride = (4 * (low + high) + 24) / 8 * 8
        tables = [1, 2, 4].map { fine in
            var table = Matrix<Double>(rows: 3, columns: stride)
            for (place, point) in Swift.stride(from: high * fine, through: -low * fine, by: -1).enumerated() {
                let x = Double(point) * step / Double(fine)
                let decay = exp(-x)
                table[0, place] = exp(-decay)
                table[1, place] = decay * exp(-decay)
                table[2, place] = x * decay * exp(-decay)
            }
            return table
        }
        let points = narrowest.count
        var hermite = Matrix<Double>(rows: 2 * points, columns: points)
        for order in 1...points {
            for (place, node) in Self.hermiteNodes(order).enumerated() {
                (hermite[2 * order - 2, place], hermite[2 * order - 1, place]) = node
            }
        }
        self.hermite = hermite
        limits = Matrix(rows: 1, columns: points, elements: narrowest)
    }

    /// Nodes and weights of E[f(t)], t ~ N(0, 1), exact for polynomials of degree 2n − 1: the eigenvalues of the
    /// recurrence's matrix and the squares of its eigenvectors' first elements (Golub and Welsch 1969,
    /// doi:10.1090/S0025-5718-69-99647-1).
    private static func hermiteNodes(_ count: Int) -> [(node: Double, weight: Double)] {
        var jacobi = Matrix<Double>(rows: count, columns: count)
        for row in 1..<max(count, 1) {
            jacobi[row, row - 1] = Double(row).squareRoot()
            jacobi[row - 1, row] = Double(row).squareRoot()
        }
        guard let eigen = try? jacobi.symmetricEigen() else { preconditionFailure("a matrix of \(count) fixed numbers") }
        return eigen.values.enumerated().map { ($1, eigen.vectors[0, $0] * eigen.vectors[0, $0]) }
    }

    private static let blockRows = 16

    /// Probabilities and entropies of each row. A row's answer depends on itself alone.
    ///
    /// Logits with standard deviations above 100 are scaled down to it, mean and deviation alike, which changes
    /// probabilities by less than 1e-4. Memory: O(nodes · classes) a thread.
    /// - Parameters:
    ///   - mean: `[rows, classes]`; −∞ is a class that cannot win.
    ///   - variance: `[rows, classes]`, not negative.
    public func predict(mean: Matrix<Double>, variance: Matrix<Double>) -> Prediction {
        precondition(
            mean.rows == variance.rows && mean.columns == variance.columns,
            "mean [\(mean.rows), \(mean.columns)] and variance [\(variance.rows), \(variance.columns)]")
        let (rows, classes) = (mean.rows, mean.columns)
        var probabilities = Matrix<Double>(uninitialized: rows, classes)
        var entropies = Matrix<Double>(rows: 2, columns: rows)
        if rows > 0, classes > 0 {
            // Each block writes its own rows.
            nonisolated(unsafe) let (target, total) = (probabilities.mutablePointer(), entropies.mutablePointer())
            Parallelism.forEach(pieces: (rows + Self.blockRows - 1) / Self.blockRows) { block in
                let start = block * Self.blockRows
                run(
                    target + start * classes, total + start, total + rows + start, mean.pointer + start * classes,
                    variance.pointer + start * classes, rows: min(Self.blockRows, rows - start), classes: classes)
            }
        }
        return Prediction(
            probabilities: probabilities, totalEntropy: entropies.row(0), expectedEntropy: entropies.row(1))
    }

    private func run(
        _ probabilities: UnsafeMutablePointer<Double>, _ total: UnsafeMutablePointer<Double>,
        _ expected: UnsafeMutablePointer<Double>, _ mean: UnsafePointer<Double>, _ variance: UnsafePointer<Double>,
        rows: Int, classes: Int
    ) {
        var rule = credence_gumbel_rule(
            settings: settings, tables: (tables[0].pointer, tables[1].pointer, tables[2].pointer),
            table_stride: tables[0].columns, hermite: hermite.pointer, hermite_limits: limits.pointer,
            hermite_orders: limits.columns, hermite_stride: hermite.columns)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: classes) { kept in
            var count = 64 * classes + 4096
            for row in 0..<rows {
                var needed = 0
                repeat {
                    count = max(count, needed)
                    needed = withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { scratch in
                        credence_gumbel_max_row_f64(
                            probabilities + row * classes, total + row, expected + row, mean + row * classes,
                            variance + row * classes, &rule, scratch.baseAddress, kept.baseAddress, count, classes)
                    }
                } while needed > 0
            }
        }
        withExtendedLifetime(self) {}
    }
}
