// Inverts an increasing or decreasing function of the real line by Newton's method kept inside a bracket.

import Foundation

/// The v with value(v) = target, for a monotone function with its derivative.
///
/// The bracket grows from `start` within [`lower`, `upper`] until it holds the target; Newton's steps that leave it, or
/// hardly shrink it, become bisections. Ends when a step is below the rounding of v, or
/// steps no longer shrink.
func invertMonotone(
    target: Double, start: Double, lower: Double = -.infinity, upper: Double = .infinity,
    _ function: (Double) -> (value: Double, slope: Double)
) -> Double {
    var (low, high) = (lower, upper)
    var v = min(max(start, lower), upper)
    var reach = 1.0
    var lastStep = Double.infinity
    for _ in 0..<400 {
        let (value, slope) = function(v)
        let difference = value - target
        if difference == 0 || value.isNaN { return v }
        // A rising function above its target: the root lies below v.
        let rootIsBelow = (difference > 0) == (slope >= 0)
        if rootIsBelow { high = v } else { low = v }
        let newton = difference / slope
        if abs(newton) <= 2.3e-16 * abs(v) { return v }
        // Near the end rounding of the function decides; steps that no longer shrink say so.
        if abs(newton) <= 1e-13 * max(abs(v), 1), abs(newton) >= lastStep { return v }
        lastStep = abs(newton)
        var next = v - newton
        let bounded = low.isFinite && high.isFinite
        let largestStep = bounded ? .infinity : reach
        if !next.isFinite || abs(next - v) > largestStep {
            next = rootIsBelow ? v - reach : v + reach
            reach *= 2
        }
        if bounded, !(next > low && next < high) { next = 0.5 * (low + high) }
        next = min(max(next, lower), upper)
        v = next
    }
    return v
}
