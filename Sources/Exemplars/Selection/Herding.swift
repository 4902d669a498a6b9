import CKernels
import Matrices

/// Herding: rows whose running mean stays nearest to the mean of all (Welling 2009; Rebuffi et al. 2017, iCaRL,
/// arXiv:1611.07725, algorithm 4).
///
/// Step k takes the unused row least in ‖μ − (x + Σ chosen)/k‖. For rows of unit length that is the largest x·(k·μ − Σ
/// chosen): O(rows · D) a step. Rows of Floats are looked at in 8 bits first, and only those that may be the best are
/// computed, in Double; the rows chosen are those of the exact search.
public enum Herding {
    /// - Parameters:
    ///   - features: `[rows, D]`, scaled to unit length first.
    ///   - normalizesMean: whether μ is scaled to unit length too, as iCaRL does.
    /// - Returns: the rows; a gain is the distance of the running mean to μ after it.
    public static func select<Scalar: MatrixScalar>(
        _ count: Int, of features: Matrix<Scalar>, normalizesMean: Bool = true
    ) -> Selection {
        guard features.rows > 0, count > 0 else { return Selection() }
        let weights = features.rowSquaredNorms().map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
        let centre = mean(features, weights)
        var target = centre
        if normalizesMean {
            let norm = dot(centre, centre).squareRoot()
            if norm > 0 { target = centre.map { $0 / norm } }
        }
        var screen: RoundedRows?
        if let rows = features as? Matrix<Float>, let weights = weights as? [Float], centre.allSatisfy(\.isFinite) {
            screen = RoundedRows(rows, weights: weights, centre: centre.map { Float($0) })
        }

        var sum = [Double](repeating: 0, count: features.columns)
        var free = Array(repeating: true, count: features.rows)
        var selection = Selection()
        for step in 1...min(count, features.rows) {
            let wanted = zip(target, sum).map { Double(step) * $0 - $1 }
            var best: (row: Int, score: Double)?
            for row in candidates(wanted, screen, free) {
                let score = Double(weights[row]) * dot(features.row(row), wanted)
                if score > best?.score ?? -.infinity { best = (row, score) }
            }
            guard let row = best?.row else { break }
            free[row] = false
            let weight = Double(weights[row])
            for (column, value) in features.row(row).enumerated() { sum[column] += weight * Double(value) }
            let distance = zip(target, sum).reduce(0) {
                $0 + ($1.0 - $1.1 / Double(step)) * ($1.0 - $1.1 / Double(step))
            }
            selection.append(row, gain: distance.squareRoot())
        }
        return selection
    }

    /// The free rows that may have the largest product with `vector`, ascending.
    private static func candidates(_ vector: [Double], _ screen: RoundedRows?, _ free: [Bool]) -> [Int] {
        guard let screen else { return free.indices.filter { free[$0] } }
        let (values, errors) = screen.products(vector)
        var bound = -Float.infinity
        for row in free.indices where free[row] { bound = max(bound, values[row] - errors[row]) }
        return free.indices.filter { free[$0] && values[$0] + errors[$0] >= bound }
    }

    private static func mean<Scalar: MatrixScalar>(_ features: Matrix<Scalar>, _ weights: [Scalar]) -> [Double] {
        var mean = [Double](repeating: 0, count: features.columns)
        if let rows = features as? Matrix<Float>, let weights = weights as? [Float] {
            rows.withUnsafeElements {
                credence_add_weighted_rows_f32(&mean, $0.baseAddress, weights, rows.rows, rows.columns)
            }
        } else {
            for row in 0..<features.rows {
                let weight = Double(weights[row])
                for (column, value) in features.row(row).enumerated() { mean[column] += weight * Double(value) }
            }
        }
        return mean.map { $0 / Double(features.rows) }
    }

    private static func dot<Scalar: MatrixScalar>(_ row: some Collection<Scalar>, _ vector: [Double]) -> Double {
        var sum = 0.0
        for (value, factor) in zip(row, vector) { sum += Double(value) * factor }
        return sum
    }
}
