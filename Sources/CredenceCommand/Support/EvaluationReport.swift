import Credence
import Foundation

/// What `evaluate` tells.
struct EvaluationReport: Encodable {
    var model: String
    var rowsOfUnknownClasses: Int
    var calibration: String?
    /// Whether the rows are those that the model was calibrated on.
    var isCalibrationData: Bool
    var figures: PredictionSummary?
    /// The same without the model's calibration, where it has one.
    var uncalibrated: PredictionSummary?
    var sets: SetSummary?

    /// A table for people: figure, value, 95 % interval, and the value without calibration.
    var text: String {
        guard let figures else { return "no rows" }
        var lines = [
            "\(figures.rows) rows, \(figures.classes) classes, "
                + (calibration.map { "calibrated by \($0)" } ?? "not calibrated")
                + (figures.sampleRows < figures.rows
                    ? "; intervals, equally full bins and risk-coverage from \(figures.sampleRows) of them" : ""),
            line("", "value", "95 % interval", uncalibrated == nil ? "" : "uncalibrated"),
        ]
        for (name, key, value) in Self.figures {
            let interval = key.flatMap { figures.intervals[$0] }
                .map { "\(Format.fixed($0.lower, 4)) … \(Format.fixed($0.upper, 4))" }
            lines.append(
                line(
                    name, Format.fixed(value(figures), 4), interval ?? "",
                    uncalibrated.map { Format.fixed(value($0), 4) } ?? ""))
        }
        if let sets {
            lines.append(
                "sets at error rate \(sets.errorRate) (\(sets.score), \(sets.condition)): coverage "
                    + Format.fixed(sets.coverage, 4)
                    + (sets.expectedCoverage.map {
                        ", expected \(Format.fixed($0[0], 4)) … \(Format.fixed($0[1], 4))"
                    } ?? "")
                    + ", average size \(Format.fixed(sets.averageSize, 2)), one class in "
                    + "\(Format.fixed(sets.single, 3)), none in \(Format.fixed(sets.empty, 3)) of rows; lowest coverage "
                    + "of a class \(Format.fixed(sets.lowestClassCoverage, 3))")
        }
        return lines.joined(separator: "\n")
    }

    private typealias Figure = (name: String, key: String?, value: @Sendable (PredictionSummary) -> Double?)

    private static let figures: [Figure] = [
        ("accuracy", "accuracy", { $0.accuracy }), ("top-5 accuracy", nil, { $0.top5Accuracy }),
        ("negative log-likelihood", "nll", { $0.nll }), ("Brier score", "brier", { $0.brier }),
        ("ECE, equal width", "ece", { $0.ece }), ("ECE, equal mass", nil, { $0.eceEqualMass }),
        ("ECE, debiased", "ece_debiased", { $0.eceDebiased }), ("RMS error, debiased", nil, { $0.rmsceDebiased }),
        ("ECE, sweep", nil, { $0.eceSweep }), ("largest gap", nil, { $0.mce }),
        ("class-wise ECE", nil, { $0.classwiseEce }), ("mean confidence", nil, { $0.confidence }),
        ("sharpness", nil, { $0.sharpness }), ("reliability", nil, { $0.reliability }),
        ("resolution", nil, { $0.resolution }), ("area under risk-coverage", "aurc", { $0.aurc }),
        ("excess area", nil, { $0.eAurc }), ("accuracy at 80 % coverage", nil, { $0.selectiveAccuracy["0.8"] }),
        ("accuracy at 50 % coverage", nil, { $0.selectiveAccuracy["0.5"] }),
    ]

    private func line(_ name: String, _ value: String, _ interval: String, _ other: String) -> String {
        let cells =
            name.padding(toLength: 28, withPad: " ", startingAt: 0)
            + value.padding(toLength: 10, withPad: " ", startingAt: 0)
            + interval.padding(toLength: 20, withPad: " ", startingAt: 0) + other
        return String(cells.reversed().drop { $0 == " " }.reversed())
    }
}
