import Foundation
import Matrices
import Prediction

/// ViM: a virtual logit α·‖residual‖ for what lies outside the principal subspace, against the energy of the classes:
/// α·‖residual‖ − log Σ_c exp(z_c) (Wang et al. 2022, arXiv:2203.10807, sections 4.1 to 4.3).
///
/// Rows are seen from u = −W⁺b, where the logits of the linear classifier vanish; α makes the virtual logit of known rows
/// as large as their largest logit, on average. `LinearClassifier` says what stands for the classifier.
/// O(D · (D − principal dimensions + classes)) a row.
public struct VirtualLogitMatching: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "vim", summary: "Virtual logit of the residual outside the principal subspace against the energy",
        source: "Wang et al. 2022, arXiv:2203.10807", needs: [.features, .fitting, .labels])

    /// 0 for 1000 of 2048 dimensions and more, 512 of 768 and more, half of fewer.
    public var principalDimensions: Int

    public init(principalDimensions: Int = 0) { self.principalDimensions = principalDimensions }

    public func checkSettings() throws(NoveltyError) {
        try require(principalDimensions >= 0, "principalDimensions", principalDimensions, "0 or more")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let dimensions = try PrincipalSubspace.dimensions(principalDimensions, of: rows.dimension, score: name)
        let classifier = try rows.linearClassifier(notes: &notes)
        let subspace = try PrincipalSubspace(
            rows.statistics(), origin: classifier.origin(), dimensions: dimensions)
        var (logits, residuals) = (0.0, 0.0)
        try rows.forEachBlock { block in
            logits += classifier.logits(block.features).rowMaxima().reduce(0.0) { $0 + Double($1) }
            residuals += subspace.residualNorms(block.features).reduce(0.0) { $0 + Double($1) }
        }
        guard residuals > 0 else {
            throw NoveltyError.cannotFit(
                score: name, reason: "the known rows have no part outside \(dimensions) principal dimensions")
        }
        return Model(classifier: classifier, subspace: subspace, alpha: Float(logits / residuals))
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { block in
            let energies = model.classifier.logits(block).logSumExp()
            return zip(model.subspace.residualNorms(block), energies).map { model.alpha * $0 - $1 }
        }
    }

    public struct Model: NoveltyModel {
        let classifier: LinearClassifier
        let subspace: PrincipalSubspace
        /// The mean largest logit of known rows over their mean residual.
        let alpha: Float

        init(classifier: LinearClassifier, subspace: PrincipalSubspace, alpha: Float) {
            self.classifier = classifier
            self.subspace = subspace
            self.alpha = alpha
        }

        public func write(to archive: inout ScoreArchive) throws {
            try classifier.write(to: &archive)
            subspace.write(to: &archive)
            archive.set([alpha], as: "alpha")
        }

        public init(archive: ScoreArchive) throws {
            self.init(
                classifier: try LinearClassifier(archive: archive), subspace: try PrincipalSubspace(archive: archive),
                alpha: try archive.vector("alpha", count: 1)[0])
        }
    }
}

extension LinearClassifier {
    /// −W⁺b with the pseudo-inverse W⁺, in Double: the row nearest to zero whose logits all vanish, or come nearest to
    /// that.
    func origin() throws -> [Double] {
        let parts = try Matrix<Double>(weight).singularValueDecomposition()
        let smallest = (parts.values.first ?? 0) * 1e-6
        var inner = Matrix<Double>(rows: 1, columns: classes, elements: bias.map { -Double($0) })
            .multiplied(by: parts.left)
        for (index, value) in parts.values.enumerated() {
            inner[0, index] = value > smallest ? inner[0, index] / value : 0
        }
        return inner.multiplied(by: parts.rightTransposed).elements
    }
}
