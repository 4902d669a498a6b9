import CKernels
import Foundation
import Matrices
import Testing

/// One elementary function: its kernels (dispatched and baseline), libm's double version, and the largest error allowed
/// over a range, in ulps of the result. libm's own error (below 1 ulp of double) is part of the Double bounds.
struct ElementaryFunction: Sendable, CustomTestStringConvertible {
    typealias Single = @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int) -> Void
    typealias Wide = @convention(c) (UnsafeMutablePointer<Double>?, UnsafePointer<Double>?, Int) -> Void
    let name: String
    let single: [Single]
    let wide: [Wide]
    let reference: @Sendable (Double) -> Double
    let range: ClosedRange<Double>
    let singleUlps: Double
    let doubleUlps: Double
    var testDescription: String { "\(name) on \(range)" }

    static let all: [ElementaryFunction] = [
        .init(
            name: "exp", single: [credence_exp_f32, credence_exp_f32_baseline],
            wide: [credence_exp_f64, credence_exp_f64_baseline], reference: { exp($0) }, range: -104...89,
            singleUlps: 1.5, doubleUlps: 2),
        .init(
            name: "exp", single: [credence_exp_f32, credence_exp_f32_baseline],
            wide: [credence_exp_f64, credence_exp_f64_baseline], reference: { exp($0) }, range: -700...750,
            singleUlps: 1.5, doubleUlps: 2),
        .init(
            name: "log", single: [credence_log_f32, credence_log_f32_baseline],
            wide: [credence_log_f64, credence_log_f64_baseline], reference: { log($0) }, range: 1e-3...4,
            singleUlps: 1.5, doubleUlps: 2),
        .init(
            name: "log", single: [credence_log_f32, credence_log_f32_baseline],
            wide: [credence_log_f64, credence_log_f64_baseline], reference: { log($0) }, range: 1e-45...1e-36,
            singleUlps: 1.5, doubleUlps: 2),
        .init(
            name: "log1p", single: [credence_log1p_f32, credence_log1p_f32_baseline],
            wide: [credence_log1p_f64, credence_log1p_f64_baseline], reference: { log1p($0) }, range: -0.999...3,
            singleUlps: 2, doubleUlps: 2.5),
        .init(
            name: "log1p", single: [credence_log1p_f32, credence_log1p_f32_baseline],
            wide: [credence_log1p_f64, credence_log1p_f64_baseline], reference: { log1p($0) }, range: -1e-4...1e-4,
            singleUlps: 2, doubleUlps: 2.5),
        .init(
            name: "erf", single: [credence_erf_f32, credence_erf_f32_baseline],
            wide: [credence_erf_f64, credence_erf_f64_baseline], reference: { erf($0) }, range: -7...7,
            singleUlps: 1.5, doubleUlps: 2),
        .init(
            name: "erf", single: [credence_erf_f32, credence_erf_f32_baseline],
            wide: [credence_erf_f64, credence_erf_f64_baseline], reference: { erf($0) }, range: -1e-3...1e-3,
            singleUlps: 1.5, doubleUlps: 2),
        .init(
            name: "tanh", single: [credence_tanh_f32, credence_tanh_f32_baseline],
            wide: [credence_tanh_f64, credence_tanh_f64_baseline], reference: { tanh($0) }, range: -25...25,
            singleUlps: 3, doubleUlps: 4),
        .init(
            name: "tanh", single: [credence_tanh_f32, credence_tanh_f32_baseline],
            wide: [credence_tanh_f64, credence_tanh_f64_baseline], reference: { tanh($0) }, range: -1e-3...1e-3,
            singleUlps: 3, doubleUlps: 4),
        .init(
            name: "sigmoid", single: [credence_sigmoid_f32, credence_sigmoid_f32_baseline],
            wide: [credence_sigmoid_f64, credence_sigmoid_f64_baseline], reference: { 1 / (1 + exp(-$0)) },
            range: -80...80, singleUlps: 3, doubleUlps: 5),
        .init(
            name: "softplus", single: [credence_softplus_f32, credence_softplus_f32_baseline],
            wide: [credence_softplus_f64, credence_softplus_f64_baseline],
            reference: { max($0, 0) + log1p(exp(-abs($0))) }, range: -80...80, singleUlps: 2.5, doubleUlps: 4),
        .init(
            name: "square root", single: [credence_sqrt_f32, credence_sqrt_f32_baseline],
            wide: [credence_sqrt_f64, credence_sqrt_f64_baseline], reference: { $0.squareRoot() }, range: 0...1e9,
            singleUlps: 0.5, doubleUlps: 0.5),
    ]
}

@Suite struct ElementaryFunctionTests {
    static let count = 40_003

    @Test(arguments: ElementaryFunction.all) func staysWithinItsUlps(_ function: ElementaryFunction) {
        let (low, high) = (function.range.lowerBound, function.range.upperBound)
        let wide = (0..<Self.count).map { low + (high - low) * Double($0) / Double(Self.count - 1) }
        let single = wide.map(Float.init)
        for kernel in function.single {
            var result = [Float](repeating: 0, count: Self.count)
            kernel(&result, single, Self.count)
            let worst = zip(single, result).map { (x: $0, error: ulps($1, function.reference(Double($0)))) }
                .max { $0.error < $1.error }!
            #expect(worst.error <= function.singleUlps, "Float at \(worst.x)")
        }
        for kernel in function.wide {
            var result = [Double](repeating: 0, count: Self.count)
            kernel(&result, wide, Self.count)
            let worst = zip(wide, result).map { (x: $0, error: ulps($1, function.reference($0))) }
                .max { $0.error < $1.error }!
            #expect(worst.error <= function.doubleUlps, "Double at \(worst.x)")
        }
    }

    /// x·Φ(x) and its derivative, absolutely (the function crosses zero): Float 3e-7, Double 1e-15, both growing with
    /// |x| at most as its rounding does.
    @Test func geluAndItsDerivative() {
        let x = (0..<Self.count).map { -12 + 24 * Double($0) / Double(Self.count - 1) }
        func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
        func derivative(_ x: Double) -> Double { cumulative(x) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
        let wide = Matrix<Double>(rows: 1, columns: x.count, elements: x)
        let single = Matrix<Float>(wide)
        let wideGelu = wide.gelu(), singleGelu = single.gelu()
        var slope = [Double](repeating: 1, count: x.count)
        credence_gelu_backward_f64(&slope, x, slope, x.count)
        var singleSlope = [Float](repeating: 1, count: x.count)
        credence_gelu_backward_f32(&singleSlope, single.elements, singleSlope, x.count)
        for index in x.indices {
            let s = Double(single[0, index])
            let scale = max(1, abs(x[index]))
            #expect(abs(wideGelu[0, index] - x[index] * cumulative(x[index])) <= 5e-16 * scale)
            #expect(abs(Double(singleGelu[0, index]) - s * cumulative(s)) <= 1.2e-7 * scale)
            #expect(abs(slope[index] - derivative(x[index])) <= 1e-15)
            #expect(abs(Double(singleSlope[index]) - derivative(s)) <= 3e-7)
        }
        // The small values of the negative tail keep their digits (x·Φ(x) computed with 40 digits: libm's erfc of the
        // rounded x/√2 is not good enough here).
        let tail = Matrix<Double>([[-5, -10, -20, -30]]).gelu().elements
        for (result, expected) in zip(tail, [-1.4332578593959695e-06, -7.6198530241605263e-23, -5.5072482372124676e-88, -1.472014178144456e-196]) {
            #expect(abs(result / expected - 1) < 4e-15)
        }
    }

    @Test func endsOfTheRange() {
        let x: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, 1e30, -1e30]
        let m = Matrix<Float>(rows: 1, columns: x.count, elements: x)
        func check(_ result: Matrix<Float>, _ expected: [Float], _ name: String) {
            for (value, want) in zip(result.elements, expected) {
                #expect(value.isNaN ? want.isNaN : value == want, "\(name)")
            }
        }
        let (nan, inf) = (Float.nan, Float.infinity)
        check(m.exp(), [nan, inf, 0, 1, 1, inf, 0], "exp")
        check(m.log(), [nan, inf, nan, -inf, -inf, 69.07755, nan], "log")
        check(m.log1p(), [nan, inf, nan, 0, 0, 69.07755, nan], "log1p")
        check(m.erf(), [nan, 1, -1, 0, 0, 1, -1], "erf")
        check(m.tanh(), [nan, 1, -1, 0, 0, 1, -1], "tanh")
        check(m.sigmoid(), [nan, 1, 0, 0.5, 0.5, 1, 0], "sigmoid")
        check(m.softplus(), [nan, inf, 0, log(2), log(2), 1e30, 0], "softplus")
        check(m.gelu(), [nan, inf, 0, 0, 0, 1e30, 0], "gelu")
        #expect(m.tanh()[0, 4].sign == .minus)
    }

    /// Each length up to several blocks, in place and not: no element is missed, none beyond the end is touched, and an
    /// element's value does not depend on where in the array it stands.
    @Test func everyLengthAndInPlace() {
        for count in 0...70 {
            var x = (0..<count).map { Float($0) / 7 - 4 }
            let guarded: Float = 12345
            var y = [Float](repeating: guarded, count: count + 1)
            credence_exp_f32(&y, x, count)
            #expect(y[count] == guarded)
            for index in 0..<count {
                var alone: Float = 0
                credence_exp_f32(&alone, [x[index]], 1)
                #expect(alone == y[index])
            }
            x.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { credence_exp_f32(base, base, count) } }
            #expect(x == Array(y.dropLast()))
        }
    }
}
