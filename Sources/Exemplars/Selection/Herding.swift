import Matrices

/// Herding: rows whose running mean stays nearest to the mean of all (Welling 2009; Rebuffi et al. 2017, iCaRL,
/// arXiv:1611.07725, algorithm 4).
///
/// Step k takes the unused row least in ‖μ − (x + Σ chosen)/k‖. For rows of unit length that is the largest x·(k·μ − Σ
/// chosen), one matrix–vector product a step: O(rows · D).
public enum Herding {
    /// - Parameters:
    ///   - features: `[rows, D]`, scaled to unit length first.
    ///   - normalizesMean: whether μ is scaled to unit length too, as iCaRL does.
    /// - Returns: the rows; a gain is the distance of the running mean to μ after it.
    public static func select<Scalar: MatrixScalar>(
        _ count: Int, of features: Matrix<Scalar>, normalizesMean: Bool = true
    ) -> Selection {
        let rows = features.normalizedRows()
        let (n, width) = (rows.rows, rows.columns)
        guard n > 0, count > 0 else { return Selection() }
        var mean = [Double](repeating: 0, count: width)
        rows.withUnsafeElements { elements in
            mean.withUnsafeMutableBufferPointer { mean in
                for row in 0..<n { for column in 0..<width { mean[column] += Double(elements[row * width + column]) } }
                for column in 0..<width { mean[column] /= Double(n) }
            }
        }
        if normalizesMean {
            let norm = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if norm > 0 { mean = mean.map { $0 / norm } }
        }
        var sum = [Double](repeating: 0, count: width)
        var free = Array(repeating: true, count: n)
        var selection = Selection()
        for step in 1...min(count, n) {
            let wanted = zip(mean, sum).map { Double(step) * $0 - $1 }
            let direction = Matrix<Scalar>(rows: 1, columns: width, elements: wanted.map { Scalar($0) })
            let scores = direction.multiplied(by: rows, .transposed).elements.map { Double($0) }
            guard let best = scores.indexOfLargest(where: { free[$0] }) else { break }
            free[best] = false
            for (column, value) in rows.row(best).enumerated() { sum[column] += Double(value) }
            let distance = zip(mean, sum).reduce(0) {
                $0 + ($1.0 - $1.1 / Double(step)) * ($1.0 - $1.1 / Double(step))
            }
            selection.append(best, gain: distance.squareRoot())
        }
        return selection
    }
}
