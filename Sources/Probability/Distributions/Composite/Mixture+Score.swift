extension Mixture: DifferentiableDensity where Component: DifferentiableDensity, Component.Value: ScoreSum {
    /// The components' scores, weighted by their responsibilities.
    public func score(_ x: Component.Value) -> Component.Value {
        let shares = responsibilities(x)
        return .weightedSum(
            zip(components, shares).filter { $1 > 0 }.map { (weight: $1, score: $0.score(x)) }, shape: x)
    }
}

/// Values whose weighted sums are values again.
public protocol ScoreSum {
    /// Σ weight·score; 0 in the shape of `shape` where there is none.
    static func weightedSum(_ terms: [(weight: Double, score: Self)], shape: Self) -> Self
}

extension Double: ScoreSum {
    public static func weightedSum(_ terms: [(weight: Double, score: Double)], shape: Double) -> Double {
        terms.reduce(0) { $0 + $1.weight * $1.score }
    }
}

extension [Double]: ScoreSum {
    public static func weightedSum(_ terms: [(weight: Double, score: [Double])], shape: [Double]) -> [Double] {
        shape.indices.map { k in terms.reduce(0) { $0 + $1.weight * $1.score[k] } }
    }
}
