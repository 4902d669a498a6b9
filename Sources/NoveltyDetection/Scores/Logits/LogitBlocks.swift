import Matrices
import Prediction

extension NoveltyScore {
    /// One score a row from the mean logits, block by block while they are in the cache.
    func scoresOfMeanLogits(
        _ input: NoveltyInput, _ body: @Sendable (Matrix<Float>) -> [Float]
    ) throws(NoveltyError) -> [Float] {
        RowBlocks.scores(try input.posterior(for: self).mean, body)
    }

    /// - Throws: `NoveltyError.setting` unless `value` is a finite number above 0.
    func check(positive value: Float, _ setting: String) throws(NoveltyError) {
        try require(value > 0 && value.isFinite, setting, value, "a finite number above 0")
    }

    /// - Throws: `NoveltyError.setting` unless `value` is `least` at least.
    func check(_ value: Int, atLeast least: Int, _ setting: String) throws(NoveltyError) {
        try require(value >= least, setting, value, "\(least) or more")
    }
}

extension Matrix where Scalar == Float {
    /// The largest element of each row, and the row without it: the element's place holds `replacement`.
    func splittingOffRowMaxima(replacement: Float) -> (maxima: [Float], rest: Matrix<Float>) {
        var (maxima, rest): ([Float], Matrix<Float>) = ([], self)
        maxima.reserveCapacity(rows)
        rest.withUnsafeMutableElements { elements in
            for (row, best) in rowArgmaxima().enumerated() {
                maxima.append(elements[row * columns + best])
                elements[row * columns + best] = replacement
            }
        }
        return (maxima, rest)
    }
}
