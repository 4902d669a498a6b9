import Foundation
import Probability
import TestSupport
import Testing

/// The table of the article "Divergences" says what the registry knows.
@Suite struct DivergenceTableTests {
    static let types: [String: any Distribution.Type] = [
        "Normal": Normal.self, "LogNormal": LogNormal.self, "HalfNormal": HalfNormal.self, "TruncNormal": TruncatedNormal.self,
        "TruncatedNormal": TruncatedNormal.self, "Exponential": Exponential.self, "Gamma": Gamma.self,
        "ChiSquared": ChiSquared.self, "InvGamma": InverseGamma.self, "InverseGamma": InverseGamma.self,
        "Weibull": Weibull.self, "Rayleigh": Rayleigh.self, "Pareto": Pareto.self, "Beta": Beta.self, "Uniform": Uniform.self,
        "ContBernoulli": ContinuousBernoulli.self, "ContinuousBernoulli": ContinuousBernoulli.self, "Laplace": Laplace.self,
        "Gumbel": Gumbel.self, "Logistic": Logistic.self, "FisherF": FisherF.self, "Kumaraswamy": Kumaraswamy.self,
        "StudentT": StudentT.self, "Cauchy": Cauchy.self, "HalfCauchy": HalfCauchy.self, "VonMises": VonMises.self,
    ]

    @Test func theTableIsTrue() throws {
        let article = Golden.packageRoot.appending(path: "Sources/Probability/Probability.docc/Divergences.md")
        let lines = try String(contentsOf: article, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("|") }
        func cells(_ line: Substring) -> [String] {
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let start = try #require(lines.firstIndex { $0.hasPrefix("| P \\ Q") })
        let columns = try cells(lines[start]).dropFirst().map { try #require(Self.types[$0]) }
        var checked = 0
        for line in lines[(start + 2)...] where cells(line).count == columns.count + 1 {
            let row = cells(line)
            for name in row[0].components(separatedBy: ", ") {
                let p = try #require(Self.types[name])
                for (q, cell) in zip(columns, row.dropFirst()) {
                    checked += 1
                    guard cell == "∞" else {
                        #expect((cell == "●") == KLDivergence.standard.knows(p, q), "\(name) to \(q)")
                        continue
                    }
                    // A pair that is infinite for every parameter needs no closed form.
                    for a in LawSubjects.continuous where type(of: a) == p {
                        for b in LawSubjects.continuous where type(of: b) == q {
                            #expect(try KLDivergence.standard(a, b) == .infinity, "\(a) to \(b)")
                        }
                    }
                }
            }
        }
        #expect(checked == 23 * 20)
    }
}
