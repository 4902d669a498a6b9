import Foundation
import Matrices
import Prediction

/// The generalised entropy GEN: Σ pᵞ(1 − p)ᵞ over the M largest soft-max probabilities p of the mean logits (Liu,
/// Lochman and Zach 2023, CVPR, equation 5). O(classes) a row, and a selection where M is less than the classes.
///
/// With γ = 0.1 probabilities far below 1 % still count: it looks at the whole of a row's soft-max where the entropy sees
/// its largest parts. Pytorch-ood takes the mean of the terms, which ranks alike, and raises probabilities to 10⁻⁷, which
/// `smallestProbability` does.
public struct GeneralizedEntropy: NoveltyScore, Codable {
    public static let about = ScoreDescription(
        name: "generalized-entropy", summary: "GEN: entropy of the power family over the most probable classes",
        source: "Liu, Lochman and Zach 2023, doi:10.1109/CVPR52729.2023.02293", needs: .posterior)

    /// γ, above 0.
    public let exponent: Float
    /// M; all classes where there are no more.
    public let classes: Int
    /// Probabilities are taken within this and 1 less this; 0 leaves them as they are.
    public let smallestProbability: Float

    public init(exponent: Float = 0.1, classes: Int = 100, smallestProbability: Float = 0) {
        precondition(exponent > 0 && classes > 0, "exponent \(exponent), \(classes) classes")
        precondition(smallestProbability >= 0 && smallestProbability < 0.5, "\(smallestProbability)")
        self.exponent = exponent
        self.classes = classes
        self.smallestProbability = smallestProbability
    }

    public func checkSettings() throws(NoveltyError) {
        try check(positive: exponent, "exponent")
        try check(classes, atLeast: 1, "classes")
        try require(
            smallestProbability >= 0 && smallestProbability < 0.5, "smallestProbability", smallestProbability,
            "0 up to below 0.5")
    }

    public func scores(for input: NoveltyInput) throws -> [Float] {
        try scoresOfMeanLogits(input) { logits in
            // ln p and ln(1 − p): the largest p may be next to 1, and its 1 − p is the sum of the others.
            var logs = logits.logSoftmax()
            let (maxima, others) = logs.splittingOffRowMaxima(replacement: -.infinity)
            var probabilities = others.exp()
            let sums = probabilities.rowSums()
            probabilities.scale(by: -1)
            var complements = probabilities.log1p()
            for (row, largest) in logs.rowArgmaxima().enumerated() {
                logs[row, largest] = maxima[row]
                complements[row, largest] = log(min(1, sums[row]))
            }
            if smallestProbability > 0 {
                let (floor, ceiling) = (log(smallestProbability), log1p(-smallestProbability))
                logs.clamp(to: floor...ceiling)
                complements.clamp(to: floor...ceiling)
            }
            var terms = Matrix<Float>(uninitialized: logs.rows, logs.columns)
            Float.Kernels.combine(
                terms.mutablePointer(), exponent, logs.pointer, exponent, complements.pointer, logs.count)
            terms = terms.exp()
            guard classes < logits.columns else { return terms.rowSums() }
            return (0..<terms.rows).map { row in
                let order = logits.row(row).enumerated().sorted { ($0.element, $1.offset) > ($1.element, $0.offset) }
                return order.prefix(classes).reduce(0) { $0 + terms[row, $1.offset] }
            }
        }
    }
}

extension Matrix<Float> {
    fileprivate mutating func clamp(to range: ClosedRange<Float>) {
        let (lower, upper) = (range.lowerBound, range.upperBound)
        withUnsafeMutableElements { elements in
            for index in elements.indices {
                let value = elements[index]
                elements[index] = value < lower ? lower : value > upper ? upper : value
            }
        }
    }
}
