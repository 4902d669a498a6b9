import Matrices

/// How far two sequences of numbers lie apart.
public struct Closeness: CustomStringConvertible {
    /// The largest |actual − expected|, and where. Infinite where only one is NaN or the counts differ.
    public var absolute: Double
    public var index: Int
    /// `absolute` over the largest |expected|.
    public var relativeToLargest: Double
    /// The largest |actual − expected| / |expected|, elements with |expected| = 0 counted by their absolute error.
    public var relative: Double
    public var actual: Double
    public var expected: Double

    public var description: String {
        "max error \(absolute) (of largest \(relativeToLargest), element-wise \(relative)) at \(index): "
            + "\(actual), expected \(expected)"
    }

    /// Compares element by element; equal infinities and NaN with NaN count as equal.
    public init<A: Sequence, E: Sequence>(_ actual: A, _ expected: E)
    where A.Element: BinaryFloatingPoint, E.Element: BinaryFloatingPoint {
        let actual = actual.map { Double($0) }
        let expected = expected.map { Double($0) }
        (absolute, index, relativeToLargest, relative, self.actual, self.expected) = (0, 0, 0, 0, 0, 0)
        guard actual.count == expected.count else {
            (absolute, relativeToLargest, relative) = (.infinity, .infinity, .infinity)
            (self.actual, self.expected) = (Double(actual.count), Double(expected.count))
            return
        }
        var largest = 0.0
        for (position, (a, e)) in zip(actual, expected).enumerated() {
            if e.isFinite { largest = max(largest, abs(e)) }
            var error = abs(a - e)
            if a == e || (a.isNaN && e.isNaN) { error = 0 } else if error.isNaN { error = .infinity }
            relative = max(relative, e == 0 ? error : error / abs(e))
            if error > absolute || position == 0 {
                (absolute, index, self.actual, self.expected) = (error, position, a, e)
            }
        }
        relativeToLargest = largest > 0 ? absolute / largest : absolute
    }

    public init<A: MatrixScalar, E: MatrixScalar>(_ actual: Matrix<A>, _ expected: Matrix<E>) {
        self.init(actual.elements, expected.elements)
        guard actual.rows == expected.rows, actual.columns == expected.columns else {
            (absolute, relativeToLargest, relative) = (.infinity, .infinity, .infinity)
            return
        }
    }
}
