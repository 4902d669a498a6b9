import FeatureData
import Matrices
import Prediction
import Probability

/// Labelled rows that a combination keeps to fit weights and gate on, which its heads have not learnt: of every class the same number
/// at most. They are kept as they are, D Floats each.
struct HeldOutRows: Sendable {
    /// In the order of classes.
    private(set) var rows: LabelledFeatures

    init(dimension: Int) { self.init(LabelledFeatures(features: Matrix(rows: 0, columns: dimension), labels: [])) }

    init(_ rows: LabelledFeatures) { self.rows = rows }

    /// Parts a task's rows: of each class `share` of its rows, `most` at most, chosen by `random`.
    static func split(
        _ rows: LabelledFeatures, share: Double, most: Int, random: RandomStream
    ) -> (learning: LabelledFeatures, heldOut: LabelledFeatures) {
        var isHeldOut = [Bool](repeating: false, count: rows.count)
        for (label, members) in Dictionary(grouping: rows.labels.indices, by: { rows.labels[$0] }) {
            var stream = random.split(label)
            var order = members
            stream.shuffle(&order)
            // Never all rows of a class, whatever the share.
            let count = min(most, Int(share * Double(members.count)), members.count - 1)
            for row in order.prefix(max(count, 0)) { isHeldOut[row] = true }
        }
        return (
            rows.selecting(rows.labels.indices.filter { !isHeldOut[$0] }),
            rows.selecting(rows.labels.indices.filter { isHeldOut[$0] })
        )
    }

    /// Takes in more rows; of classes that then have more than `most`, so many are chosen by `random`.
    mutating func add(_ new: LabelledFeatures, most: Int, random: RandomStream) {
        let all = LabelledFeatures(
            features: rows.features.appendingRows(new.features), labels: rows.labels + new.labels)
        var kept: [Int] = []
        for (label, members) in Dictionary(grouping: all.labels.indices, by: { all.labels[$0] }).sorted(by: {
            $0.key < $1.key
        }) {
            guard members.count > most else {
                kept += members
                continue
            }
            var stream = random.split(label)
            var order = members
            stream.shuffle(&order)
            kept += order.prefix(most).sorted()
        }
        rows = all.selecting(kept)
    }

    /// Those of `others` that are not among the rows kept back here, compared by a checksum of 64 bits.
    func excluding(from others: LabelledFeatures) -> LabelledFeatures {
        guard rows.count > 0, others.count > 0 else { return others }
        let own = Set(rows.features.rowChecksums())
        let checksums = others.features.rowChecksums()
        let kept = others.labels.indices.filter { !own.contains(checksums[$0]) }
        return kept.count == others.count ? others : others.selecting(kept)
    }
}

extension Matrix where Scalar == Float {
    fileprivate func rowChecksums() -> [UInt64] {
        (0..<rows).map { row in
            var fingerprint = Fingerprint()
            fingerprint.add(UnsafeRawBufferPointer(start: pointer + row * columns, count: columns * 4))
            return fingerprint.value
        }
    }
}
