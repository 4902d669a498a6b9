// R̂, the potential scale reduction (Gelman and Rubin 1992), in the forms of Vehtari et al. 2021, sections 2 and 4.

extension ChainDiagnostics {
    /// The larger of `rankNormalizedRHat` and `foldedRHat`: the one to look at. Below 1.01 the chains agree. NaN where
    /// all draws are equal.
    public var rHat: Double {
        let (bulk, folded) = (rankNormalizedRHat, foldedRHat)
        return bulk.isNaN || folded.isNaN ? .nan : max(bulk, folded)
    }

    /// R̂ of the split chains: √(((n − 1)/n·W + B/n) / W), with the within-chain variance W and the between-chain
    /// variance B of n draws a half.
    public var splitRHat: Double { potentialScaleReduction(halves) }

    /// R̂ of the split chains' normal scores: sees different locations, also of distributions without a variance.
    public var rankNormalizedRHat: Double { potentialScaleReduction(normalScores(halves)) }

    /// R̂ of the normal scores of |x − median|: sees different scales.
    public var foldedRHat: Double {
        let centre = ChainDiagnostics.median(halves)
        return potentialScaleReduction(normalScores(halves.map { $0.map { abs($0 - centre) } }))
    }

    /// R̂ of the chains as they are, not split; NaN of one chain.
    public var unsplitRHat: Double { potentialScaleReduction(chains) }

    static func median(_ chains: [[Double]]) -> Double {
        let sorted = chains.flatMap { $0 }.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

private func potentialScaleReduction(_ chains: [[Double]]) -> Double {
    guard chains.count > 1, let n = chains.first?.count else { return .nan }
    let moments = chains.map { SampleMoments($0) }
    let within = moments.reduce(0) { $0 + $1.variance } / Double(chains.count)
    let between = SampleMoments(moments.map(\.mean)).variance
    let draws = Double(n)
    return ((draws - 1) / draws + between / within).squareRoot()
}

/// Mean and unbiased variance of a few or many numbers, in two passes.
struct SampleMoments {
    let mean: Double
    /// Divided by count − 1.
    let variance: Double

    init(_ values: [Double]) {
        let centre = values.reduce(0, +) / Double(values.count)
        mean = centre
        variance = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count - 1)
    }
}
