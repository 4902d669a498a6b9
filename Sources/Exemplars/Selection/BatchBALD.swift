import Foundation
import Matrices
import Probability

/// BatchBALD: rows whose labels together tell most about the model, the mutual information of all their labels and the
/// parameters (Kirsch, van Amersfoort and Gal 2019, arXiv:1906.08158).
///
/// Greedy. The joint distribution of the labels is exact while it has at most `configurations` outcomes; beyond, as many
/// outcomes are drawn from it. O(configurations · samples · rows · classes) a step.
public enum BatchBALD {
    /// - Parameters:
    ///   - probabilities: one matrix `[rows, classes]` a sample of the parameters; rows share the sample.
    ///   - configurations: at least the number of classes.
    ///   - seed: of the drawn outcomes.
    /// - Returns: the rows; a gain is the mutual information of the batch up to it, in nats.
    public static func select(
        _ count: Int, of probabilities: [Matrix<Double>], configurations: Int = 2000, seed: UInt64 = 1
    ) -> Selection {
        guard let first = probabilities.first, first.rows > 0 else { return Selection() }
        var search = Search(probabilities, seed: seed)
        var selection = Selection()
        while selection.indices.count < min(count, first.rows) {
            let scores = search.scores()
            guard let best = scores.indexOfLargest(where: { !selection.indices.contains($0) }) else { break }
            selection.append(best, gain: scores[best])
            search.take(best, limit: max(configurations, first.columns))
        }
        return selection
    }

    struct Search {
        private let probabilities: [Matrix<Double>]
        /// The mean over samples of the entropy of each row's labels.
        private let conditional: [Double]
        private var taken: [Int] = []
        /// p(outcome | sample) `[outcomes, samples]` of the labels of the rows taken.
        private var joint: Matrix<Double>
        private var isDrawn = false
        private var stream: RandomStream

        init(_ probabilities: [Matrix<Double>], seed: UInt64) {
            self.probabilities = probabilities
            let (rows, samples) = (probabilities[0].rows, probabilities.count)
            conditional = (0..<rows).map { row in
                probabilities.reduce(0) { $0 + entropy($1.row(row)) } / Double(samples)
            }
            joint = Matrix(rows: 1, columns: samples, repeating: 1)
            stream = RandomStream(seed: seed)
        }

        /// The mutual information of the batch with each row added to it, nats.
        func scores() -> [Double] {
            let (rows, classes, samples) = (probabilities[0].rows, probabilities[0].columns, probabilities.count)
            let known = taken.reduce(0) { $0 + conditional[$1] }
            let marginal = joint.rowSums().map { $0 / Double(samples) }
            return (0..<rows).map { row in
                let own = Matrix<Double>(
                    rows: samples, columns: classes, elements: probabilities.flatMap { $0.row(row) })
                let both = joint.multiplied(by: own, scaledBy: 1 / Double(samples))
                let entropies = Self.entropies(both)
                var sum = 0.0
                for outcome in 0..<both.rows {
                    sum += (isDrawn ? 1 / (marginal[outcome] * Double(both.rows)) : 1) * entropies[outcome]
                }
                return sum - known - conditional[row]
            }
        }

        /// −Σ p·ln p of each row, nats.
        private static func entropies(_ p: Matrix<Double>) -> [Double] {
            // The logarithm of 0 would be −∞, and 0·−∞ is no number.
            var floored = p
            floored.withUnsafeMutableElements {
                for place in $0.indices { $0[place] = max($0[place], .leastNormalMagnitude) }
            }
            return p.multipliedElementwise(by: floored.log()).rowSums().map { -$0 }
        }

        mutating func take(_ row: Int, limit: Int) {
            let (classes, samples) = (probabilities[0].columns, probabilities.count)
            taken.append(row)
            if !isDrawn, joint.rows * classes <= limit {
                var next = Matrix<Double>(rows: joint.rows * classes, columns: samples)
                for outcome in 0..<joint.rows {
                    for k in 0..<classes {
                        for sample in 0..<samples {
                            next[outcome * classes + k, sample] = joint[outcome, sample] * probabilities[sample][row, k]
                        }
                    }
                }
                joint = next
                return
            }
            isDrawn = true
            var next = Matrix<Double>(rows: limit, columns: samples, repeating: 1)
            for outcome in 0..<limit {
                let drawn = probabilities[stream.integer(below: samples)]
                for member in taken {
                    let label = draw(drawn.row(member))
                    for sample in 0..<samples { next[outcome, sample] *= probabilities[sample][member, label] }
                }
            }
            joint = next
        }

        private mutating func draw(_ weights: [Double]) -> Int {
            var rest = stream.uniform()
            for (k, weight) in weights.enumerated() {
                rest -= weight
                if rest < 0 { return k }
            }
            return weights.count - 1
        }
    }
}

/// −Σ p·ln p, nats.
func entropy(_ probabilities: [Double]) -> Double {
    probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
}
