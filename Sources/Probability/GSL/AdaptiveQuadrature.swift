// GSL's doubly adaptive quadrature (`gsl_integration_cquad`; Gonnet 2010, doi:10.1145/1824801.1824804) over pieces.

import CGSL

/// ∫ f between the first and the last of `points`, which are increasing and finite: the sum over the pieces between them.
/// Points at peaks, and at places where f jumps or is singular, make it sure that nothing is missed.
///
/// - Returns: the integral with the sum of GSL's estimates of the pieces' errors.
/// - Throws: `GSLError` where a piece cannot be integrated, or the error is above 1e-6, relative and absolute.
func adaptiveIntegral(
    _ points: [Double], _ f: (Double) -> Double
) throws(GSLError) -> (value: Double, error: Double) {
    GSL.prepare()
    guard let workspace = gsl_integration_cquad_workspace_alloc(200) else {
        throw GSLError(status: GSLError.Code.noMemory.rawValue, function: "gsl_integration_cquad_workspace_alloc")
    }
    defer { gsl_integration_cquad_workspace_free(workspace) }
    var (sum, errors) = (0.0, 0.0)
    for (start, end) in zip(points, points.dropFirst()) {
        var (value, error) = (0.0, 0.0)
        let status = withNumberFunction(f) { context in
            var function = gsl_function(function: callNumberFunction, params: context)
            return gsl_integration_cquad(&function, start, end, 1e-12, 1e-11, workspace, &value, &error, nil)
        }
        guard status == 0 else { throw GSLError(status: status, function: "gsl_integration_cquad") }
        (sum, errors) = (sum + value, errors + error)
    }
    guard errors <= 1e-6 * max(1, abs(sum)) else {
        throw GSLError(status: GSLError.Code.tolerance.rawValue, function: "gsl_integration_cquad")
    }
    return (sum, errors)
}

/// Calls `body` with a context for `callNumberFunction`.
func withNumberFunction<Result>(
    _ f: (Double) -> Double, _ body: (UnsafeMutableRawPointer) -> Result
) -> Result {
    withoutActuallyEscaping(f) { f in
        let box = NumberFunction(f)
        return withExtendedLifetime(box) { body(Unmanaged.passUnretained(box).toOpaque()) }
    }
}

/// A function as GSL's callbacks find it.
private final class NumberFunction {
    let f: (Double) -> Double

    init(_ f: @escaping (Double) -> Double) { self.f = f }
}

func callNumberFunction(_ x: Double, _ context: UnsafeMutableRawPointer?) -> Double {
    guard let context else { return .nan }
    return Unmanaged<NumberFunction>.fromOpaque(context).takeUnretainedValue().f(x)
}
