import Foundation

/// A map of one class's probability to a calibrated one, fitted to "this class or another".
public enum BinaryMap: Sendable, Hashable {
    /// sigmoid(slope·f + intercept) of the log odds f (Platt 1999).
    case logistic(slope: Double, intercept: Double)
    /// sigmoid(a·ln p − b·ln(1 − p) + c), a and b not negative (Kull, Silva Filho and Flach 2017).
    case beta(a: Double, b: Double, c: Double)
    /// On p.
    case isotonic(IsotonicRegression)
    /// The share of the class in equal-width bins of p, bin b holding b/n ≤ p < (b + 1)/n and the last also 1.
    case histogram([Double])

    /// The calibrated probability at log odds `f`.
    public func callAsFunction(logOdds f: Double) -> Double {
        switch self {
        case .logistic(let slope, let intercept): sigmoid(slope * f + intercept)
        case .beta(let a, let b, let c):
            // ln p = −log(1 + e^{−f}), ln(1 − p) = −log(1 + e^f); 0 · ∞ is a column that is not there.
            sigmoid((a == 0 ? 0 : -a * softplus(-f)) + (b == 0 ? 0 : b * softplus(f)) + c)
        case .isotonic(let function): function(sigmoid(f))
        case .histogram(let values): values[Self.bin(of: sigmoid(f), count: values.count)]
        }
    }

    /// - Parameters:
    ///   - logOdds: of the class, `[rows]`, finite.
    ///   - labels: whether a row is of the class; there must be some of either kind.
    ///   - label: the class, for errors.
    /// - Throws: `CalibrationError`.
    public static func fit(
        _ kind: Kind, logOdds: [Double], labels: [Bool], class label: Int? = nil
    ) throws(CalibrationError) -> BinaryMap {
        guard logOdds.count == labels.count else { throw .rowCount(rows: logOdds.count, labels: labels.count) }
        let positives = labels.reduce(0) { $0 + ($1 ? 1 : 0) }
        guard positives > 0, positives < labels.count else { throw .oneSided(class: label ?? 1) }
        let ones = [Double](repeating: 1, count: labels.count)
        let targets = labels.map { $0 ? 1.0 : 0 }
        switch kind {
        case .platt, .logistic:
            // Platt's own targets keep the optimum finite where the classes are separated.
            let high = Double(positives + 1) / Double(positives + 2)
            let low = 1 / Double(labels.count - positives + 2)
            let smoothed: [Double] = labels.map { $0 ? high : low }
            let found = try BinaryLogistic.fit(
                [logOdds, ones], targets: kind == .platt ? smoothed : targets, name: kind.rawValue, class: label)
            return .logistic(slope: found[0], intercept: found[1])
        case .beta: return try fitBeta(logOdds, targets, [true, true, true], label)
        case .betaTwoSlopes: return try fitBeta(logOdds, targets, [true, true, false], label)
        case .betaOneSlope:
            let found = try BinaryLogistic.fit([logOdds, ones], targets: targets, name: kind.rawValue, class: label)
            return .beta(a: found[0], b: found[0], c: found[1])
        case .isotonic: return .isotonic(IsotonicRegression(inputs: logOdds.map(sigmoid), labels: labels))
        case .histogram(let bins):
            guard bins > 0 else { throw .option(name: "bins", value: Double(bins), expected: "1 or more") }
            var (counts, hits) = ([Int](repeating: 0, count: bins), [Int](repeating: 0, count: bins))
            for (f, label) in zip(logOdds, labels) {
                let bin = bin(of: sigmoid(f), count: bins)
                counts[bin] += 1
                hits[bin] += label ? 1 : 0
            }
            let shares = (0..<bins).map { bin -> Double in
                let middle = (Double(bin) + 0.5) / Double(bins)
                return counts[bin] == 0 ? middle : Double(hits[bin]) / Double(counts[bin])
            }
            return .histogram(shares)
        }
    }

    /// How to fit.
    public enum Kind: Sendable, Hashable {
        case platt
        /// Platt's map on the labels themselves.
        case logistic
        /// Beta calibration with all three parameters; through (½, ½), c = (a − b)·ln 2; with a = b.
        case beta, betaTwoSlopes, betaOneSlope
        case isotonic
        case histogram(bins: Int)

        var rawValue: String {
            switch self {
            case .platt: "Platt scaling"
            case .logistic: "logistic calibration"
            case .beta, .betaTwoSlopes, .betaOneSlope: "beta calibration"
            case .isotonic: "isotonic regression"
            case .histogram: "histogram binning"
            }
        }
    }

    /// Without a bound first; a slope that comes out negative is 0 at the bounded optimum, as the fit is convex.
    private static func fitBeta(
        _ f: [Double], _ targets: [Double], _ used: [Bool], _ label: Int?
    ) throws(CalibrationError) -> BinaryMap {
        // With two slopes the curve goes through (½, ½): the columns are ln 2p and −ln 2(1 − p).
        let middle = used[2] ? 0 : log(2.0)
        let all = [f.map { middle - softplus(-$0) }, f.map { softplus($0) - middle }, f.map { _ in 1.0 }]
        let columns = (0..<3).filter { used[$0] }
        var found = [Double](repeating: 0, count: 3)
        if !columns.isEmpty {
            let fitted = try BinaryLogistic.fit(
                columns.map { all[$0] }, targets: targets, name: Kind.beta.rawValue, class: label)
            for (place, column) in columns.enumerated() { found[column] = fitted[place] }
        }
        let negative = (0..<2).filter { found[$0] < 0 }
        guard !negative.isEmpty else {
            return .beta(a: found[0], b: found[1], c: found[2] + middle * (found[0] - found[1]))
        }
        // Two slopes cannot both be negative unless the scores are worse than chance.
        var fewer = used
        for column in negative { fewer[column] = false }
        return try fitBeta(f, targets, fewer, label)
    }

    static func bin(of probability: Double, count: Int) -> Int {
        min(count - 1, max(0, Int(probability * Double(count))))
    }
}
