import Foundation

/// y = x.
public struct IdentityTransform: ScalarTransform {
    public init() {}
    public func forward(_ x: Double) -> Double { x }
    public func inverse(_ y: Double) -> Double { y }
    public func logDeterminant(_ x: Double) -> Double { 0 }
    public func slope(_ x: Double) -> Double { 1 }
    public func logDeterminantSlope(_ x: Double) -> Double { 0 }
    public var image: Support { .realLine }
    public var isIncreasing: Bool { true }
}

/// y = location + scale·x, scale not 0.
public struct AffineTransform: ScalarTransform {
    public let location: Double
    public let scale: Double

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and `scale` is not 0.
    public init(location: Double, scale: Double) throws(DistributionError) {
        (self.location, self.scale) = (location, scale)
        for (name, value, isRight) in [
            ("location", location, location.isFinite), ("scale", scale, scale.isFinite && scale != 0),
        ] where !isRight {
            throw .invalidParameter(
                distribution: "AffineTransform", parameter: name, value: value, expected: name == "scale" ? .nonzero : .real)
        }
    }

    public func forward(_ x: Double) -> Double { location + scale * x }
    public func inverse(_ y: Double) -> Double { (y - location) / scale }
    public func logDeterminant(_ x: Double) -> Double { log(abs(scale)) }
    public func slope(_ x: Double) -> Double { scale }
    public func logDeterminantSlope(_ x: Double) -> Double { 0 }
    public var image: Support { .realLine }
    public var isIncreasing: Bool { scale > 0 }
}

/// y = eˣ, to the positive numbers.
public struct ExpTransform: ScalarTransform {
    public init() {}
    public func forward(_ x: Double) -> Double { exp(x) }
    public func inverse(_ y: Double) -> Double { log(y) }
    public func logDeterminant(_ x: Double) -> Double { x }
    public func slope(_ x: Double) -> Double { exp(x) }
    public func logDeterminantSlope(_ x: Double) -> Double { 1 }
    public var image: Support { .interval(lower: 0, upper: .infinity) }
    public var isIncreasing: Bool { true }
}

/// y = ln(1 + eˣ), to the positive numbers; about x for large x.
public struct SoftplusTransform: ScalarTransform {
    public init() {}
    public func forward(_ x: Double) -> Double { softplus(x) }
    /// ln(e^y − 1) = y + ln(1 − e^−y).
    public func inverse(_ y: Double) -> Double { y < 0 ? .nan : y + logOneMinusExp(-y) }
    public func logDeterminant(_ x: Double) -> Double { -softplus(-x) }
    public func slope(_ x: Double) -> Double { logistic(x) }
    public func logDeterminantSlope(_ x: Double) -> Double { logistic(-x) }
    public var image: Support { .interval(lower: 0, upper: .infinity) }
    public var isIncreasing: Bool { true }
}

/// y = lower + (upper − lower)/(1 + e⁻ˣ), to an interval; [0, 1] by default.
public struct SigmoidTransform: ScalarTransform {
    public let lower: Double
    public let upper: Double

    /// To [0, 1].
    public init() { (lower, upper) = (0, 1) }

    /// - Throws: `DistributionError.invalidParameter` unless both are finite and lower < upper.
    public init(lower: Double, upper: Double) throws(DistributionError) {
        (self.lower, self.upper) = (lower, upper)
        for (name, value, constraint) in [("lower", lower, Constraint.real), ("upper", upper, .greater(than: lower))]
        where !constraint.contains(value) {
            throw .invalidParameter(distribution: "SigmoidTransform", parameter: name, value: value, expected: constraint)
        }
    }

    public func forward(_ x: Double) -> Double {
        x < 0 ? lower + (upper - lower) * logistic(x) : upper - (upper - lower) * logistic(-x)
    }
    public func inverse(_ y: Double) -> Double { log((y - lower) / (upper - y)) }
    public func logDeterminant(_ x: Double) -> Double { log(upper - lower) - softplus(x) - softplus(-x) }
    public func slope(_ x: Double) -> Double { (upper - lower) * logistic(x) * logistic(-x) }
    public func logDeterminantSlope(_ x: Double) -> Double { logistic(-x) - logistic(x) }
    public var image: Support { .interval(lower: lower, upper: upper) }
    public var isIncreasing: Bool { true }
}

/// y = second(first(x)).
public struct ComposedTransform<First: ScalarTransform, Second: ScalarTransform>: ScalarTransform {
    public let first: First
    public let second: Second

    public init(_ first: First, then second: Second) { (self.first, self.second) = (first, second) }

    public func forward(_ x: Double) -> Double { second.forward(first.forward(x)) }
    public func inverse(_ y: Double) -> Double { first.inverse(second.inverse(y)) }
    public func logDeterminant(_ x: Double) -> Double {
        first.logDeterminant(x) + second.logDeterminant(first.forward(x))
    }
    public func slope(_ x: Double) -> Double { first.slope(x) * second.slope(first.forward(x)) }
    public func logDeterminantSlope(_ x: Double) -> Double {
        first.logDeterminantSlope(x) + first.slope(x) * second.logDeterminantSlope(first.forward(x))
    }
    /// The second map's image of the first one's.
    public var image: Support { second.image(of: first.image) }
    public var isIncreasing: Bool { first.isIncreasing == second.isIncreasing }
}

/// y = f⁻¹(x).
public struct InverseTransform<Base: ScalarTransform>: ScalarTransform {
    public let base: Base

    public init(_ base: Base) { self.base = base }

    public func forward(_ x: Double) -> Double { base.inverse(x) }
    public func inverse(_ y: Double) -> Double { base.forward(y) }
    public func logDeterminant(_ x: Double) -> Double { -base.logDeterminant(base.inverse(x)) }
    public func slope(_ x: Double) -> Double { 1 / base.slope(base.inverse(x)) }
    public func logDeterminantSlope(_ x: Double) -> Double {
        let y = base.inverse(x)
        return -base.logDeterminantSlope(y) / base.slope(y)
    }
    public var image: Support { .realLine }
    public var isIncreasing: Bool { base.isIncreasing }
}

extension ScalarTransform {
    /// The image of an interval.
    public func image(of support: Support) -> Support {
        guard case .interval(let lower, let upper) = support else { return image }
        let ends = [end(lower), end(upper)]
        return .interval(lower: min(ends[0], ends[1]), upper: max(ends[0], ends[1]))
    }

    /// f at an end, which may be infinite.
    private func end(_ x: Double) -> Double {
        let y = forward(x)
        guard y.isNaN, case .interval(let lower, let upper) = image else { return y }
        return (x > 0) == isIncreasing ? upper : lower
    }
}
