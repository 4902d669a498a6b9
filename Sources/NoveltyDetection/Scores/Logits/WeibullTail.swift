import Foundation

/// A Weibull distribution fitted to the largest of some distances: how far out is too far (extreme value theory as in Scheirer
/// et al. 2011, doi:10.1109/TPAMI.2011.54). GSL and LAPACK have no such fit.
///
/// The tail is moved to begin at `offset` before the fit, as libMR does with 10,000; so large an offset makes the law the
/// Gumbel distribution of the distances in all but name.
struct WeibullTail: Sendable, Equatable {
    /// The smallest distance of the tail.
    let start: Double
    let offset: Double
    let shape: Double
    /// The scale's logarithm less that of the offset.
    let logScale: Double

    init(start: Double, offset: Double, shape: Double, logScale: Double) {
        (self.start, self.offset, self.shape, self.logScale) = (start, offset, shape, logScale)
    }

    /// By maximum likelihood, from at least two distances that are not all equal; nil otherwise.
    init?(largest count: Int, of distances: [Double], offset: Double) {
        let tail = distances.sorted().suffix(count)
        guard let start = tail.first, let end = tail.last, end > start else { return nil }
        // Logarithms relative to the offset keep their digits.
        let logs = tail.map { log1p(($0 - start) / offset) }
        let mean = logs.reduce(0, +) / Double(logs.count)
        let largest = logs.max() ?? 0
        // Σ u·e^{ku}/Σ e^{ku} − mean(u) = 1/k: the left side grows with k and the right falls.
        func excess(_ k: Double) -> Double {
            var (sum, weighted) = (0.0, 0.0)
            for u in logs {
                let e = exp(k * (u - largest))
                sum += e
                weighted += u * e
            }
            return weighted / sum - mean - 1 / k
        }
        var (low, high) = (1 / (largest - mean), 2 / (largest - mean))
        while excess(high) < 0, high < 1e300 { high *= 2 }
        while excess(low) > 0, low > 1e-300 { low /= 2 }
        for _ in 0..<200 where high - low > 1e-15 * high {
            let middle = (low + high) / 2
            if excess(middle) > 0 { high = middle } else { low = middle }
        }
        shape = (low + high) / 2
        let k = shape
        let sum = logs.reduce(0) { $0 + exp(k * ($1 - largest)) }
        logScale = largest + log(sum / Double(logs.count)) / k
        (self.start, self.offset) = (start, offset)
    }

    /// The share of the tail's law below a distance, 0…1.
    func cdf(_ distance: Double) -> Double {
        let moved = (distance - start) / offset
        guard moved > -1 else { return 0 }
        return -expm1(-exp(shape * (log1p(moved) - logScale)))
    }
}
