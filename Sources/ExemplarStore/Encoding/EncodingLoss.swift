import Matrices

/// What an encoding lost, summed over rows: of the rows x and what is read back, y.
public struct EncodingLoss: Sendable, Hashable {
    public internal(set) var rows = 0
    /// Σ ‖x − y‖².
    var squaredError = 0.0
    /// Σ ‖x‖².
    var squaredNorm = 0.0
    /// Σ cos(x, y).
    var cosine = 0.0

    /// Σ ‖x − y‖² / Σ ‖x‖²; 0 without rows.
    public var relativeSquaredError: Double { squaredNorm > 0 ? squaredError / squaredNorm : 0 }
    /// The mean cosine of x and y; 1 without rows.
    public var meanCosine: Double { rows > 0 ? cosine / Double(rows) : 1 }

    public init() {}

    mutating func add(_ other: EncodingLoss) {
        rows += other.rows
        squaredError += other.squaredError
        squaredNorm += other.squaredNorm
        cosine += other.cosine
    }

    /// Adds rows `[count, dimension]`. O(count · dimension).
    mutating func add(_ x: UnsafePointer<Float>, decoded y: UnsafePointer<Float>, count: Int, dimension: Int) {
        for row in 0..<count {
            let (x, y) = (x + row * dimension, y + row * dimension)
            let xx = Double(FloatKernels.dot(x, x, dimension))
            let yy = Double(FloatKernels.dot(y, y, dimension))
            let xy = Double(FloatKernels.dot(x, y, dimension))
            squaredNorm += xx
            // From differences: xx − 2xy + yy would cancel.
            var error: Float = 0
            for column in 0..<dimension { error += (x[column] - y[column]) * (x[column] - y[column]) }
            squaredError += Double(error)
            cosine += xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : (xx == yy ? 1 : 0)
        }
        rows += count
    }
}
