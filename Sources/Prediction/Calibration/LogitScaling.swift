import Foundation
import Matrices

/// A linear map of logits before the softmax, fitted by maximum likelihood: temperature, vector and matrix scaling (Guo et
/// al. 2017, arXiv:1706.04599).
public enum LogitScaling: Sendable, Equatable {
    /// z_k / T of the group (task) that class k belongs to; one group is plain temperature scaling.
    case temperature([Double], groups: [Int])
    /// scale_k·z_k + bias_k.
    case vector(scale: [Double], bias: [Double])
    /// W·z + bias, `weight` `[classes, classes]`, row-major, one row an output.
    case matrix(weight: Matrix<Double>, bias: [Double])

    /// The penalty of matrix scaling.
    public enum Penalty: Sendable, Hashable {
        /// λ·(Σ(W − I)² + Σ bias²), in nats a row.
        case l2(Double)
        /// Off-diagonal and intercept regularisation (Kull et al. 2019, arXiv:1910.12656): λ/(K(K − 1))·Σ_{i≠j} W_ij² +
        /// λ/K·Σ bias², the diagonal free.
        case offDiagonal(Double)

        var strength: Double {
            switch self {
            case .l2(let strength), .offDiagonal(let strength): strength
            }
        }
    }

    public var classes: Int {
        switch self {
        case .temperature(_, let groups): groups.count
        case .vector(let scale, _): scale.count
        case .matrix(_, let bias): bias.count
        }
    }

    /// The mapped logits `[rows, classes]`.
    public func callAsFunction(_ logits: Matrix<Double>) -> Matrix<Double> {
        switch self {
        case .temperature(let temperatures, let groups):
            ScalingShape.groups(groups).apply(temperatures.map { 1 / $0 }, logits)
        case .vector(let scale, let bias): ScalingShape.diagonal.apply(scale + bias, logits)
        case .matrix(let weight, let bias): ScalingShape.full.apply(weight.elements + bias, logits)
        }
    }
}

extension LogitScaling {
    /// The temperatures with the smallest mean negative log-likelihood of `labels`: one for all classes, or one a group.
    ///
    /// Convex in 1/T. O(rows · classes) a step, some 10 steps.
    /// - Parameters:
    ///   - logits: `[rows, classes]`, finite.
    ///   - groups: the group of each class, 0 …; all classes in one where left out.
    /// - Throws: `CalibrationError`; `separable` where every row is right, so that T would be 0, and `worseThanChance`.
    public static func fitTemperature(
        logits: Matrix<Double>, labels: [Int], groups: [Int]? = nil
    ) throws(CalibrationError) -> LogitScaling {
        let groups = groups ?? Array(repeating: 0, count: logits.columns)
        precondition(groups.count == logits.columns, "\(groups.count) groups for \(logits.columns) classes")
        let count = (groups.max() ?? 0) + 1
        let inverse = try fit(
            .groups(groups), logits, labels, from: Array(repeating: 1, count: count), penalties: [], name: "temperature"
        )
        if let bad = inverse.first(where: { $0 <= 0 }) { throw .worseThanChance(scale: bad) }
        return .temperature(inverse.map { 1 / $0 }, groups: groups)
    }

    /// Vector scaling with the penalty λ·(Σ(scale − 1)² + Σ bias²) on the mean negative log-likelihood.
    ///
    /// - Throws: `CalibrationError`.
    public static func fitVector(
        logits: Matrix<Double>, labels: [Int], penalty: Double
    ) throws(CalibrationError) -> LogitScaling {
        guard penalty > 0, penalty.isFinite else { throw .option(name: "penalty", value: penalty, expected: "above 0") }
        let classes = logits.columns
        let found = try fit(
            .diagonal, logits, labels,
            from: Array(repeating: 1, count: classes) + Array(repeating: 0, count: classes),
            penalties: Array(repeating: penalty, count: 2 * classes), name: "vector scaling")
        return .vector(scale: Array(found.prefix(classes)), bias: Array(found.suffix(classes)))
    }

    /// Matrix scaling. O(rows · classes²) for each of some hundred products.
    ///
    /// - Throws: `CalibrationError`.
    public static func fitMatrix(
        logits: Matrix<Double>, labels: [Int], penalty: Penalty
    ) throws(CalibrationError) -> LogitScaling {
        guard penalty.strength > 0, penalty.strength.isFinite else {
            throw .option(name: "penalty", value: penalty.strength, expected: "above 0")
        }
        let classes = logits.columns
        let identity = (0..<classes * classes).map { $0 / classes == $0 % classes ? 1.0 : 0 }
        let zeros = [Double](repeating: 0, count: classes)
        let (penalties, centre): ([Double], [Double]) =
            switch penalty {
            case .l2(let strength): (Array(repeating: strength, count: classes * (classes + 1)), identity + zeros)
            case .offDiagonal(let strength):
                (
                    identity.map { $0 == 1 ? 0 : strength / Double(classes * max(classes - 1, 1)) }
                        + zeros.map { _ in strength / Double(classes) },
                    [Double](repeating: 0, count: classes * (classes + 1))
                )
            }
        let found = try fit(
            .full, logits, labels, from: identity + zeros, penalties: penalties, centre: centre, name: "matrix scaling")
        return .matrix(
            weight: Matrix(rows: classes, columns: classes, elements: Array(found.prefix(classes * classes))),
            bias: Array(found.suffix(classes)))
    }

    private static func fit(
        _ shape: ScalingShape, _ logits: Matrix<Double>, _ labels: [Int], from start: [Double], penalties: [Double],
        centre: [Double]? = nil, name: String
    ) throws(CalibrationError) -> [Double] {
        try CalibrationError.check(logits.elements, rows: logits.rows, classes: logits.columns, labels: labels)
        var objective = ScalingObjective(
            shape: shape, logits: logits, labels: labels, penalties: penalties, centre: centre ?? start)
        do throws(ConvexMinimizer.Failure) {
            let found = try ConvexMinimizer.minimize(&objective, from: start)
            // Every row right with certainty: the gradient fades before the parameters have grown without bound.
            if penalties.isEmpty, found.value < 1e-9 { throw ConvexMinimizer.Failure.unbounded }
            return found.parameters
        } catch {
            switch error {
            case .unbounded: throw .separable(method: name, class: nil)
            case .notConverged(let gradient): throw .notConverged(method: name, gradient: gradient)
            }
        }
    }
}
