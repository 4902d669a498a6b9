import Matrices
import Testing

/// Expects every element within `absolute + relative · (the largest |expected|)`.
///
/// The relative part refers to the whole tensor, as tolerances of products and gradients do; use `elementwise` for each
/// element's own size.
public func expectClose<A: Sequence, E: Sequence>(
    _ actual: A, _ expected: E, relative: Double = 0, elementwise: Double = 0, absolute: Double = 0,
    _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) where A.Element: BinaryFloatingPoint, E.Element: BinaryFloatingPoint {
    report(
        Array(actual).map { Double($0) }, Array(expected).map { Double($0) }, relative, elementwise, absolute, comment(),
        sourceLocation)
}

/// As above, for matrices of one shape.
public func expectClose<A: MatrixScalar, E: MatrixScalar>(
    _ actual: Matrix<A>, _ expected: Matrix<E>, relative: Double = 0, elementwise: Double = 0, absolute: Double = 0,
    _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual.rows == expected.rows, actual.columns == expected.columns else {
        Issue.record(
            "\(comment()): shape [\(actual.rows), \(actual.columns)], expected [\(expected.rows), \(expected.columns)]",
            sourceLocation: sourceLocation)
        return
    }
    report(
        actual.elements.map { Double($0) }, expected.elements.map { Double($0) }, relative, elementwise, absolute,
        comment(), sourceLocation)
}

/// As above, for single numbers.
public func expectClose<A: BinaryFloatingPoint, E: BinaryFloatingPoint>(
    _ actual: A, _ expected: E, relative: Double = 0, absolute: Double = 0, _ comment: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    report([Double(actual)], [Double(expected)], relative, 0, absolute, comment(), sourceLocation)
}

private func report(
    _ actual: [Double], _ expected: [Double], _ relative: Double, _ elementwise: Double, _ absolute: Double,
    _ comment: String, _ sourceLocation: SourceLocation
) {
    let closeness = Closeness(actual, expected)
    let largest = expected.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    let bound = absolute + relative * largest
    let isClose =
        actual.count == expected.count
        && zip(actual, expected).allSatisfy { a, e in
            a == e || (a.isNaN && e.isNaN) || abs(a - e) <= bound + elementwise * abs(e)
        }
    if !isClose {
        Issue.record("\(comment): \(closeness), allowed \(bound)", sourceLocation: sourceLocation)
    }
}
