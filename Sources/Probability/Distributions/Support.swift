/// Where a distribution has its density or mass, as data. Every bound of an interval may be infinite.
public enum Support: Sendable, Hashable {
    /// Real numbers from `lower` to `upper`; whether finite ends belong to it makes no difference to any probability,
    /// and densities follow the formula there.
    case interval(lower: Double, upper: Double)
    /// Whole numbers from `lower` through `upper`, or without an upper end.
    case integers(lower: Int, upper: Int?)
    /// All vectors of a dimension.
    case realVectors(dimension: Int)
    /// Vectors of numbers ≥ 0 that sum to 1.
    case simplex(dimension: Int)

    public static var realLine: Support { .interval(lower: -.infinity, upper: .infinity) }

    public func contains(_ x: Double) -> Bool {
        switch self {
        case .interval(let lower, let upper): x.isFinite && x >= lower && x <= upper
        case .integers(let lower, let upper):
            x.isFinite && x.rounded() == x && x >= Double(lower) && (upper.map { x <= Double($0) } ?? true)
        case .realVectors, .simplex: false
        }
    }

    public func contains(_ x: [Double]) -> Bool {
        switch self {
        case .interval, .integers: x.count == 1 && contains(x[0])
        case .realVectors(let dimension): x.count == dimension && x.allSatisfy(\.isFinite)
        case .simplex(let dimension):
            x.count == dimension && Constraint.simplex.firstViolation(in: x) == nil
        }
    }
}
