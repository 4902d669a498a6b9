import Matrices

/// The values a parameter may take, as data: checked at construction, written in error messages, and a basis for
/// unconstrained optimisation.
public enum Constraint: Sendable, Hashable, CustomStringConvertible {
    /// Any finite number.
    case real
    /// Finite and above `bound`.
    case greater(than: Double)
    /// Finite and not below `bound`.
    case atLeast(Double)
    /// lower ≤ x ≤ upper.
    case closedInterval(Double, Double)
    /// lower < x < upper.
    case openInterval(Double, Double)
    /// A whole number from `lower` up to `upper`, or without end.
    case integer(from: Int, through: Int?)
    /// Numbers ≥ 0 that sum to 1 within 1e-6.
    case simplex
    /// Any number, an infinite one too.
    case extendedReal
    /// Above `bound`, perhaps infinite.
    case greaterOrInfinite(than: Double)
    /// The elements, row by row, of a symmetric positive definite matrix. One number alone must be finite; the whole is
    /// checked by factorising it where a distribution is made.
    case positiveDefinite

    /// The elements, row by row, of a lower-triangular matrix with positive diagonal; checked as the one before.
    case lowerCholesky
    /// Finite and not 0.
    case nonzero

    /// A finite number above 0.
    public static var positive: Constraint { .greater(than: 0) }

    /// The index of the first value that does not keep the constraint, or `nil`. For a simplex whose sum is wrong, the
    /// last index.
    public func firstViolation(in values: [Double]) -> Int? {
        switch self {
        case .simplex:
            if let index = values.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) { return index }
            return abs(values.reduce(0, +) - 1) <= 1e-6 ? nil : max(0, values.count - 1)
        default: return values.firstIndex { !contains($0) }
        }
    }

    /// Whether one number keeps the constraint.
    public func contains(_ x: Double) -> Bool {
        switch self {
        case .extendedReal: return !x.isNaN
        case .greaterOrInfinite(let bound): return x > bound
        default: break
        }
        guard x.isFinite else { return false }
        return switch self {
        case .real, .extendedReal, .greaterOrInfinite, .positiveDefinite, .lowerCholesky: true
        case .nonzero: x != 0
        case .greater(let bound): x > bound
        case .atLeast(let bound): x >= bound
        case .closedInterval(let lower, let upper): x >= lower && x <= upper
        case .openInterval(let lower, let upper): x > lower && x < upper
        case .integer(let lower, let upper):
            x.rounded() == x && x >= Double(lower) && (upper.map { x <= Double($0) } ?? true)
        case .simplex: x >= 0 && x <= 1
        }
    }

    public var description: String {
        switch self {
        case .real: "a finite number"
        case .greater(let bound): "a finite number above \(bound)"
        case .atLeast(let bound): "a finite number of at least \(bound)"
        case .closedInterval(let lower, let upper): "a number in [\(lower), \(upper)]"
        case .openInterval(let lower, let upper): "a number in (\(lower), \(upper))"
        case .integer(let lower, let upper):
            upper.map { "a whole number from \(lower) to \($0)" } ?? "a whole number of at least \(lower)"
        case .simplex: "numbers of at least 0 that sum to 1"
        case .extendedReal: "a number, finite or infinite"
        case .greaterOrInfinite(let bound): "a number above \(bound), finite or infinite"
        case .positiveDefinite: "a symmetric positive definite matrix"
        case .nonzero: "a finite number other than 0"
        case .lowerCholesky: "a lower-triangular matrix with positive diagonal"
        }
    }
}

/// A named parameter of a distribution with its value and what it may be.
public struct DistributionParameter: Sendable, Hashable {
    public var name: String
    /// One value, or one a dimension.
    public var values: [Double]
    public var constraint: Constraint

    public init(_ name: String, _ values: [Double], _ constraint: Constraint) {
        self.name = name
        self.values = values
        self.constraint = constraint
    }

    /// Throws where a value does not keep the constraint.
    func check(in distribution: String) throws(DistributionError) {
        guard let index = constraint.firstViolation(in: values) else { return }
        throw .invalidParameter(
            distribution: distribution, parameter: values.count == 1 ? name : "\(name)[\(index)]",
            value: values.isEmpty ? .nan : values[index], expected: constraint)
    }
}

/// What the making of a distribution refuses.
public enum DistributionError: Error, Hashable, Sendable, CustomStringConvertible {
    case invalidParameter(distribution: String, parameter: String, value: Double, expected: Constraint)
    case dimensionMismatch(distribution: String, parameter: String, expected: Int, found: Int)
    /// A matrix parameter that cannot be factorised.
    case invalidMatrix(distribution: String, parameter: String, problem: LinearAlgebraError)
    case noDivergence(from: String, to: String)

    public var description: String {
        switch self {
        case .invalidParameter(let distribution, let parameter, let value, let expected):
            "\(distribution): \(parameter) is \(value), expected \(expected)"
        case .dimensionMismatch(let distribution, let parameter, let expected, let found):
            "\(distribution): \(parameter) has \(found) dimensions, expected \(expected)"
        case .invalidMatrix(let distribution, let parameter, let problem):
            "\(distribution): \(parameter): \(problem)"
        case .noDivergence(let p, let q): "no closed-form divergence from \(p) to \(q) is known"
        }
    }
}

extension Distribution {
    /// Makes a part of this distribution; its errors become this distribution's, with its parameter's name.
    static func part<Part>(
        _ name: String, as newName: String, _ make: () throws(DistributionError) -> Part
    ) throws(DistributionError) -> Part {
        do {
            return try make()
        } catch {
            switch error {
            case .invalidParameter(_, let parameter, let value, let expected):
                let own = parameter.hasPrefix(name) ? newName + parameter.dropFirst(name.count) : parameter
                throw .invalidParameter(distribution: Self.name, parameter: own, value: value, expected: expected)
            case .dimensionMismatch(_, let parameter, let expected, let found):
                throw .dimensionMismatch(
                    distribution: Self.name, parameter: parameter == name ? newName : parameter, expected: expected,
                    found: found)
            default: throw error
            }
        }
    }
}
