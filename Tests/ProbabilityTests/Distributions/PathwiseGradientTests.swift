import Foundation
import Matrices
import Probability
import TestSupport
import Testing

/// Pathwise gradients of univariate families: moving a parameter moves the quantile of a fixed probability, so
/// ∂x/∂θ is the derivative of `quantile(p)` by θ, here by central differences.
@Suite struct PathwiseGradientTests {
    struct Subject: Sendable {
        let name: String
        let parameters: [Double]
        let make: @Sendable ([Double]) throws -> any ContinuousDistribution & ReparameterizedDistribution
    }

    static let subjects: [Subject] = [
        Subject(name: "Normal", parameters: [1, 2]) { try Normal(mean: $0[0], standardDeviation: $0[1]) },
        Subject(name: "LogNormal", parameters: [0.2, 0.7]) { try LogNormal(location: $0[0], scale: $0[1]) },
        Subject(name: "HalfNormal", parameters: [2]) { try HalfNormal(scale: $0[0]) },
        Subject(name: "TruncatedNormal", parameters: [0.3, 1.2, -1, 2]) {
            try TruncatedNormal(location: $0[0], scale: $0[1], lower: $0[2], upper: $0[3])
        },
        Subject(name: "TruncatedNormal in a tail", parameters: [0, 1, 6, 9]) {
            try TruncatedNormal(location: $0[0], scale: $0[1], lower: $0[2], upper: $0[3])
        },
        Subject(name: "StudentT", parameters: [4, 1, 2]) {
            try StudentT(degreesOfFreedom: $0[0], location: $0[1], scale: $0[2])
        },
        Subject(name: "Cauchy", parameters: [1, 2]) { try Cauchy(location: $0[0], scale: $0[1]) },
        Subject(name: "HalfCauchy", parameters: [2]) { try HalfCauchy(scale: $0[0]) },
        Subject(name: "Laplace", parameters: [1, 2]) { try Laplace(location: $0[0], scale: $0[1]) },
        Subject(name: "Logistic", parameters: [1, 2]) { try Logistic(location: $0[0], scale: $0[1]) },
        Subject(name: "Gumbel", parameters: [1, 2]) { try Gumbel(location: $0[0], scale: $0[1]) },
        Subject(name: "Weibull", parameters: [2, 1.4]) { try Weibull(scale: $0[0], concentration: $0[1]) },
        Subject(name: "Exponential", parameters: [2]) { try Exponential(rate: $0[0]) },
        Subject(name: "Gamma", parameters: [2.5, 3]) { try Gamma(concentration: $0[0], rate: $0[1]) },
        Subject(name: "Gamma, small shape", parameters: [0.3, 1]) { try Gamma(concentration: $0[0], rate: $0[1]) },
        Subject(name: "Gamma, large shape", parameters: [30_000, 1]) { try Gamma(concentration: $0[0], rate: $0[1]) },
        Subject(name: "InverseGamma", parameters: [4, 3]) { try InverseGamma(concentration: $0[0], rate: $0[1]) },
        Subject(name: "ChiSquared", parameters: [5]) { try ChiSquared(degreesOfFreedom: $0[0]) },
        Subject(name: "FisherF", parameters: [5, 8]) { try FisherF(degreesOfFreedom1: $0[0], degreesOfFreedom2: $0[1]) },
        Subject(name: "Beta", parameters: [2, 3.5]) { try Beta(concentration1: $0[0], concentration0: $0[1]) },
        Subject(name: "Beta, small shapes", parameters: [0.4, 0.2]) { try Beta(concentration1: $0[0], concentration0: $0[1]) },
        Subject(name: "Beta, large shapes", parameters: [400, 90]) { try Beta(concentration1: $0[0], concentration0: $0[1]) },
        Subject(name: "Kumaraswamy", parameters: [2, 3]) { try Kumaraswamy(concentration1: $0[0], concentration0: $0[1]) },
        Subject(name: "Uniform", parameters: [-1, 4]) { try Uniform(lower: $0[0], upper: $0[1]) },
        Subject(name: "Pareto", parameters: [2, 3]) { try Pareto(scale: $0[0], concentration: $0[1]) },
        Subject(name: "Rayleigh", parameters: [2]) { try Rayleigh(scale: $0[0]) },
        Subject(name: "VonMises", parameters: [0.4, 3]) { try VonMises(location: $0[0], concentration: $0[1]) },
        Subject(name: "ContinuousBernoulli", parameters: [0.8]) { try ContinuousBernoulli(probability: $0[0]) },
        Subject(name: "ContinuousBernoulli, flat", parameters: [0.5]) { try ContinuousBernoulli(probability: $0[0]) },
    ]

    @Test(arguments: subjects.indices)
    func gradientsAreThoseOfTheQuantile(index: Int) throws {
        let subject = Self.subjects[index]
        let d = try subject.make(subject.parameters)
        for p in [0.003, 0.1, 0.4, 0.6, 0.93, 0.9995] {
            let x = d.quantile(p)
            let gradient = d.pathwiseGradient(at: x, cotangent: 1)
            #expect(gradient.count == subject.parameters.count)
            for parameter in subject.parameters.indices {
                let step = 1e-5 * max(0.1, abs(subject.parameters[parameter]))
                var (above, below) = (subject.parameters, subject.parameters)
                above[parameter] += step
                below[parameter] -= step
                let difference = try (subject.make(above).quantile(p) - subject.make(below).quantile(p)) / (2 * step)
                expectClose(
                    gradient[parameter][0], difference, absolute: 1e-6 * (abs(difference) + 1e-3 * abs(x)),
                    "\(subject.name), parameter \(parameter), p = \(p)")
            }
        }
    }
}
