extension Parallelism {
    /// Runs `body` on consecutive ranges that cover `0..<count`, cut by `count` and `size` alone: pieces of `size`, the
    /// last one shorter. One piece runs on the calling thread.
    package static func forEachRange(of count: Int, size: Int, _ body: @Sendable (Range<Int>) -> Void) {
        guard count > 0 else { return }
        let size = max(1, size)
        guard count > size else { return body(0..<count) }
        forEach(pieces: (count + size - 1) / size) { piece in
            body(piece * size..<min(count, (piece + 1) * size))
        }
    }

    /// Elements worth a piece of their own: tens of microseconds of work, well above the price of waking a thread.
    package static var elementsPerPiece: Int { 65_536 }

    /// Rows worth a piece of their own.
    package static func rowsPerPiece(columns: Int) -> Int { max(1, elementsPerPiece / max(1, columns)) }
}
