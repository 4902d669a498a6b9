import Foundation
import Matrices
import Prediction

/// The weighted free energy −T·log Σ w_k exp(m_k/T) of the mean logits m, w > 0 with geometric mean 1 (Du et al. 2022,
/// "VOS", arXiv:2202.01197, equation 5). O(classes) a row.
///
/// VOS learns the weights while it trains the network, against outliers it makes up. Here the head stays as it is: the
/// weights are those of the logistic regression of known rows against `SyntheticOutliers` on a·E_w + b, with a penalty of
/// `penalty`·mean (log w)² that holds them together.
public struct WeightedEnergy: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "weighted-energy", summary: "Free energy with a weight a class, learnt against made-up outliers",
        source: "Du et al. 2022, arXiv:2202.01197", needs: [.posterior, .fitting, .labels])

    /// T > 0.
    public let temperature: Float
    /// Of (log w)², from 0.
    public let penalty: Float
    /// Known rows and made-up ones that weights are learnt from, each.
    public let rows: Int

    public init(temperature: Float = 1, penalty: Float = 0.1, rows: Int = 4096) {
        precondition(temperature > 0 && penalty >= 0 && rows > 0)
        self.temperature = temperature
        self.penalty = penalty
        self.rows = rows
    }

    public func checkSettings() throws(NoveltyError) {
        try check(positive: temperature, "temperature")
        try check(rows, atLeast: 1, "rows")
        try require(penalty >= 0 && penalty.isFinite, "penalty", penalty, "a finite number from 0")
    }

    public func fit(_ known: KnownRows, notes: inout [String]) throws -> ClassWeights {
        let sample = try known.sample(rows, stream: 11)
        let outliers = try SyntheticOutliers(known, score: name).rows(rows, stream: 12)
        let logits = Matrix(stacking: [
            try known.posterior(of: sample.features, for: self).mean, try known.posterior(of: outliers, for: self).mean,
        ])
        return ClassWeights(
            logarithms: ClassWeights.learnt(
                from: (1 / temperature) * logits, known: sample.count, penalty: Double(penalty)))
    }

    public func scores(for input: NoveltyInput, model: ClassWeights) throws -> [Float] {
        try scoresOfMeanLogits(input) { logits in
            ((1 / temperature) * logits).adding(row: model.logarithms).logSumExp().map { -temperature * $0 }
        }
    }
}

/// log w, one a class.
public struct ClassWeights: NoveltyModel {
    let logarithms: [Float]

    init(logarithms: [Float]) { self.logarithms = logarithms }

    public func write(to archive: inout ScoreArchive) { archive.set(logarithms, as: "log_weights") }
    public init(archive: ScoreArchive) throws { logarithms = try archive.vector("log_weights", count: archive.classes) }

    /// Minimises mean log-loss of a·E + b plus the penalty by gradient descent with Adam's steps (Kingma and Ba 2015), from
    /// w = 1 and the a and b that fit it: the loss is not convex, and this start makes the result one of a kind.
    ///
    /// - Parameters:
    ///   - logits: already divided by the temperature, known rows first.
    static func learnt(from logits: Matrix<Float>, known: Int, penalty: Double) -> [Float] {
        let (rows, classes) = (logits.rows, logits.columns)
        var parameters = [Double](repeating: 0, count: classes + 2)  // log w, then a and b
        let start = logits.logSumExp().map { -Double($0) }
        let knownMean = start[..<known].reduce(0, +) / Double(max(known, 1))
        let outlierMean = start[known...].reduce(0, +) / Double(max(rows - known, 1))
        let spread = max(1e-3, abs(outlierMean - knownMean))
        parameters[classes] = 2 / spread
        parameters[classes + 1] = -(knownMean + outlierMean) / spread
        // a and b move in their own units.
        let units = [Double](repeating: 1, count: classes) + [1 / spread, abs(parameters[classes + 1]) + 1]
        var (first, second) = (parameters.map { _ in 0.0 }, parameters.map { _ in 0.0 })
        for step in 1...300 {
            let shifted = logits.adding(row: parameters[..<classes].map { Float($0) })
            let (energies, shares) = (shifted.logSumExp().map { -Double($0) }, shifted.softmax())
            var gradient = [Double](repeating: 0, count: classes + 2)
            var slopes = [Float](repeating: 0, count: rows)
            for row in 0..<rows {
                let (isNovel, count) = row < known ? (0.0, known) : (1.0, rows - known)
                let p = 1 / (1 + exp(-(parameters[classes] * energies[row] + parameters[classes + 1])))
                let slope = (p - isNovel) / Double(2 * count)
                gradient[classes] += slope * energies[row]
                gradient[classes + 1] += slope
                slopes[row] = Float(-slope * parameters[classes])
            }
            let weights = Matrix(rows: 1, columns: rows, elements: slopes).multiplied(by: shares)
            for k in 0..<classes {
                gradient[k] = Double(weights[0, k]) + 2 * penalty * parameters[k] / Double(classes)
            }
            let rate = 0.05 * (1 - Double(step) / 301)
            for i in gradient.indices {
                let g = gradient[i] * units[i]
                first[i] = 0.9 * first[i] + 0.1 * g
                second[i] = 0.999 * second[i] + 0.001 * g * g
                let (m, v) = (first[i] / (1 - pow(0.9, Double(step))), second[i] / (1 - pow(0.999, Double(step))))
                parameters[i] -= rate * units[i] * m / (v.squareRoot() + 1e-12)
            }
            // A common factor of the weights only shifts b.
            let mean = parameters[..<classes].reduce(0, +) / Double(classes)
            for k in 0..<classes { parameters[k] -= mean }
            parameters[classes + 1] -= parameters[classes] * mean
        }
        return parameters[..<classes].map { Float($0) }
    }
}
