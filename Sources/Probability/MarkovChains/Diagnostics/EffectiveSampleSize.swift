import Foundation

// Effective sample sizes by Geyer's initial monotone sequence of autocorrelations (Geyer 1992) over several chains,
// Vehtari et al. 2021, sections 3 and 4.

extension ChainDiagnostics {
    /// For the centre of the distribution, whether it has moments or not: that of the split chains' normal scores. At
    /// least 400 make R̂ and the errors below trustworthy.
    public var bulkEffectiveSampleSize: Double { effectiveSampleSize(normalScores(halves)) }

    /// For the tails: the smaller one of those of the 5 % and the 95 % quantile.
    public var tailEffectiveSampleSize: Double {
        min(effectiveSampleSizeOfQuantile(0.05), effectiveSampleSizeOfQuantile(0.95))
    }

    /// For the mean.
    public var effectiveSampleSizeOfMean: Double { effectiveSampleSize(halves) }

    /// For the standard deviation: that of (x − mean)².
    public var effectiveSampleSizeOfStandardDeviation: Double {
        let mean = mean
        return effectiveSampleSize(halves.map { $0.map { ($0 - mean) * ($0 - mean) } })
    }

    /// For the median.
    public var effectiveSampleSizeOfMedian: Double { effectiveSampleSizeOfQuantile(0.5) }

    /// For the quantile at `p` in [0, 1]: that of the indicator x ≤ quantile.
    public func effectiveSampleSizeOfQuantile(_ p: Double) -> Double {
        let threshold = quantile(p)
        guard !threshold.isNaN else { return .nan }
        return effectiveSampleSize(halves.map { $0.map { $0 <= threshold ? 1 : 0 } })
    }
}

/// The number of independent draws that know the mean as well as these chains do. Draws that are all equal count in
/// full. The autocorrelation time is not let below 1/log₁₀(size), which caps antithetic chains.
func effectiveSampleSize(_ chains: [[Double]]) -> Double {
    let n = chains.first?.count ?? 0
    let size = Double(chains.count * n)
    guard n >= 2, let least = chains.compactMap({ $0.min() }).min(), let greatest = chains.compactMap({ $0.max() }).max()
    else { return .nan }
    // Differences of this size are rounding (NumPy's resolution of Double).
    guard greatest - least >= 1e-15 else { return size }

    let draws = Double(n)
    var covariance = [Double](repeating: 0, count: n)
    for chain in chains {
        for (lag, value) in autocovariance(chain).enumerated() { covariance[lag] += value / Double(chains.count) }
    }
    let within = covariance[0] * draws / (draws - 1)
    var total = covariance[0]
    if chains.count > 1 { total += SampleMoments(chains.map { SampleMoments($0).mean }).variance }
    func correlation(_ lag: Int) -> Double { 1 - (within - covariance[lag]) / total }

    // Sums of neighbouring pairs (ρ_2k + ρ_2k+1) are positive in a reversible chain; the first that is not is noise.
    var pairs = [(even: 1.0, odd: correlation(1))]
    var lastEven = pairs[0].even
    var lag = 1
    var pairIsPositive = pairs[0].even + pairs[0].odd > 0
    while lag < n - 3 && pairIsPositive {
        let pair = (even: correlation(lag + 1), odd: correlation(lag + 2))
        pairIsPositive = pair.even + pair.odd > 0
        lastEven = pair.even
        // A pair whose sum is exactly 0 ends the sequence, yet counts.
        pairs.append(pair.even + pair.odd >= 0 ? pair : (0, 0))
        lag += 2
    }
    // The last pair ends the sequence; of it only a positive even part counts.
    let last = pairs.count - 1
    var tail = last > 0 ? pairs[last].even : 0
    if lastEven > 0 { tail = lastEven }
    pairs.removeLast()

    // They also decrease: a pair above the one before it is pulled down to that one.
    for k in pairs.indices.dropFirst() where pairs[k].even + pairs[k].odd > pairs[k - 1].even + pairs[k - 1].odd {
        let mean = (pairs[k - 1].even + pairs[k - 1].odd) / 2
        pairs[k] = (mean, mean)
    }
    let time = -1 + 2 * pairs.reduce(0) { $0 + $1.even + $1.odd } + tail
    return size / max(time, 1 / log10(size))
}
