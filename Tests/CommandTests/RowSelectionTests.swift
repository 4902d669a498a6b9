import Testing

@testable import CredenceCommand

@Suite struct RowSelectionTests {
    private func chosen(_ part: RowPart, rows: Int, seed: UInt64) -> [Bool] {
        var selection = part.selection(rows: rows, seed: seed)
        return (0..<rows).map { _ in selection.next() }
    }

    @Test(arguments: [1, 2, 3, 7], [0, 1, 6, 100, 1001])
    func partsAreDisjointCompleteAndOfEqualSize(count: Int, rows: Int) {
        let parts = (1...count).map { chosen(RowPart($0, of: count), rows: rows, seed: 5) }
        for row in 0..<rows { #expect(parts.filter { $0[row] }.count == 1) }
        let sizes = parts.map { $0.filter { $0 }.count }
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }

    /// The chosen rows' mean place, whose standard error is that of a sample without replacement.
    @Test func everyRowIsAsLikely() {
        let rows = 10_000
        let places = chosen(RowPart(2, of: 10), rows: rows, seed: 3).enumerated().filter(\.element).map(\.offset)
        #expect(places.count == 1000)
        let mean = Double(places.reduce(0, +)) / 1000
        let error = (Double(rows * rows) / 12 / 1000 * 0.9).squareRoot()
        #expect(abs(mean - Double(rows - 1) / 2) < 5 * error)
        #expect(chosen(RowPart(2, of: 10), rows: rows, seed: 4) != chosen(RowPart(2, of: 10), rows: rows, seed: 3))
    }
}
