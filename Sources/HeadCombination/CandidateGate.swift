import Foundation
import Matrices
import Prediction

/// Decides, row by row, between a head that has learnt some classes and zero-shot, which alone can answer for the rest.
///
/// A new gate is one type that conforms.
public protocol CandidateGate: Sendable {
    /// One posterior over the learnt classes followed by the candidates, `[rows, learnt + candidates]`.
    ///
    /// - Parameter learnt: what the head says, `[rows, learnt]`, one learnt class at least.
    func join(_ learnt: LogitPosterior, _ rows: GatedRows) throws -> LogitPosterior
}

/// What a gate sees beside the head's posterior.
public struct GatedRows: Sendable {
    /// Unit-length rows `[rows, D]`.
    public let features: Matrix<Float>
    /// Zero-shot logits of the learnt classes, `[rows, learnt]`.
    public let learnt: Matrix<Float>
    /// Zero-shot logits of the candidates, `[rows, candidates]`.
    public let candidates: Matrix<Float>

    public init(features: Matrix<Float>, learnt: Matrix<Float>, candidates: Matrix<Float>) {
        precondition(
            features.rows == learnt.rows && features.rows == candidates.rows,
            "\(features.rows) rows, \(learnt.rows) and \(candidates.rows) rows of logits")
        (self.features, self.learnt, self.candidates) = (features, learnt, candidates)
    }
}

/// Zero-shot decides: where its best class is a candidate, that is the answer, and where it is a learnt one, the head
/// chooses among those, as in RAIL (Xu et al. 2024, arXiv:2406.18868, section 4.3). So a row of a candidate class is
/// right exactly where zero-shot is right, and a weak zero-shot keeps rows from the head.
///
/// The head's logits are shifted so that the largest, counted as log E[exp z], is zero-shot's largest of the learnt classes:
/// without variances exactly the rule above; with them a candidate that zero-shot prefers still wins (Jensen), and a learnt
/// class may lose a near tie.
public struct ZeroShotGate: CandidateGate {
    public init() {}

    public func join(_ learnt: LogitPosterior, _ rows: GatedRows) -> LogitPosterior {
        let shift = zip(rows.learnt.rowMaxima(), learnt.logExpectedExponentials.rowMaxima()).map { $0 - $1 }
        return .joining(learnt, shift: shift, candidates: rows.candidates)
    }
}

extension LogitPosterior {
    /// log E[exp z] = mean + variance/2, `[rows, classes]`: what a class weighs against logits that are known exactly.
    var logExpectedExponentials: Matrix<Float> { mean + 0.5 * variance }

    /// Learnt classes with `shift` added to a row's logits, then candidates, whose logits are known exactly.
    static func joining(_ learnt: LogitPosterior, shift: [Float], candidates: Matrix<Float>) -> LogitPosterior {
        let (rows, known, others) = (learnt.rows, learnt.classes, candidates.columns)
        var mean = Matrix<Float>(uninitialized: rows, known + others)
        var variance = Matrix<Float>(rows: rows, columns: known + others)
        let (m, v) = (mean.mutablePointer(), variance.mutablePointer())
        for row in 0..<rows {
            let (target, source) = (m + row * (known + others), learnt.mean.pointer + row * known)
            for k in 0..<known { target[k] = source[k] + shift[row] }
            (target + known).update(from: candidates.pointer + row * others, count: others)
            (v + row * (known + others)).update(from: learnt.variance.pointer + row * known, count: known)
        }
        withExtendedLifetime((learnt, candidates)) {}
        return LogitPosterior(mean: mean, variance: variance)
    }

    /// log(w·p_head + (1 − w)·p_zero-shot) with p_head 0 for candidates; the variance of a learnt class's logit is
    /// carried through by the first-order rule, as its share of the mixture squared times the head's.
    ///
    /// - Parameters:
    ///   - zeroShot: logits of learnt classes and candidates, `[rows, learnt + candidates]`.
    ///   - weights: w of each row, 0…1.
    static func mixing(_ learnt: LogitPosterior, zeroShot: Matrix<Float>, weights: [Double]) -> LogitPosterior {
        let (known, classes) = (learnt.classes, zeroShot.columns)
        let (head, text) = (learnt.mean.softmax(), zeroShot.softmax())
        var mean = Matrix<Float>(uninitialized: learnt.rows, classes)
        var variance = Matrix<Float>(rows: learnt.rows, columns: classes)
        for (row, weight) in weights.enumerated() {
            for k in 0..<classes {
                let own = k < known ? weight * Double(head[row, k]) : 0
                let total = max(own + (1 - weight) * Double(text[row, k]), Double(Float.leastNormalMagnitude))
                mean[row, k] = Float(log(total))
                if k < known {
                    let share = Float(own / total)
                    variance[row, k] = share * share * learnt.variance[row, k]
                }
            }
        }
        return LogitPosterior(mean: mean, variance: variance)
    }
}
