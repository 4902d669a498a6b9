import CKernels

/// Rows rounded to 8-bit integers about a centre, for the quick first look of an exact search: products with them, and how
/// far those may lie from the truth. Memory: rows · (D + 8) bytes.
package struct RoundedRows: Sendable {
    private let rounded: [Int8]
    private let steps: [Float]
    /// ‖what rounding took away‖ of each row, rounded up.
    private let errors: [Float]
    /// ‖rounded row‖ at most, of all rows.
    private let largestNorm: Double
    private let columns: Int
    private static let pieceRows = 8192

    /// weights[i]·xᵢ − centre, rounded. O(rows · D).
    package init(_ rows: Matrix<Float>, weights: [Float], centre: [Float]) {
        precondition(weights.count == rows.rows && centre.count == rows.columns, "shapes differ")
        let (count, width) = (rows.rows, rows.columns)
        var steps = [Float](repeating: 0, count: count)
        var errors = [Float](repeating: 0, count: count)
        rounded = [Int8](unsafeUninitializedCapacity: count * width) { buffer, initialized in
            steps.withUnsafeMutableBufferPointer { steps in
                errors.withUnsafeMutableBufferPointer { errors in
                    // Each piece writes its own rows.
                    nonisolated(unsafe) let (out, steps, errors, x) = (buffer, steps, errors, rows.pointer)
                    Parallelism.forEachRange(of: count, size: Self.pieceRows) { part in
                        guard let out = out.baseAddress, let steps = steps.baseAddress, let errors = errors.baseAddress
                        else { return }
                        let first = part.lowerBound
                        weights.withUnsafeBufferPointer { weights in
                            guard let weights = weights.baseAddress else { return }
                            credence_int8_round_rows_f32(
                                out + first * width, steps + first, errors + first, x + first * width, weights + first,
                                centre, part.count, width)
                        }
                    }
                }
            }
            initialized = count * width
        }
        columns = width
        // Rounding in Float of a sum of D squares is below D/2 units in the last place.
        let slack = 1 + Float(width + 8) * Float.ulpOfOne
        largestNorm = Double(steps.max() ?? 0) * 127 * Double(width).squareRoot()
        self.steps = steps
        self.errors = errors.map { $0 * slack + 1e-7 }
    }

    /// (weights[i]·xᵢ − centre)·vector for every row, and a bound on the error of each. O(rows · D).
    package func products(_ vector: [Double]) -> (values: [Float], errors: [Float]) {
        precondition(vector.count == columns, "a vector of \(vector.count) entries for \(columns) columns")
        let largest = vector.reduce(0) { max($0, abs($1)) }
        let unit = largest > 0 ? largest / 8191 : 1
        let short = vector.map { Int16(($0 / unit).rounded()) }
        var (norm, lost) = (0.0, 0.0)
        for (exact, rounded) in zip(vector, short) {
            norm += exact * exact
            lost += (exact - unit * Double(rounded)) * (exact - unit * Double(rounded))
        }
        (norm, lost) = (norm.squareRoot(), lost.squareRoot())
        let (count, width) = (steps.count, columns)
        var values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            nonisolated(unsafe) let out = buffer.baseAddress  // each piece writes its own rows
            Parallelism.forEachRange(of: count, size: Self.pieceRows) { part in
                rounded.withUnsafeBufferPointer { rounded in
                    steps.withUnsafeBufferPointer { steps in
                        guard let out, let rounded = rounded.baseAddress, let steps = steps.baseAddress else { return }
                        let first = part.lowerBound
                        credence_int8_products(
                            out + first, rounded + first * width, steps + first, short, part.count, width)
                    }
                }
            }
            initialized = count
        }
        let scale = Float(unit)
        for row in values.indices { values[row] *= scale }
        // What the vector lost, and a few roundings of the product in Float.
        let common = Float(largestNorm * (lost + 1e-6 * norm))
        let factor = Float(norm)
        return (values, errors.map { $0 * factor + common })
    }
}
