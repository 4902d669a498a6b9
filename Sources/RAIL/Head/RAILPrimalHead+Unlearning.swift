import FeatureData
import Matrices
import Prediction

/// A head that can forget rows exactly: as if it had never learnt them.
public protocol UnlearningHead: ArchivableHead {
    /// Takes rows out of what was learnt, and classes out of what is known.
    ///
    /// - Parameters:
    ///   - rows: unit-length rows as they were learnt; labels index the head's classes.
    ///   - classes: indices of the classes that go altogether. All of their rows must be among `rows`.
    /// - Throws: `HeadError.invalidTask` where rows were not learnt as far as that can be told; the head is then unchanged.
    mutating func unlearn(_ rows: LabelledFeatures, removing classes: Set<Int>) throws
}

extension RAILPrimalHead: UnlearningHead {
    /// The sums of the rows are subtracted and the weights solved for again: to rounding, the head that never learnt them.
    /// The link from scores to logits stays as it was fitted.
    ///
    /// Whether a whole class was learnt from just these rows is checked by the number of rows and their sum of φ. That single
    /// rows of a class that stays were learnt cannot be told from sums alone; only what contradicts the sums is refused.
    /// Needs twice the head's memory for the time of the call.
    public mutating func unlearn(_ rows: LabelledFeatures, removing classes: Set<Int>) throws {
        try UnlearningCheck.run(rows, removing: classes, of: self, counts: rowCounts)
        let before = self
        do {
            guard let expansion, let precision else { return }
            try stage(rows, classes: classNames.count, expansion: expansion, precision: precision) { _ in }
            try checkSums(of: classes)
            system?.commit(subtracting: true)
            system?.removeClasses(classes)
            let kept = classNames.indices.filter { !classes.contains($0) }
            textFeatures = textFeatures.selectingRows(kept)
            (classNames, classesPerTask) = UnlearningCheck.remaining(classNames, classesPerTask, removing: classes)
            guard !classNames.isEmpty else {
                system = nil
                solution = RidgeSolution()
                if case .randomUnits = expansion.kind { self.expansion = nil }
                return
            }
            try resolve()
        } catch {
            self = before
            guard error is LinearAlgebraError else { throw error }
            throw HeadError.invalidTask(
                "rows to unlearn were not learnt by this model: without them its Gram matrix would not be one (\(error))")
        }
    }

    /// The rows' sums of φ must be those of the classes that go.
    private func checkSums(of classes: Set<Int>) throws {
        guard let system, let staged = system.staged else { return }
        // Sums of the same rows in other blocks differ by rounding.
        let tolerance = system.precision == .double ? 1e-9 : 1e-4
        for label in classes.sorted() {
            let (own, given) = (system.cross.row(label), staged.cross.row(label))
            let size = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let difference = zip(own, given).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            guard difference <= tolerance * size else {
                throw HeadError.invalidTask(
                    "the rows given for class '\(classNames[label])' are not those that the model learnt")
            }
        }
    }
}

/// What heads that unlearn check and do alike.
enum UnlearningCheck {
    /// - Throws: `HeadError` for rows of another dimension, labels out of range, more rows of a class than were learnt, and
    ///   classes of which some rows would stay, or none though they are not to go.
    static func run(_ rows: LabelledFeatures, removing classes: Set<Int>, of head: some Head, counts: [Int]) throws {
        guard rows.features.columns == head.featureDimension else {
            throw HeadError.featureDimension(expected: head.featureDimension, found: rows.features.columns)
        }
        let known = head.classNames.count
        guard let names = classes.isSubset(of: Set(0..<known)) ? head.classNames : nil else {
            throw HeadError.invalidTask("a class to unlearn is not one of the \(known) known")
        }
        guard rows.count > 0 || !classes.isEmpty else { throw HeadError.invalidTask("there is nothing to unlearn") }
        if let bad = rows.labels.firstIndex(where: { $0 < 0 || $0 >= known }) {
            throw HeadError.invalidTask("row \(bad) to unlearn has label \(rows.labels[bad]), outside the \(known) classes")
        }
        let given = rows.counts(ofClasses: known)
        for label in 0..<known {
            let (learnt, taken) = (counts[label], given[label])
            guard taken <= learnt else {
                throw HeadError.invalidTask("\(taken) rows of class '\(names[label])' to unlearn, \(learnt) were learnt")
            }
            if classes.contains(label), taken < learnt {
                throw HeadError.invalidTask(
                    "class '\(names[label])' was learnt from \(learnt) rows, \(taken) of them were given to unlearn it")
            }
            if !classes.contains(label), taken == learnt {
                throw HeadError.invalidTask(
                    "no row of class '\(names[label])' would be left: unlearn the class as a whole")
            }
        }
    }

    /// Names and the classes of each task without `classes`; tasks without a class left are dropped.
    static func remaining(
        _ names: [String], _ classesPerTask: [Int], removing classes: Set<Int>
    ) -> (names: [String], classesPerTask: [Int]) {
        var start = 0
        var perTask: [Int] = []
        for count in classesPerTask {
            let left = (start..<start + count).filter { !classes.contains($0) }.count
            // A task that only updated known classes stays, unless it would come first.
            if left > 0 || (count == 0 && !perTask.isEmpty) { perTask.append(left) }
            start += count
        }
        return (names.indices.filter { !classes.contains($0) }.map { names[$0] }, perTask)
    }
}
