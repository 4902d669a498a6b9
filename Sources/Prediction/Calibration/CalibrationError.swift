import Foundation

/// Why a calibration cannot be fitted or does not fit.
public enum CalibrationError: Error, Hashable, Sendable, CustomStringConvertible {
    case rowCount(rows: Int, labels: Int)
    case noRows
    case label(row: Int, label: Int, classes: Int)
    case notFinite(row: Int, column: Int, value: Double)
    /// A one-against-rest map needs rows of the class and of others.
    case oneSided(class: Int)
    /// The rows are separated without error, so that ever steeper maps fit ever better.
    case separable(method: String, class: Int?)
    /// The best scale is not positive: the logits point away from the labels.
    case worseThanChance(scale: Double)
    case notConverged(method: String, gradient: Double)
    case option(name: String, value: Double, expected: String)
    case classCount(found: Int, expected: Int)

    public var description: String {
        switch self {
        case .rowCount(let rows, let labels): "\(rows) rows of logits and \(labels) labels"
        case .noRows: "no rows to calibrate on"
        case .label(let row, let label, let classes): "row \(row) has the label \(label), expected 0 to \(classes - 1)"
        case .notFinite(let row, let column, let value): "row \(row), class \(column): the logit is \(value)"
        case .oneSided(let k): "class \(k) has no row of its own or none of others to calibrate on"
        case .separable(let method, let k):
            "\(method): the rows " + (k.map { "of class \($0) and the others " } ?? "")
                + "are separated without error, so there is no best map; take more rows or another method"
        case .worseThanChance(let scale):
            "the best scale of the logits is \(scale), expected more than 0: they point away from the labels"
        case .notConverged(let method, let gradient): "\(method): the fit stopped at a gradient of \(gradient)"
        case .option(let name, let value, let expected): "\(name) is \(value), expected \(expected)"
        case .classCount(let found, let expected): "the calibration is for \(expected) classes, the model has \(found)"
        }
    }

    /// - Throws: where logits and labels do not fit together or a logit is NaN or +∞.
    static func check(_ logits: some Sequence<Double>, rows: Int, classes: Int, labels: [Int]) throws(CalibrationError)
    {
        guard rows == labels.count else { throw .rowCount(rows: rows, labels: labels.count) }
        guard rows > 0 else { throw .noRows }
        for (row, label) in labels.enumerated() where label < 0 || label >= classes {
            throw .label(row: row, label: label, classes: classes)
        }
        for (index, value) in logits.enumerated() where !value.isFinite {
            throw .notFinite(row: index / classes, column: index % classes, value: value)
        }
    }
}
