import Matrices

/// Which columns predictions have.
public struct PredictionColumns: Sendable {
    public var classNames: [String]
    /// Classes told for each row.
    public var topK = 1
    public var hasSets = false
    public var abstains = false
    /// The probabilities of all classes.
    public var allProbabilities = false

    public init(
        classNames: [String], topK: Int = 1, hasSets: Bool = false, abstains: Bool = false, allProbabilities: Bool = false
    ) {
        (self.classNames, self.topK, self.hasSets) = (classNames, topK, hasSets)
        (self.abstains, self.allProbabilities) = (abstains, allProbabilities)
    }
}

/// What is said about the rows of a block.
public struct PredictionBlock: Sendable {
    public var firstRow: Int
    public var count: Int
    /// The places of the most probable classes, best first, `[rows · topK]`, and their probabilities.
    public var classes: [Int]
    public var probability: [Float]
    /// Entropy of the predictive probabilities, in nats, `[rows]` like all that follow.
    public var entropy: [Float]
    /// Its part that more data would not remove: the expected entropy.
    public var aleatoric: [Float]
    /// Its part that comes from not knowing the logits: the mutual information.
    public var epistemic: [Float]
    /// The energy score: higher means more novel.
    public var energy: [Float]
    /// How far the most probable class is ahead of the second.
    public var margin: [Float]
    /// The variance of its logit.
    public var variance: [Float]
    /// The places of the classes of the prediction sets, most probable first, where sets were asked for.
    public var sets: [[Int]]?
    /// Whether the set is too large or empty, where abstention was asked for.
    public var abstains: [Bool]?
    /// `[rows, classes]`.
    public var probabilities: Matrix<Float>

    public init(
        firstRow: Int, count: Int, classes: [Int], probability: [Float], entropy: [Float], aleatoric: [Float],
        epistemic: [Float], energy: [Float], margin: [Float], variance: [Float], sets: [[Int]]?, abstains: [Bool]?,
        probabilities: Matrix<Float>
    ) {
        (self.firstRow, self.count, self.classes, self.probability) = (firstRow, count, classes, probability)
        (self.entropy, self.aleatoric, self.epistemic) = (entropy, aleatoric, epistemic)
        (self.energy, self.margin, self.variance) = (energy, margin, variance)
        (self.sets, self.abstains, self.probabilities) = (sets, abstains, probabilities)
    }

    /// The columns of one number a row, in their order.
    public var figures: [(name: String, values: [Float])] {
        zip(Self.figureNames, [entropy, aleatoric, epistemic, energy, margin, variance]).map { ($0, $1) }
    }

    public static let figureNames = ["entropy", "aleatoric", "epistemic", "energy", "margin", "variance"]
}

extension PredictionBlock {
    /// Blocks one after the other as one.
    init(joining blocks: [PredictionBlock], firstRow: Int, classes: Int) {
        func joined<Value>(_ values: (PredictionBlock) -> [Value]) -> [Value] { blocks.flatMap(values) }
        let isBare = blocks.isEmpty
        self.init(
            firstRow: firstRow, count: blocks.reduce(0) { $0 + $1.count }, classes: joined(\.classes),
            probability: joined(\.probability), entropy: joined(\.entropy), aleatoric: joined(\.aleatoric),
            epistemic: joined(\.epistemic), energy: joined(\.energy), margin: joined(\.margin),
            variance: joined(\.variance), sets: isBare || blocks[0].sets == nil ? nil : joined { $0.sets ?? [] },
            abstains: isBare || blocks[0].abstains == nil ? nil : joined { $0.abstains ?? [] },
            probabilities: isBare
                ? Matrix(rows: 0, columns: classes)
                : blocks.count == 1 ? blocks[0].probabilities : Matrix(stacking: blocks.map(\.probabilities)))
    }

    /// Consecutive rows, counted within the block; `firstRow` becomes 0.
    public func rows(_ range: Range<Int>) -> PredictionBlock {
        let topK = count == 0 ? 0 : classes.count / count
        let top = range.lowerBound * topK..<range.upperBound * topK
        return PredictionBlock(
            firstRow: 0, count: range.count, classes: Array(classes[top]), probability: Array(probability[top]),
            entropy: Array(entropy[range]), aleatoric: Array(aleatoric[range]), epistemic: Array(epistemic[range]),
            energy: Array(energy[range]), margin: Array(margin[range]), variance: Array(variance[range]),
            sets: sets.map { Array($0[range]) }, abstains: abstains.map { Array($0[range]) },
            probabilities: probabilities.rows(range))
    }
}
