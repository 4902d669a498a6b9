import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Every univariate file of `golden/distributions`: SciPy's values (torch's where SciPy has none) within 1e-12 relative,
/// log densities and entropies relative to 1 where they are smaller, quantiles and means to the standard deviation. Where
/// SciPy's own value is off by more than 2e-13 the exact one of `Golden/exact/corrections.json` stands in its place.
@Suite struct UnivariateGoldenTests {
    static func cases(_ known: some Collection<String>) -> [String] { known.filter { Golden.has("distributions", $0) }.sorted() }

    @Test(arguments: cases(GoldenFamilies.continuous.keys))
    func continuous(name: String) throws {
        let golden = try Golden.load("distributions", name)
        let make = try #require(GoldenFamilies.continuous[name])
        let source = golden.has("scipy.log_prob") ? "scipy" : "torch"
        let exact = try GoldenReference(golden, name, source)
        let x: Matrix<Double> = try golden.matrix("in.x")
        let q: [Double] = try golden.values("in.q")
        var comparison = Comparison(name)
        for (row, parameters) in try golden.parameterRows().enumerated() {
            let d = try make(parameters)
            let scale = d.standardDeviation.isFinite ? d.standardDeviation : 0
            for (column, x) in x.row(row).enumerated() {
                let at = "\(parameters), x = \(x)"
                guard exact.isInside(row, column) else {
                    #expect(d.logDensity(x) == -.infinity, "\(name) outside its support: \(at)")
                    continue
                }
                // torch has NaN at the very ends of Kumaraswamy's interval.
                if let expected = exact("log_prob", row, column), !expected.isNaN {
                    comparison.add("logDensity", d.logDensity(x), expected, at, absolute: 1)
                }
                comparison.add("cdf", d.cdf(x), exact("cdf", row, column), at)
                comparison.add("survival", d.survival(x), exact("sf", row, column), at)
            }
            for (column, p) in q.enumerated() {
                comparison.add(
                    "quantile", d.quantile(p), exact("icdf", row, column), "\(parameters), p = \(p)", absolute: scale)
            }
            comparison.add("mean", d.mean, exact("mean", row, 0), "\(parameters)", absolute: scale)
            comparison.add("variance", d.variance, exact("variance", row, 0), "\(parameters)")
            comparison.add("entropy", d.entropy, exact("entropy", row, 0), "\(parameters)", absolute: 1)
        }
        comparison.report()
    }

    @Test(arguments: cases(GoldenFamilies.discrete.keys))
    func discrete(name: String) throws {
        let golden = try Golden.load("distributions", name)
        let make = try #require(GoldenFamilies.discrete[name])
        let exact = try GoldenReference(golden, name, "scipy")
        let x: Matrix<Double> = try golden.matrix("in.x")
        let q: [Double] = try golden.values("in.q")
        var comparison = Comparison(name)
        for (row, parameters) in try golden.parameterRows().enumerated() {
            let d = try make(parameters)
            for (column, x) in x.row(row).enumerated() {
                let (at, k) = ("\(parameters), k = \(x)", Int(x))
                guard exact.isInside(row, column) else {
                    #expect(d.logDensity(k) == -.infinity, "\(name) outside its support: \(at)")
                    continue
                }
                comparison.add("logMass", d.logDensity(k), exact("log_prob", row, column), at, absolute: 1)
                comparison.add("cdf", d.cdf(k), exact("cdf", row, column), at)
                comparison.add("survival", d.survival(k), exact("sf", row, column), at)
            }
            for (column, p) in q.enumerated() {
                checkQuantile(d, p, try #require(exact("icdf", row, column)), "\(name) \(parameters), p = \(p)")
            }
            comparison.add("mean", d.mean, exact("mean", row, 0), "\(parameters)")
            comparison.add("variance", d.variance, exact("variance", row, 0), "\(parameters)")
            comparison.add("entropy", d.entropy, exact("entropy", row, 0), "\(parameters)")
        }
        comparison.report()
    }
}

extension UnivariateGoldenTests {
    /// SciPy's quantile; or, where it differs, ours is the smallest k that reaches p and SciPy's is not.
    private func checkQuantile(_ d: any DiscreteDistribution, _ p: Double, _ expected: Double, _ at: String) {
        let k = d.quantile(p)
        guard Double(k) != expected else { return }
        #expect(d.cdf(k) >= p * (1 - 1e-14) && d.cdf(k - 1) < p, "\(at): \(k), SciPy has \(expected)")
    }
}

/// SciPy's values of one family, corrected where they are wrong.
struct GoldenReference {
    private let golden: GoldenCase
    private let source: String
    private let corrections: [String: [String: Double]]
    private let inside: Matrix<Double>?
    private var matrices: [String: Matrix<Double>] = [:]

    init(_ golden: GoldenCase, _ name: String, _ source: String) throws {
        self.golden = golden
        self.source = source
        corrections = try ExactValues.corrections()[name] ?? [:]
        inside = golden.has("in.in_support") ? try golden.matrix("in.in_support") : nil
        for quantity in ["log_prob", "cdf", "sf", "icdf", "mean", "variance", "entropy"]
        where golden.has("\(source).\(quantity)") {
            matrices[quantity] = try golden.matrix("\(source).\(quantity)")
        }
    }

    func isInside(_ row: Int, _ column: Int) -> Bool { inside.map { $0[row, column] == 1 } ?? true }

    /// nil where the file does not have the quantity.
    func callAsFunction(_ quantity: String, _ row: Int, _ column: Int) -> Double? {
        if let corrected = corrections[quantity]?["\(row),\(column)"] { return corrected }
        guard let matrix = matrices[quantity] else { return nil }
        return ["mean", "variance", "entropy"].contains(quantity) ? matrix[0, row] : matrix[row, column]
    }
}

/// Values in 40-digit arithmetic by `Tests/Golden/exact/make_exact.py`.
enum ExactValues {
    private static func data(_ name: String) throws -> Data {
        try Data(contentsOf: Golden.packageRoot.appending(path: "Tests/Golden/exact/\(name).json"))
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }

    /// family → quantity → "row,column" → value.
    static func corrections() throws -> [String: [String: [String: Double]]] {
        try decoder.decode([String: [String: [String: Double]]].self, from: data("corrections"))
    }

    struct Point: Decodable {
        var parameters: [Double]
        var x: Double
        var log_density, log_cdf, log_survival: Double
    }

    static func tails() throws -> [String: [Point]] {
        try decoder.decode([String: [Point]].self, from: data("tails"))
    }
}

/// The largest relative error of each quantity of a family.
struct Comparison {
    static let bound = 1e-12
    let family: String
    private var worst: [String: (error: Double, text: String)] = [:]

    init(_ family: String) { self.family = family }

    /// `absolute`: what an error of size 1 is measured against besides the expected value.
    mutating func add(_ quantity: String, _ value: Double, _ expected: Double?, _ at: String, absolute: Double = 0) {
        guard let expected else { return }
        var error = abs(value - expected) / max(abs(expected), absolute)
        if value == expected || value.isNaN && expected.isNaN { error = 0 } else if error.isNaN { error = .infinity }
        if error > worst[quantity]?.error ?? -1 { worst[quantity] = (error, "\(value), expected \(expected) at \(at)") }
    }

    func report() {
        for (quantity, found) in worst.sorted(by: { $0.key < $1.key }) {
            if found.error > Self.bound { Issue.record("\(family) \(quantity): error \(found.error): \(found.text)") }
        }
    }
}
