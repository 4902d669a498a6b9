import Synchronization

/// Rows in tiles of one fixed size, so that a row's answer has the same bits whatever rows it is asked for with.
///
/// A matrix product rounds differently for another number of rows: the library chooses its kernels, and the order of their
/// sums, by shape. Within one shape every row is summed alike, wherever it stands (tested on every head and score). A
/// last tile that is not full is filled up with copies of its last row, whose answers are thrown away.
public enum RowTiles {
    /// Rows of a tile: few, so that one row alone costs little, and enough for five sixths of the rate of large products or more.
    public static let rows = 64

    /// `body` of every tile `[RowTiles.rows, D]` with the number of rows in it that count, in order. Tiles are taken by
    /// several threads; inside there is one.
    ///
    /// - Throws: the first tile's error.
    public static func map<Answer: Sendable>(
        _ features: Matrix<Float>, _ body: @Sendable (_ tile: Matrix<Float>, _ count: Int) throws -> Answer
    ) throws -> [Answer] {
        let count = (features.rows + rows - 1) / rows
        if count <= 1 { return count == 0 ? [] : [try body(tile(0, of: features), features.rows)] }
        let answers = Mutex([Result<Answer, any Error>?](repeating: nil, count: count))
        Parallelism.forEach(pieces: count) { index in
            let answer = Result { try body(tile(index, of: features), min(rows, features.rows - index * rows)) }
            answers.withLock { $0[index] = answer }
        }
        return try answers.withLock { answers in try answers.compactMap { try $0?.get() } }
    }

    private static func tile(_ index: Int, of features: Matrix<Float>) -> Matrix<Float> {
        let (first, width) = (index * rows, features.columns)
        let count = min(rows, features.rows - first)
        var tile = Matrix<Float>(uninitialized: rows, width)
        let target = tile.mutablePointer()
        target.update(from: features.pointer + first * width, count: count * width)
        for row in count..<rows { (target + row * width).update(from: target + (count - 1) * width, count: width) }
        return withExtendedLifetime(features) { tile }
    }
}
