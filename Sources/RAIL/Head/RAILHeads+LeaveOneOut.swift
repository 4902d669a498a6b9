import FeatureData
import Matrices
import Prediction

// Without a row, the ridge solution is the same with the row's residual divided by 1 − h, h being its leverage
// (`LeaveOneOut`). Regulariser, noise and link stay those of all rows, which one row hardly moves.

extension RAILPrimalHead: LeaveOneOutHead {
    public func leaveOneOutPosterior(of rows: LabelledFeatures) throws -> LogitPosterior {
        guard rows.features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: rows.features.columns)
        }
        guard let expansion, let system else { return try posterior(for: rows.features) }
        var scores = Matrix<Float>(rows: rows.count, columns: classNames.count)
        var leverages: [Double] = []
        for start in stride(from: 0, to: rows.count, by: Self.blockRows) {
            let block = rows.selecting(Array(start..<min(start + Self.blockRows, rows.count)))
            let found = leaveOneOut(expansion.single(block.features), block, system)
            scores.setRows(from: start, to: found.scores)
            leverages += found.leverages
        }
        return solution.link.posterior(scores: scores, leverages: leverages, noise: solution.noise)
    }

    /// Scores and variances in units of the noise, fused with zero-shot where the recipe says so.
    ///
    /// - Parameter features: the expanded rows.
    func leaveOneOut(
        _ features: Matrix<Float>, _ rows: LabelledFeatures, _ system: RidgeSystem
    ) -> (scores: Matrix<Float>, leverages: [Double]) {
        let scores = features.multiplied(by: solution.singleWeights, .transposed)
        let left = LeaveOneOut.scores(scores, leverages: system.leverages(features), labels: rows.labels)
        return (
            fused(left.scores, rows: rows.features),
            RAILFusion.variances(left.leverages, weight: recipe.fusionWeight)
        )
    }
}

extension RAILDualHead: LeaveOneOutHead {
    public func leaveOneOutPosterior(of rows: LabelledFeatures) throws -> LogitPosterior {
        guard rows.features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: rows.features.columns)
        }
        let (scores, variances) = leaveOneOut(rows)
        return link.posterior(scores: scores, leverages: variances, noise: scales)
    }

    /// Scores and variances in units of `scales`, fused with zero-shot where the recipe says so.
    func leaveOneOut(_ rows: LabelledFeatures) -> (scores: Matrix<Float>, variances: [Double]) {
        let (scores, variances) = engine.leaveOneOut(Matrix<Double>(rows.features), labels: rows.labels)
        return (
            fused(scores, rows: rows.features), RAILFusion.variances(variances, weight: recipe.fusionWeight)
        )
    }
}
