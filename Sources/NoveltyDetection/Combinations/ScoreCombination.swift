import Matrices
import Prediction

/// A score made of other scores, each fitted to one part of the known rows and compared with its scores of the other part.
///
/// How a part's score compares with known rows' scores does not depend on the rows that are scored beside it, so neither
/// does the combination.
public protocol ScoreCombination: FittableNoveltyScore where Model == CombinedScores {
    /// The names of the scores, with their default settings; two at least.
    var scores: [String] { get }
    /// The share of the known rows that the scores are compared with and not fitted to, above 0 and below 1.
    var heldOut: Float { get }
}

extension ScoreCombination {
    public func checkSettings() throws(NoveltyError) { try checkParts() }

    func checkParts() throws(NoveltyError) {
        try require(heldOut > 0 && heldOut < 1, "heldOut", heldOut, "above 0 and below 1")
        try require(scores.count > 1, "scores", scores.joined(separator: ","), "two names at least")
        if let twice = scores.indices.first(where: { scores[..<$0].contains(scores[$0]) }) {
            throw .duplicateScore(scores[twice])
        }
        for part in scores {
            guard let score = NoveltyScores.named(part) else { throw .unknownScore(part) }
            try require(!(score is any ScoreCombination), "scores", part, "scores that are no combinations")
        }
    }

    /// What the parts need together.
    public var needs: NoveltyNeeds {
        scores.reduce(into: [.fitting, .labels]) { $0.formUnion(NoveltyScores.named($1)?.needs ?? []) }
    }

    /// Whether each of `count` rows, two at least, is compared with and not fitted to: by a hash of its place, so that no order
    /// of the rows, by class or round the classes, leaves a class out; one of each kind at least.
    func heldOutRows(of count: Int, seed: UInt64) -> @Sendable (Int) -> Bool {
        let (share, last) = (Double(heldOut), count - 1)
        let isChosen: @Sendable (Int) -> Bool = { Self.uniform(seed &+ UInt64($0)) < share }
        let chosen = (0..<count).count(where: isChosen)
        return { chosen == 0 ? $0 == last : chosen == count ? $0 != last : isChosen($0) }
    }

    /// A number in 0..<1 for each integer: a choice that any pass makes again without memory.
    private static func uniform(_ integer: UInt64) -> Double { Double(SplitMix64.hash(integer) >> 11) * 0x1p-53 }

    /// The parts fitted to some of the known rows, with their scores of the others.
    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> CombinedScores {
        try fittedPartsAndRows(rows, notes: &notes).model
    }

    /// The same with the rows of the fit, the others, and the others' scores row by row, by part.
    func fittedPartsAndRows(
        _ rows: KnownRows, notes: inout [String]
    ) throws -> (model: CombinedScores, fitting: KnownRows, heldOut: KnownRows, scores: [[Float]]) {
        guard rows.count > 1 else {
            throw NoveltyError.cannotFit(score: name, reason: "needs two known rows at least, found \(rows.count)")
        }
        let isHeldOut = heldOutRows(of: rows.count, seed: rows.seed)
        let fitting = rows.selecting { !isHeldOut($0) }
        var parts: [any NoveltyScore] = []
        for part in scores {
            guard let score = NoveltyScores.named(part) else { throw NoveltyError.unknownScore(part) }
            let ready = try score.ready(fitting)
            for note in (ready as? any AnyFittedNoveltyScore)?.notes ?? [] {
                notes.append(note.hasPrefix("\(part):") ? note : "\(part): \(note)")
            }
            parts.append(ready)
        }
        let needsPosterior = parts.contains { $0.needs.contains(.posterior) }
        var known: [[Float]] = parts.map { _ in [] }
        let heldOut = rows.selecting(isHeldOut)
        try heldOut.forEachBlock(posterior: needsPosterior) { block in
            let input = block.posterior.map { NoveltyInput(posterior: $0, features: block.features) }
            for (index, part) in parts.enumerated() {
                known[index] += try part.scores(for: input ?? NoveltyInput(features: block.features))
            }
        }
        for (index, values) in known.enumerated() {
            if let row = values.firstIndex(where: \.isNaN) {
                throw NoveltyError.cannotFit(score: name, reason: "'\(scores[index])' of held-out row \(row) is not a number")
            }
        }
        return (CombinedScores(parts: parts, known: known.map { $0.sorted() }, weights: []), fitting, heldOut, known)
    }
}

extension NoveltyScore {
    /// This score, fitted where it is of the kind that is.
    public func ready(_ rows: KnownRows) throws -> any NoveltyScore {
        func fit(_ score: some FittableNoveltyScore) throws -> any NoveltyScore { try score.fitted(to: rows) }
        if let fittable = self as? any FittableNoveltyScore { return try fit(fittable) }
        if needs.contains(.posterior), !rows.hasPosterior { throw NoveltyError.missing(.posterior, score: name) }
        return self
    }
}

/// Scores that are fitted, with what held-out known rows score.
public struct CombinedScores: NoveltyModel {
    let parts: [any NoveltyScore]
    /// By part, ascending.
    let known: [[Float]]
    /// By part, worked out of `known`.
    private let beyond: [KnownTail]
    /// Of a combination that has some: one a part, then the constant.
    var weights: [Double]

    init(parts: [any NoveltyScore], known: [[Float]], weights: [Double]) {
        (self.parts, self.known, self.weights) = (parts, known, weights)
        beyond = known.map { KnownTail(ascending: $0) }
    }

    /// By part, for each row the share of known rows with a higher score, those with the same counting half: from
    /// ½/(n + 1) to 1 − ½/(n + 1), in which the row itself is one of n + 1.
    func tails(_ input: NoveltyInput) throws -> [[Double]] { tails(of: try scores(input)) }

    /// By part.
    func scores(_ input: NoveltyInput) throws -> [[Float]] { try parts.map { try $0.scores(for: input) } }

    /// By part, for each row how far its score lies beyond all known ones: minus the logarithm of the share of such rows that the
    /// tail of the known scores, carried on, has beyond it. 0 up to the largest known score, NaN for NaN. `exp(-rarity)` times
    /// the row's `tails` goes on where the tails, which are all ½/(n + 1) there, stand still.
    func rarities(of scores: [[Float]]) -> [[Double]] {
        zip(scores, beyond).map { scores, beyond in scores.map { beyond.rarity(Double($0)) } }
    }

    func tails(of scores: [[Float]]) -> [[Double]] {
        zip(scores, known).map { scores, known in
            let values = known.map(Double.init)
            return scores.map { score in
                let places = values.places(of: Double(score))
                let higher = Double(values.count - places.upperBound) + (Double(places.count) + 1) / 2
                return score.isNaN ? .nan : higher / Double(values.count + 1)
            }
        }
    }

    public func write(to archive: inout ScoreArchive) throws {
        archive.set([parts.count], as: "parts")
        archive.set(Matrix<Double>(rows: 1, columns: weights.count, elements: weights), as: "weights")
        for (index, part) in parts.enumerated() {
            try archive.setScore(part, as: "part.\(index)")
            archive.set(known[index], as: "known.\(index)")
        }
    }

    public init(archive: ScoreArchive) throws {
        let count = try archive.integers("parts", count: 1)[0]
        guard count > 0, count < 1000 else { throw archive.damaged("parts", "is \(count)") }
        weights = try archive.doubleMatrix("weights", rows: 1).elements
        var (parts, known): ([any NoveltyScore], [[Float]]) = ([], [])
        for index in 0..<count {
            parts.append(try archive.score("part.\(index)"))
            known.append(try archive.vector("known.\(index)").sorted())
            guard !known[index].isEmpty else { throw archive.damaged("known.\(index)", "is empty") }
        }
        (self.parts, self.known) = (parts, known)
        beyond = known.map { KnownTail(ascending: $0) }
    }
}
