import Foundation
import Prediction
import Probability

/// Which of the training rows a protocol learns from, and whether some of them take the place of the test rows: for
/// choosing settings without a look at test rows, for few-shot and for long-tailed learning.
///
/// The parts are taken one after another, class by class: first the held-out rows; of the others at most `rowsPerClass`;
/// of these the share that `imbalance` leaves. Every class has one random order of its rows, by `seed` and the class's
/// label, and each part is cut from it. So the held-out rows do not depend on the other two settings, and fewer rows
/// are always a part of more rows.
public struct TrainingSubset: Sendable, Equatable {
    /// The share of every class's training rows that is taken out of training and examined instead of the test rows,
    /// above 0 and below 1; `nil` for the test rows. Of n rows, share · n to the nearest number are held out, at least
    /// one and at most n − 1.
    public var holdout: Double?
    /// The most training rows of a class ("shots"), at least 1; `nil` for all.
    public var rowsPerClass: Int?
    /// R ≥ 1, the number of rows of the most frequent class over that of the rarest: the class at place k of K, in a
    /// random order by `seed`, keeps n · R^(−k/(K−1)) of its n rows to the nearest number, at least one (Cui et al.
    /// 2019, arXiv 1901.05555, section 5.1); `nil` for all.
    public var imbalance: Double?
    public var seed: UInt64

    public init(
        holdout: Double? = nil, rowsPerClass: Int? = nil, imbalance: Double? = nil, seed: UInt64 = 1
    ) {
        self.holdout = holdout
        self.rowsPerClass = rowsPerClass
        self.imbalance = imbalance
        self.seed = seed
    }

    /// The settings that are given, by name, for the results.
    public var settings: [String: String] {
        var settings: [String: String] = [:]
        if let holdout { settings["holdout"] = "\(holdout)" }
        if let rowsPerClass { settings["rows_per_class"] = "\(rowsPerClass)" }
        if let imbalance { settings["imbalance"] = "\(imbalance)" }
        return settings
    }

    /// What a training row is for.
    enum Role: UInt8 {
        case unused, training, heldOut
    }

    /// The role of every row.
    ///
    /// - Parameters:
    ///   - labels: the label of every row.
    ///   - classes: the labels that count; rows of others are unused. Their order does not matter.
    ///   - names: the name of every label, for errors.
    /// - Throws: `TrainingSubsetError`; `HeadError.classWithoutRows` for one of `classes` that has none.
    func roles(ofRows labels: [Int], classes: [Int], names: [String]) throws -> [Role] {
        try validate()
        let classes = classes.sorted()
        var rowsOfClass = [[Int]](repeating: [], count: names.count)
        for (row, label) in labels.enumerated() { rowsOfClass[label].append(row) }
        let places = places(of: classes.count)
        var roles = [Role](repeating: .unused, count: labels.count)
        for (place, label) in zip(places, classes) {
            var rows = rowsOfClass[label]
            guard !rows.isEmpty else { throw HeadError.classWithoutRows(names[label]) }
            var stream = random.split(0).split(label)
            stream.shuffle(&rows)
            let held = try heldOut(of: rows.count, className: names[label])
            for row in rows.prefix(held) { roles[row] = .heldOut }
            let kept = kept(of: rows.count - held, place: place, classes: classes.count)
            for row in rows.dropFirst(held).prefix(kept) { roles[row] = .training }
        }
        return roles
    }

    /// A stream of its own, numbered by the letters of "subset": heads and selectors draw from the seed's first children.
    private var random: RandomStream { RandomStream(seed: seed).split(0x7375_6273_6574 as UInt64) }

    /// The place of each class in the order from the most frequent to the rarest.
    private func places(of classes: Int) -> [Int] {
        var stream = random.split(1)
        return stream.permutation(classes)
    }

    private func heldOut(of count: Int, className: String) throws -> Int {
        guard let holdout else { return 0 }
        guard count > 1 else { throw TrainingSubsetError.cannotHoldOut(className: className) }
        return min(max(Int((holdout * Double(count)).rounded()), 1), count - 1)
    }

    private func kept(of count: Int, place: Int, classes: Int) -> Int {
        let most = min(count, rowsPerClass ?? count)
        guard let imbalance, classes > 1 else { return most }
        let share = pow(imbalance, -Double(place) / Double(classes - 1))
        return max(Int((Double(most) * share).rounded()), 1)
    }

    private func validate() throws(TrainingSubsetError) {
        if let holdout, !(holdout > 0 && holdout < 1) { throw .holdout(holdout) }
        if let rowsPerClass, rowsPerClass < 1 { throw .rowsPerClass(rowsPerClass) }
        if let imbalance, !(imbalance >= 1 && imbalance.isFinite) { throw .imbalance(imbalance) }
    }
}

/// What cannot be a subset of the training rows.
public enum TrainingSubsetError: Error, Equatable, CustomStringConvertible {
    case holdout(Double)
    case rowsPerClass(Int)
    case imbalance(Double)
    case cannotHoldOut(className: String)

    public var description: String {
        switch self {
        case .holdout(let share): "a holdout of \(share), expected a share above 0 and below 1"
        case .rowsPerClass(let rows): "\(rows) rows per class, expected 1 or more"
        case .imbalance(let factor): "an imbalance of \(factor), expected a finite number from 1 up"
        case .cannotHoldOut(let name):
            "class '\(name)' has a single training row, a holdout needs 2 or more"
        }
    }
}
