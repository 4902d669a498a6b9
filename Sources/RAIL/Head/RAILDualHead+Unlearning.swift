import FeatureData
import Matrices
import Prediction

extension RAILDualHead: UnlearningHead {
    /// The rows are looked up among those kept and taken out, and the rest is solved for again with the kernel and λ in use:
    /// to rounding, the head that never learnt them. A landmark that goes is not replaced; the link stays as it was fitted.
    public mutating func unlearn(_ taken: LabelledFeatures, removing classes: Set<Int>) throws {
        try UnlearningCheck.run(taken, removing: classes, of: self, counts: rows.counts(ofClasses: classNames.count))
        let gone = try places(of: taken)
        let stay = rows.labels.indices.filter { !gone.contains($0) }
        let before = self
        do {
            var place = [Int](repeating: -1, count: classNames.count)
            for (new, old) in classNames.indices.filter({ !classes.contains($0) }).enumerated() { place[old] = new }
            let landmarks = engine.landmarks
            rows = rows.selecting(stay)
            rows.labels = rows.labels.map { place[$0] }
            textFeatures = textFeatures.selectingRows(classNames.indices.filter { !classes.contains($0) })
            (classNames, classesPerTask) = UnlearningCheck.remaining(classNames, classesPerTask, removing: classes)
            guard !classNames.isEmpty else {
                (engine, regulariser, kernel, link) = (.none, nil, recipe.kernel, ScoreLink())
                return
            }
            if let landmarks, rows.count > recipe.exactRows {
                let position = Dictionary(uniqueKeysWithValues: stay.enumerated().map { ($1, $0) })
                let kept = landmarks.compactMap { position[$0] }
                try solve(landmarks: kept.isEmpty ? [0] : kept, Matrix<Double>(rows.features)) {}
            } else {
                try solve(adding: rows.count, seed: 0, from: .none) {}
            }
        } catch {
            self = before
            throw error
        }
    }

    /// The kept rows that equal the ones given, each counted once.
    private func places(of taken: LabelledFeatures) throws -> Set<Int> {
        var known: [Key: [Int]] = [:]
        for (row, label) in rows.labels.enumerated() {
            known[Key(label: label, values: rows.features.row(row)), default: []].append(row)
        }
        var places = Set<Int>()
        for (row, label) in taken.labels.enumerated() {
            let key = Key(label: label, values: taken.features.row(row))
            guard let place = known[key]?.popLast() else {
                throw HeadError.invalidTask(
                    "row \(row) to unlearn, of class '\(classNames[label])', is not among the rows that were learnt")
            }
            places.insert(place)
        }
        return places
    }

    private struct Key: Hashable {
        let label: Int
        let values: [Float]
    }
}
