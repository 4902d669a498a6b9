import FeatureData
import Matrices
import Prediction
import Probability
import Synchronization

/// The known rows that scores are fitted to: labelled features in memory or in files, with the head that will be asked
/// about new rows, where there is one. Read block by block, as often as a fit needs.
///
/// What several scores need, such as class means and scatter, is worked out once and kept.
public struct KnownRows: Sendable {
    /// The classes that the labels index.
    public let classNames: [String]
    /// Rows in all.
    public let count: Int
    /// D.
    public let dimension: Int
    /// One unit-length text feature a class, `[classes, D]`, where known.
    public let classText: Matrix<Float>?
    /// What cosines to `classText` are multiplied with to be logits.
    public let logitScale: Float
    /// Unit-length text features of words that are none of the classes, `[words, D]`, where there are some.
    public var otherWords: Matrix<Float>?
    /// Of all random choices of a fit.
    public let seed: UInt64
    /// Whether blocks can have a posterior.
    public var hasPosterior: Bool { head != nil }
    /// Called after every block of every pass with its number of rows; throws `CancellationError` to stop.
    public var progress: (@Sendable (Int) throws -> Void)?

    private let pass: Pass
    /// Answers for rows, over `classNames`.
    let head: (any Head)?
    let shared = SharedStatistics()
    /// Samples that were drawn before, where the rows themselves are not here but in shards.
    var kept: [ShardedFit.Sample: LabelledFeatures]?

    /// Calls its argument with the blocks of all rows, in order; every pass gives the same blocks.
    public typealias Pass = @Sendable (_ body: (LabelledFeatures) throws -> Void) throws -> Void

    /// Rows from anywhere.
    ///
    /// - Parameters:
    ///   - count: how many `pass` gives.
    ///   - text: the classes' prompts, in the order of `classNames`, where known.
    ///   - head: answers for the rows, over `classNames` in that order; `nil` for detectors without a model.
    public init(
        count: Int, dimension: Int, classNames: [String], text: ClassPrompts? = nil, head: (any Head)? = nil,
        seed: UInt64 = 0, pass: @escaping Pass
    ) {
        precondition(text.map { $0.classNames == classNames } ?? true, "text of other classes")
        precondition(head.map { $0.classNames == classNames } ?? true, "a head of other classes")
        self.init(
            count: count, dimension: dimension, classNames: classNames, classText: text?.meanFeatures(),
            logitScale: text?.logitScale ?? 100, seed: seed, head: head, pass: pass)
    }

    init(
        count: Int, dimension: Int, classNames: [String], classText: Matrix<Float>?, logitScale: Float, seed: UInt64,
        head: (any Head)?, pass: @escaping Pass
    ) {
        self.count = count
        self.dimension = dimension
        self.classNames = classNames
        self.classText = classText
        self.logitScale = logitScale
        self.seed = seed
        self.head = head
        self.pass = pass
    }

    /// Goes through all rows once.
    ///
    /// - Parameter posterior: whether blocks should have their posterior, which costs the head's work.
    /// - Throws: `NoveltyError.knownRows` at the first bad row; what reading, the head and `body` throw.
    public func forEachBlock(posterior needed: Bool = false, _ body: (KnownBlock) throws -> Void) throws {
        var position = 0
        try pass { rows in
            try check(rows, from: position)
            let answer = needed ? try head?.posterior(for: rows.features) : nil
            if let answer, answer.classes != classNames.count {
                throw NoveltyError.knownRows(
                    reason: "the head answers for \(answer.classes) classes, expected \(classNames.count)")
            }
            try body(
                KnownBlock(firstRow: position, features: rows.features, labels: rows.labels, posterior: answer))
            position += rows.count
            try progress?(rows.count)
        }
        guard position == count else {
            throw NoveltyError.knownRows(reason: "a pass gave \(position) rows, expected \(count)")
        }
    }

    /// The head's answer for any rows.
    ///
    /// - Throws: `NoveltyError.missing` where there is no head, and what the head throws.
    func posterior(of features: Matrix<Float>, for score: some NoveltyScore) throws -> LogitPosterior {
        guard let head else { throw NoveltyError.missing(.posterior, score: score.name) }
        return try head.posterior(for: features)
    }

    /// The rows for which `isIncluded` holds, by their place among all: to fit to some and look at the others.
    public func selecting(_ isIncluded: @escaping @Sendable (Int) -> Bool) -> KnownRows {
        let all = pass
        var result = KnownRows(
            count: (0..<count).count { isIncluded($0) }, dimension: dimension, classNames: classNames,
            classText: classText, logitScale: logitScale, seed: seed, head: head
        ) { body in
            var position = 0
            try all { rows in
                let chosen = rows.labels.indices.filter { isIncluded(position + $0) }
                position += rows.count
                if chosen.count == rows.count {
                    try body(rows)
                } else if !chosen.isEmpty {
                    try body(rows.selecting(chosen))
                }
            }
        }
        result.otherWords = otherWords
        return result
    }

    /// `size` rows chosen at random without replacement, in their order; all where there are no more.
    ///
    /// - Parameter stream: tells choices of one seed apart.
    public func sample(_ size: Int, stream: UInt64) throws -> LabelledFeatures {
        if let kept {
            guard let drawn = kept[ShardedFit.Sample(size, stream: stream)] else {
                throw NoveltyError.knownRows(reason: "shards kept no sample of \(size) rows")
            }
            return drawn
        }
        let chosen = size < count ? Self.choice(of: size, from: count, seed: seed, stream: stream) : nil
        var features = Matrix<Float>(rows: min(max(size, 0), count), columns: dimension)
        let target = features.mutablePointer()
        var labels: [Int] = []
        try forEachBlock { block in
            for row in 0..<block.features.rows {
                let place = labels.count
                if let chosen, place == chosen.count || chosen[place] != block.firstRow + row { continue }
                (target + place * dimension).update(
                    from: block.features.pointer + row * dimension, count: dimension)
                labels.append(block.labels[row])
            }
        }
        return LabelledFeatures(features: features, labels: labels)
    }

    /// `size` of `0..<count` in order, by Floyd's algorithm (Bentley and Floyd 1987, doi:10.1145/30401.315746).
    /// O(size · log size).
    static func choice(of size: Int, from count: Int, seed: UInt64, stream: UInt64) -> [Int] {
        var random = RandomStream(seed: seed).split(stream)
        var chosen: Set<Int> = []
        for last in (count - max(size, 0))..<count {
            let candidate = random.integer(below: last + 1)
            chosen.insert(chosen.contains(candidate) ? last : candidate)
        }
        return chosen.sorted()
    }

    private func check(_ rows: LabelledFeatures, from position: Int) throws {
        guard rows.features.columns == dimension else {
            throw NoveltyError.knownRows(
                reason: "row \(position) has \(rows.features.columns) dimensions, expected \(dimension)")
        }
        if let bad = rows.features.firstNonfinite {
            throw NoveltyError.knownRows(
                reason: "row \(position + bad / dimension) is not finite in column \(bad % dimension)")
        }
        if let bad = rows.labels.firstIndex(where: { $0 < 0 || $0 >= classNames.count }) {
            throw NoveltyError.knownRows(
                reason: "row \(position + bad) has the label \(rows.labels[bad]), expected 0 to \(classNames.count - 1)")
        }
    }
}

extension KnownRows {
    /// Rows in memory.
    public init(
        _ rows: LabelledFeatures, classNames: [String], text: ClassPrompts? = nil, head: (any Head)? = nil,
        seed: UInt64 = 0, blockRows: Int = 4096
    ) {
        precondition(blockRows > 0, "blocks of \(blockRows) rows")
        self.init(
            count: rows.count, dimension: rows.dimension, classNames: classNames, text: text, head: head, seed: seed
        ) { body in
            for start in stride(from: 0, to: rows.count, by: blockRows) {
                let range = start..<min(rows.count, start + blockRows)
                try body(LabelledFeatures(features: rows.features.rows(range), labels: Array(rows.labels[range])))
            }
        }
    }

    /// Rows in files, all of known classes.
    ///
    /// - Throws: `NoveltyError.missing` where the files have no labels.
    public init(
        _ rows: FeatureRows, classNames: [String], text: ClassPrompts? = nil, head: (any Head)? = nil,
        seed: UInt64 = 0, blockRows: Int = 4096
    ) throws {
        guard rows.hasLabels else { throw NoveltyError.knownRows(reason: "the files have no labels") }
        self.init(
            count: rows.count, dimension: rows.dimension, classNames: classNames, text: text, head: head, seed: seed
        ) { body in
            var stream = rows.stream(blockRows: blockRows)
            while let block = try stream.next() {
                try body(LabelledFeatures(features: block.features, labels: block.labels ?? []))
            }
        }
    }
}

/// Some consecutive known rows.
public struct KnownBlock: Sendable {
    /// The place of the first row among all.
    public let firstRow: Int
    /// `[rows, D]`.
    public let features: Matrix<Float>
    public let labels: [Int]
    /// Where it was asked for and there is a head.
    public let posterior: LogitPosterior?
}

/// What was worked out of the rows for one score and serves others.
final class SharedStatistics: Sendable {
    private let statistics = Mutex<[Bool: RowStatistics]>([:])
    private let classifier = Mutex<LinearClassifier?>(nil)

    func statistics(unitLength: Bool, _ make: () throws -> RowStatistics) throws -> RowStatistics {
        if let known = statistics.withLock({ $0[unitLength] }) { return known }
        let made = try make()
        statistics.withLock { $0[unitLength] = made }
        return made
    }

    func classifier(_ make: () throws -> LinearClassifier) throws -> LinearClassifier {
        if let known = classifier.withLock({ $0 }) { return known }
        let made = try make()
        classifier.withLock { $0 = made }
        return made
    }
}
