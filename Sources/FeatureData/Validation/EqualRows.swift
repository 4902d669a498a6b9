/// Finds rows with the same numbers, in one split or in two, by 64-bit checksums.
///
/// 16 bytes a row, O(rows · log rows). Rows that differ have the same checksum with probability rows²/2⁶⁵.
struct EqualRows {
    private struct Entry {
        var checksum: UInt64
        /// The group in the top byte, the row below.
        var place: UInt64
    }

    private var entries: [Entry] = []

    mutating func add(_ checksum: UInt64, group: Int, row: Int) {
        entries.append(Entry(checksum: checksum, place: UInt64(group) << 56 | UInt64(row)))
    }

    /// A row and where it was seen.
    struct Place: Equatable {
        var group: Int
        var row: Int
    }

    /// Calls `body` with the places of every set of two rows or more that are equal: by group, then by row.
    mutating func forEachSet(_ body: ([Place]) throws -> Void) rethrows {
        entries.sort { ($0.checksum, $0.place) < ($1.checksum, $1.place) }
        var start = 0
        while start < entries.count {
            var end = start + 1
            while end < entries.count, entries[end].checksum == entries[start].checksum { end += 1 }
            if end > start + 1 {
                try body(
                    entries[start..<end].map { Place(group: Int($0.place >> 56), row: Int($0.place & (1 << 56 - 1))) })
            }
            start = end
        }
    }
}
