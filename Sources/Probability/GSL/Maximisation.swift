// Tops of functions, by GSL's minimisers.

import CGSL
import Foundation

/// The nearest top uphill from `start` of a function of a number: steps that grow until the function falls, then Brent's
/// method (`gsl_min_fminimizer_brent`) to rounding, which for a smooth top is about 1e-8 of its width.
///
/// - Parameter step: the first step, above 0; smaller than the width of what is to be found.
func climb(from start: Double, step: Double, _ f: (Double) -> Double) -> Double {
    var (middle, top) = (start, f(start))
    guard top < .infinity, step > 0, step.isFinite else { return start }
    let direction = f(start + step) > top ? step : f(start - step) > top ? -step : 0
    var (behind, ahead) = (start - step, start + step)
    if direction != 0 {
        var reach = direction
        behind = start
        while true {
            ahead = middle + reach
            let value = f(ahead)
            guard value > top, ahead.isFinite else { break }
            (behind, middle, top) = (middle, ahead, value)
            reach *= 1.6
        }
    }
    let (low, high) = (min(behind, ahead), max(behind, ahead))
    GSL.prepare()
    // Outside the support the logarithm is −∞, which Brent's parabolas cannot use.
    let lowest = top - 1e6
    let found: Double? = withNumberFunction({ -max(f($0), lowest) }) { context in
        guard let minimiser = gsl_min_fminimizer_alloc(credence_gsl_min_brent()) else { return nil }
        defer { gsl_min_fminimizer_free(minimiser) }
        var function = gsl_function(function: callNumberFunction, params: context)
        return withUnsafeMutablePointer(to: &function) { function in
            guard gsl_min_fminimizer_set(minimiser, function, middle, low, high) == 0 else { return nil }
            for _ in 0..<200 {
                guard gsl_min_fminimizer_iterate(minimiser) == 0 else { break }
                let width = gsl_min_fminimizer_x_upper(minimiser) - gsl_min_fminimizer_x_lower(minimiser)
                if width <= 1e-9 * step { break }
            }
            return gsl_min_fminimizer_x_minimum(minimiser)
        }
    }
    guard let found, f(found) >= top else { return middle }
    return found
}

/// The nearest top uphill from `start` of a function of a vector with its gradient, by Broyden, Fletcher, Goldfarb and
/// Shanno's method (`gsl_multimin_fdfminimizer_vector_bfgs2`); `start` itself where that finds nothing higher.
func climb(
    from start: [Double], step: Double, _ f: ([Double]) -> Double, gradient: ([Double]) -> [Double]
) -> [Double] {
    GSL.prepare()
    let dimension = start.count
    guard dimension > 0, f(start).isFinite, let x = gsl_vector_alloc(dimension),
        let minimiser = gsl_multimin_fdfminimizer_alloc(credence_gsl_multimin_bfgs2(), dimension)
    else { return start }
    defer {
        gsl_multimin_fdfminimizer_free(minimiser)
        gsl_vector_free(x)
    }
    for (k, value) in start.enumerated() { gsl_vector_set(x, k, value) }
    let found = withoutActuallyEscaping(f) { f in
        withoutActuallyEscaping(gradient) { gradient in
            let box = VectorFunction(f, gradient)
            return withExtendedLifetime(box) {
                var function = gsl_multimin_function_fdf(
                    f: { -vectorFunction($1).f(elements($0)) },
                    df: { setNegative($2, vectorFunction($1).gradient(elements($0))) },
                    fdf: { x, context, value, slopes in
                        let (box, point) = (vectorFunction(context), elements(x))
                        value?.pointee = -box.f(point)
                        setNegative(slopes, box.gradient(point))
                    }, n: dimension, params: Unmanaged.passUnretained(box).toOpaque())
                return withUnsafeMutablePointer(to: &function) { function in
                    guard gsl_multimin_fdfminimizer_set(minimiser, function, x, step, 0.1) == 0 else { return start }
                    for _ in 0..<500 {
                        // Fails where no progress can be made any more.
                        guard gsl_multimin_fdfminimizer_iterate(minimiser) == 0 else { break }
                        let slopes = gsl_multimin_fdfminimizer_gradient(minimiser)
                        if gsl_multimin_test_gradient(slopes, 1e-11) == 0 { break }
                    }
                    return elements(gsl_multimin_fdfminimizer_x(minimiser))
                }
            }
        }
    }
    return f(found) > f(start) ? found : start
}

private final class VectorFunction {
    let f: ([Double]) -> Double
    let gradient: ([Double]) -> [Double]

    init(_ f: @escaping ([Double]) -> Double, _ gradient: @escaping ([Double]) -> [Double]) {
        (self.f, self.gradient) = (f, gradient)
    }
}

private func vectorFunction(_ context: UnsafeMutableRawPointer?) -> VectorFunction {
    guard let context else { preconditionFailure("GSL has lost its context") }
    return Unmanaged<VectorFunction>.fromOpaque(context).takeUnretainedValue()
}

private func elements(_ x: UnsafePointer<gsl_vector>?) -> [Double] {
    guard let x else { return [] }
    return (0..<x.pointee.size).map { gsl_vector_get(x, $0) }
}

private func elements(_ x: UnsafeMutablePointer<gsl_vector>?) -> [Double] { elements(UnsafePointer(x)) }

private func setNegative(_ target: UnsafeMutablePointer<gsl_vector>?, _ values: [Double]) {
    for (k, value) in values.enumerated() { gsl_vector_set(target, k, -value) }
}
