// From unconstrained vectors to a support: what samplers and guides, which know only ℝⁿ, need to reach it (`biject_to` in
// NumPyro and torch; Stan's reference manual, "Constraint transforms").

/// A map from all of ℝⁿ to a support.
struct UnconstrainedMap: Sendable {
    /// n.
    let dimension: Int
    /// Numbers of one value of the support.
    let valueCount: Int
    let transform: any VectorTransform

    /// nil for supports that no smooth map reaches: counts, indicators, matrices held as such, intervals of no length.
    /// - Parameter count: how many numbers for an interval; other supports have their own.
    init?(_ support: Support, count: Int) {
        switch support {
        case .interval(let lower, let upper):
            guard let map = Self.map(lower, upper) else { return nil }
            (dimension, valueCount, transform) = (count, count, Self.elementwise(map, count))
        case .realVectors(let size):
            (dimension, valueCount, transform) = (size, size, ElementwiseTransform(IdentityTransform(), dimension: size))
        case .product(let parts):
            guard let first = parts.first, parts.allSatisfy({ $0 == first }),
                let map = Self(first, count: parts.count), case .interval = first
            else { return nil }
            self = map
        case .simplex(let size):
            guard let map = try? StickBreakingTransform(dimension: size) else { return nil }
            (dimension, valueCount, transform) = (size - 1, size, map)
        case .ordered(let size):
            guard let map = try? OrderedTransform(dimension: size) else { return nil }
            (dimension, valueCount, transform) = (size, size, map)
        case .lowerCholesky(let size):
            guard let map = try? LowerCholeskyTransform(size: size) else { return nil }
            (dimension, valueCount, transform) = (map.dimension, map.dimension, map)
        case .correlationCholesky(let size):
            guard let map = try? CorrelationCholeskyTransform(size: size) else { return nil }
            (dimension, valueCount, transform) = (map.dimension, map.dimension + size, map)
        case .integers, .oneHot, .counts, .positiveDefinite: return nil
        }
    }

    /// The identity, an exponential from the end of a half-line, or a sigmoid between two ends.
    private static func map(_ lower: Double, _ upper: Double) -> (any ScalarTransform)? {
        switch (lower.isFinite, upper.isFinite) {
        case (false, false): return IdentityTransform()
        case (true, false):
            if lower == 0 { return ExpTransform() }
            return (try? AffineTransform(location: lower, scale: 1)).map { ComposedTransform(ExpTransform(), then: $0) }
        case (false, true):
            return (try? AffineTransform(location: upper, scale: -1)).map { ComposedTransform(ExpTransform(), then: $0) }
        case (true, true): return try? SigmoidTransform(lower: lower, upper: upper)
        }
    }

    private static func elementwise(_ map: some ScalarTransform, _ count: Int) -> any VectorTransform {
        ElementwiseTransform(map, dimension: count)
    }
}
