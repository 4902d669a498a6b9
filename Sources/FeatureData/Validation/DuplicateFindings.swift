// What equal rows mean: copies in a split, test rows that were learnt from, and labels that contradict each other.
import Foundation

/// Findings about equal rows.
struct DuplicateFindings {
    private(set) var findings: [DataFinding] = []
    /// Rows of each group that equal an earlier one of the group.
    private(set) var counts: [Int]

    /// A number of rows with the first of them and what each equals.
    private struct Pairs {
        var count = 0
        var first: [(row: EqualRows.Place, other: EqualRows.Place)] = []

        mutating func add(_ row: EqualRows.Place, _ other: EqualRows.Place) {
            count += 1
            // Sets come by checksum; the first rows of the file are wanted.
            first.append((row, other))
            if first.count > 64 { trim() }
        }

        mutating func trim() {
            first.sort { ($0.row.group, $0.row.row) < ($1.row.group, $1.row.row) }
            first = Array(first.prefix(DataFinding.listed))
        }
    }

    init(_ equal: inout EqualRows, _ groups: [RowGroup]) {
        counts = groups.map { _ in 0 }
        let (train, test) = (groups.firstIndex { $0.name == "train" }, groups.firstIndex { $0.name == "test" })
        var copies = groups.map { _ in Pairs() }
        var (shared, contradicting) = (Pairs(), Pairs())
        equal.forEachSet { places in
            for (index, place) in places.enumerated().dropFirst() where places[index - 1].group == place.group {
                copies[place.group].add(place, places.first { $0.group == place.group } ?? place)
            }
            if let train, let test, let learnt = places.first(where: { $0.group == train }) {
                for place in places where place.group == test { shared.add(place, learnt) }
            }
            let first = places[0]
            guard let label = groups[first.group].label(of: first.row) else { return }
            for place in places.dropFirst() {
                if let other = groups[place.group].label(of: place.row), other != label { contradicting.add(place, first) }
            }
        }
        for (index, pairs) in copies.enumerated() {
            counts[index] = pairs.count
            add(.duplicateRows, pairs, groups, ("equals an earlier one", "equal an earlier one"))
        }
        add(
            .sharedRows, shared, groups,
            ("is a training row, so that figures are too good", "are training rows, so that figures are too good"))
        add(
            .contradictingLabels, contradicting, groups,
            ("has another label than an equal row", "have other labels than equal rows"))
    }

    private mutating func add(
        _ kind: DataFinding.Kind, _ pairs: Pairs, _ groups: [RowGroup], _ what: (one: String, several: String)
    ) {
        var pairs = pairs
        pairs.trim()
        guard let first = pairs.first.first, let place = groups[first.row.group].location(of: first.row.row) else { return }
        let shown = pairs.first.compactMap { pair -> String? in
            guard let row = groups[pair.row.group].location(of: pair.row.row),
                let other = groups[pair.other.group].location(of: pair.other.row)
            else { return nil }
            let here = row.tensor.url == place.tensor.url ? "" : " of \(row.tensor.url.lastPathComponent)"
            let there = other.tensor.url == row.tensor.url ? "" : " of \(other.tensor.url.lastPathComponent)"
            return "row \(row.row)\(here) = row \(other.row)\(there)"
        }.joined(separator: ", ")
        findings.append(
            DataFinding(
                .warning, kind,
                place.tensor.error(
                    (pairs.count == 1 ? "1 row \(what.one)" : "\(pairs.count) rows \(what.several)")
                        + ": \(shown)\(pairs.count > pairs.first.count ? ", …" : "")"),
                count: pairs.count,
                rows: pairs.first.compactMap { groups[$0.row.group].location(of: $0.row.row)?.row }))
    }
}
