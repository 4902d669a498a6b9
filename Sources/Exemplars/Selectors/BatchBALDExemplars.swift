import Matrices

/// Rows whose labels together tell most about the parameters; see `BatchBALD`. O(rows · samples · classes · outcomes) a row:
/// for budgets of a few rows a class.
public struct BatchBALDExemplars: GreedySelector {
    public init() {}

    public var name: String { "batch-bald" }
    public var needsPosterior: Bool { true }

    public func selection(of candidates: ExemplarCandidates, count: Int) throws -> Selection {
        guard candidates.count > 0 else { return Selection() }
        let samples = try candidates.logitSamples(32, for: self).map { logits in
            let p = logits.softmax()
            return Matrix<Double>(rows: p.rows, columns: p.columns, elements: p.elements.map { Double($0) })
        }
        return BatchBALD.select(
            count, of: samples, configurations: 200, seed: candidates.seed &+ UInt64(candidates.classLabel))
    }
}
