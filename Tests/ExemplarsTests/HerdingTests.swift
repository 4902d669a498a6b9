import Matrices
import Probability
import Testing

@testable import Exemplars

@Suite struct HerdingTests {
    /// Rows about a centre with one dimension far larger than the others, as CLIP's features have.
    private func rows(_ count: Int, _ width: Int, spread: Float) -> Matrix<Float> {
        var noise = NormalNoise(seed: UInt64(count * width))
        var rows: Matrix<Float> = noise.matrix(rows: count, columns: width)
        rows = spread * rows
        for row in 0..<count { rows[row, width / 2] += 5 }
        return rows
    }

    /// Rows of Doubles are all computed exactly; those of Floats only where the first look leaves a doubt.
    @Test(arguments: [(400, 512), (1000, 33), (7, 3), (300, 1500)], [Float(0.2), 1])
    func theFirstLookLosesNoRow(_ shape: (rows: Int, columns: Int), spread: Float) {
        let features = rows(shape.rows, shape.columns, spread: spread)
        for normalizes in [true, false] {
            let quick = Herding.select(25, of: features, normalizesMean: normalizes)
            let exact = Herding.select(25, of: Matrix<Double>(features), normalizesMean: normalizes)
            #expect(quick.indices == exact.indices)
            for (one, other) in zip(quick.gains, exact.gains) { #expect(abs(one - other) < 1e-6) }
        }
    }

    @Test(arguments: [1, 17, 512, 1025, 3000])
    func productsOfRoundedRowsLieWithinTheirBounds(width: Int) {
        let features = rows(100, width, spread: 0.7)
        let centre = features.columnMeans()
        let weights = (0..<100).map { 1 / Float($0 + 1) }
        let rounded = RoundedRows(features, weights: weights, centre: centre)
        for seed in 0..<3 {
            var noise = NormalNoise(seed: UInt64(seed))
            let vector = (noise.matrix(rows: 1, columns: width) as Matrix<Double>).elements
            let (values, errors) = rounded.products(vector)
            for row in 0..<100 {
                let exact = zip(zip(features.row(row), centre), vector).reduce(0.0) {
                    $0 + (Double(weights[row]) * Double($1.0.0) - Double($1.0.1)) * $1.1
                }
                #expect(abs(Double(values[row]) - exact) <= Double(errors[row]))
            }
        }
        let none = rounded.products(Array(repeating: 0, count: width))
        #expect(none.values.allSatisfy { $0 == 0 })
    }
}
