import Matrices
import Probability

/// Quasi-random standard normal draws of the logits of many rows: a bank of point sets, each scrambled by itself, from
/// which every row of every step takes one at random.
///
/// A set has `draws` points in as many dimensions as there are classes. Sobol's sequence ends at 40 dimensions; more
/// classes take several scrambled sequences side by side, their points paired at random (Latin supercube sampling,
/// Owen 1998, doi:10.1145/272991.272995). The inverse distribution function is too slow to be taken at every step, hence the
/// bank.
struct QuasiRandomNormals {
    /// `[sets · draws, classes]`.
    private let bank: Matrix<Float>
    private let draws: Int
    private var random: RandomStream

    private static let sets = 128

    init(draws: Int, classes: Int, random: RandomStream) throws {
        self.random = random.split(0)
        self.draws = draws
        var scrambling = random.split(1)
        var bank = Matrix<Float>(rows: Self.sets * draws, columns: classes)
        let width = QuasiRandomSequence.Family.sobol.maximumDimension
        for set in 0..<Self.sets {
            for first in stride(from: 0, to: classes, by: width) {
                let dimension = min(width, classes - first)
                var sequence = try QuasiRandomSequence(
                    .sobol, dimension: dimension, scrambling: .owen, &scrambling)
                let points = try sequence.normals(draws)
                let order = scrambling.permutation(draws)
                for draw in 0..<draws {
                    for d in 0..<dimension { bank[set * draws + draw, first + d] = Float(points[order[draw], d]) }
                }
            }
        }
        self.bank = bank
    }

    /// `[own.count · draws, classes]`: the draws of the rows `own` of the next `rows`.
    mutating func next(rows: Int, own: Range<Int>) -> Matrix<Float> {
        var result = Matrix<Float>(uninitialized: own.count * draws, bank.columns)
        let target = result.mutablePointer()
        let size = draws * bank.columns
        for row in 0..<rows {
            let set = random.integer(below: Self.sets)
            guard own.contains(row) else { continue }
            (target + (row - own.lowerBound) * size).update(from: bank.pointer + set * size, count: size)
        }
        return result
    }
}
