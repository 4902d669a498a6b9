import Foundation

/// A divergence estimated from samples, with its standard error.
public struct MonteCarloDivergence: Sendable, Hashable {
    /// The mean over the samples, in nats.
    public let value: Double
    /// The standard error of `value`; NaN for fewer than two samples.
    public let standardError: Double

    /// Mean and standard error of independent terms.
    init(_ terms: [Double]) {
        let n = Double(terms.count)
        value = terms.reduce(0, +) / n
        let centre = value
        let squares = terms.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
        standardError = terms.count < 2 ? .nan : (squares / (n - 1) / n).squareRoot()
    }

    /// KL(P‖Q) ≈ mean of ln p(x) − ln q(x) over `samples` draws x from P. Infinite where a draw has density 0 under Q.
    public static func kl<P: Distribution, Q: Distribution>(
        from p: P, to q: Q, samples: Int, _ stream: inout RandomStream
    ) -> MonteCarloDivergence where P.Value == Q.Value {
        MonteCarloDivergence(p.sample(samples, &stream).map { p.logDensity($0) - q.logDensity($0) })
    }

    /// The Jensen–Shannon divergence ½·KL(P‖M) + ½·KL(Q‖M), M = (P + Q)/2, from `samples` draws of each; between 0 and
    /// ln 2.
    public static func jensenShannon<P: Distribution, Q: Distribution>(
        _ p: P, _ q: Q, samples: Int, _ stream: inout RandomStream
    ) -> MonteCarloDivergence where P.Value == Q.Value {
        /// ln p/m where d = ln q − ln p.
        func gain(_ d: Double) -> Double { log(2) - softplus(d) }
        let (own, others) = (p.sample(samples, &stream), q.sample(samples, &stream))
        let terms = zip(own, others).map { x, y in
            0.5 * gain(q.logDensity(x) - p.logDensity(x)) + 0.5 * gain(p.logDensity(y) - q.logDensity(y))
        }
        return MonteCarloDivergence(terms)
    }

    /// The total variation ½·∫|p − q| = E_P[max(0, 1 − q/p)] from `samples` draws of P; between 0 and 1.
    public static func totalVariation<P: Distribution, Q: Distribution>(
        _ p: P, _ q: Q, samples: Int, _ stream: inout RandomStream
    ) -> MonteCarloDivergence where P.Value == Q.Value {
        MonteCarloDivergence(p.sample(samples, &stream).map { max(0, -expm1(q.logDensity($0) - p.logDensity($0))) })
    }
}

extension KLDivergence {
    /// The closed form where the table has it, with standard error 0; else the estimate from samples.
    ///
    /// - Throws: what the pair's closed form throws.
    public func estimate<P: Distribution, Q: Distribution>(
        _ p: P, _ q: Q, samples: Int, _ stream: inout RandomStream
    ) throws -> (value: Double, standardError: Double) where P.Value == Q.Value {
        if knows(P.self, Q.self) { return (try self(p, q), 0) }
        let estimate = MonteCarloDivergence.kl(from: p, to: q, samples: samples, &stream)
        return (estimate.value, estimate.standardError)
    }
}
