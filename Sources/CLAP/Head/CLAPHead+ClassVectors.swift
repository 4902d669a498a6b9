import FeatureData
import Matrices
import Prediction

/// Where class vectors start and what their prior is, task by task.
extension CLAPHead {
    /// Adds the vectors of new classes, each at its prior, and gives the prior of all.
    ///
    /// - Parameter rows: the task's rows, which the densities have seen.
    mutating func startClassVectors(
        _ newClasses: Range<Int>, text: CLAPText<Float>, rows: LabelledFeatures
    ) throws -> GaussianPrior<Float> {
        let rule = recipe.classPrior
        let (count, width) = (newClasses.upperBound, featureDimension)
        var prior = GaussianPrior(
            mean: try priorVectors(text: text, rows: rows) - text.classFeatures,
            deviation: Matrix(rows: count, columns: width, repeating: Float(rule.deviation)))
        let known = 0..<newClasses.lowerBound
        if let old = parameters[ParameterShapes.classMeans], rule.mean == .data {
            parameters[ParameterShapes.classMeans] = old.aligned(with: prior.mean.rows(known))
        }
        if rule.known == .previousPosterior, let posterior = classVectorPosterior {
            prior.mean = posterior.mean.appendingRows(prior.mean.rows(newClasses))
            prior.deviation = (Float(rule.previousVarianceFactor.squareRoot()) * posterior.deviation)
                .appendingRows(prior.deviation.rows(newClasses))
        }
        let none = Matrix<Float>(rows: 0, columns: width)
        parameters[ParameterShapes.classMeans] = (parameters[ParameterShapes.classMeans] ?? none)
            .appendingRows(prior.mean.rows(newClasses))
        parameters[ParameterShapes.classLogDeviations] = (parameters[ParameterShapes.classLogDeviations] ?? none)
            .appendingRows(
                Matrix(rows: newClasses.count, columns: width, repeating: Float(rule.deviation)).log())
        return prior
    }

    /// The Gaussians of the class vectors learnt so far.
    var classVectorPosterior: GaussianPrior<Float>? {
        guard let mean = parameters[ParameterShapes.classMeans],
            let logDeviation = parameters[ParameterShapes.classLogDeviations]
        else { return nil }
        return GaussianPrior(mean: mean, deviation: logDeviation.exp())
    }

    /// The mean of the prior of every class's vector, `[classes, D]`.
    private mutating func priorVectors(text: CLAPText<Float>, rows: LabelledFeatures) throws -> Matrix<Float> {
        var vectors = try dataVectors(text: text.classFeatures, rows: rows) ?? text.classFeatures
        if recipe.classPrior.fitsPredictiveScale {
            let deviation = logitScale * Float(recipe.classPrior.deviation)
            vectors.scale(by: (1 + Float.pi / 8 * deviation * deviation).squareRoot())
        }
        guard recipe.classPrior.mean == .data else { return vectors }
        // Probabilities do not depend on a vector added to all classes; the energy does, and tells how far a row lies in
        // the direction of known rows if the mean of all vectors is the direction of the mean row.
        let level = Matrix(rows: 1, columns: featureDimension, elements: context.columnMeans()).normalizedRows()
        let mean = Matrix(rows: 1, columns: featureDimension, elements: vectors.columnMeans())
        return vectors.adding(row: (level - mean).elements)
    }

    /// Text and discriminant analysis, mixed; nil where the prior is at the text, or no two different rows of a class were
    /// seen.
    private mutating func dataVectors(text: Matrix<Float>, rows: LabelledFeatures) throws -> Matrix<Float>? {
        // Rows have unit length: a spread below that of rounding is none.
        guard recipe.classPrior.mean == .data, let densities = classDensities, densities.spread > 1e-8 else { return nil }
        let analysis = try DiscriminantAnalysis(densities)
        discriminantWeights = discriminantWeights.updated(
            similarities: rows.features.multiplied(by: text, .transposed, scaledBy: logitScale),
            discriminants: analysis.unseenDiscriminants(of: rows), labels: rows.labels)
        return Float(discriminantWeights.text) * text
            + Float(discriminantWeights.discriminant) / logitScale * analysis.directions
    }
}

extension Matrix where Scalar == Float {
    /// These rows, shifted together so that their mean is that of `other`.
    fileprivate func aligned(with other: Matrix<Float>) -> Matrix<Float> {
        rows > 0 ? adding(row: (other - self).columnMeans()) : self
    }
}
