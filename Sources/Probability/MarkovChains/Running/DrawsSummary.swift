import Foundation

/// What the draws of one quantity say: estimates with their Monte-Carlo errors, and whether to trust them.
public struct DrawsSummary: Sendable, Hashable {
    public var name: String
    public var mean: Double
    public var standardDeviation: Double
    /// Monte-Carlo standard errors of the two above.
    public var standardErrorOfMean: Double
    public var standardErrorOfStandardDeviation: Double
    /// At 5 %, 50 % and 95 %.
    public var quantiles: [Double]
    public var bulkEffectiveSampleSize: Double
    public var tailEffectiveSampleSize: Double
    /// Below 1.01 the chains agree.
    public var rHat: Double

    /// - Throws: `ChainDiagnosticsError`; see `ChainDiagnostics`.
    public init(name: String, _ chains: [[Double]]) throws(ChainDiagnosticsError) {
        let d = try ChainDiagnostics(chains)
        self.name = name
        mean = d.mean
        standardDeviation = d.standardDeviation
        standardErrorOfMean = d.standardErrorOfMean
        standardErrorOfStandardDeviation = d.standardErrorOfStandardDeviation
        quantiles = [0.05, 0.5, 0.95].map(d.quantile)
        bulkEffectiveSampleSize = d.bulkEffectiveSampleSize
        tailEffectiveSampleSize = d.tailEffectiveSampleSize
        rHat = d.rHat
    }
}

extension MarkovChainDraws {
    /// A summary of every parameter.
    ///
    /// - Throws: `ChainDiagnosticsError`, where there are fewer than 4 draws.
    public func summary() throws(ChainDiagnosticsError) -> [DrawsSummary] {
        var result: [DrawsSummary] = []
        for (index, name) in parameterNames.enumerated() {
            result.append(try DrawsSummary(name: name, parameter(index)))
        }
        return result
    }
}

extension Collection<DrawsSummary> {
    /// The summaries as a table for the terminal, a line each.
    public var table: String {
        let width = Swift.max(9, map(\.name.count).max() ?? 0)
        func cell(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: Swift.max(0, width - text.count)) + text
        }
        func number(_ x: Double, _ format: String = "%.3f") -> String { String(format: format, x) }
        let head = ["mean", "error", "sd", "5%", "50%", "95%", "bulk size", "tail size", "R-hat"]
        func line(_ name: String, _ cells: [String]) -> String {
            name.padding(toLength: width, withPad: " ", startingAt: 0) + cells.map { cell($0, 10) }.joined()
        }
        var lines = [line("parameter", head)]
        for s in self {
            let cells =
                [number(s.mean), number(s.standardErrorOfMean), number(s.standardDeviation)]
                + s.quantiles.map { number($0) }
                + [s.bulkEffectiveSampleSize, s.tailEffectiveSampleSize].map { number($0, "%.0f") } + [number(s.rHat)]
            lines.append(line(s.name, cells))
        }
        return lines.joined(separator: "\n")
    }
}
