/// The minimum of a function of one variable with one minimum, by golden sections (Kiefer 1953).
///
/// Not GSL's, which needs a bracket with a lower value inside and fails at minima on the border.
package enum GoldenSection {
    /// - Returns: the better of the last two places looked at, its value, and what is left of the range.
    package static func minimum(
        in range: ClosedRange<Double>, steps: Int, of function: (Double) -> Double
    ) -> (at: Double, value: Double, range: ClosedRange<Double>) {
        let ratio = (5.0.squareRoot() - 1) / 2
        var (low, high) = (range.lowerBound, range.upperBound)
        var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
        var (atLeft, atRight) = (function(left), function(right))
        for _ in 0..<steps {
            if atLeft <= atRight {
                (high, right, atRight) = (right, left, atLeft)
                left = high - ratio * (high - low)
                atLeft = function(left)
            } else {
                (low, left, atLeft) = (left, right, atRight)
                right = low + ratio * (high - low)
                atRight = function(right)
            }
        }
        return atLeft <= atRight ? (left, atLeft, low...high) : (right, atRight, low...high)
    }
}
