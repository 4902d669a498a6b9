import Matrices
import Probability

/// The values of a model's parameters at many unconstrained positions on a tape, by name.
public struct ConstrainedRows<Scalar: MatrixScalar> {
    public let space: ParameterSpace
    /// One value a row, `[S, dimension of values]`.
    public let values: Variable<Scalar>

    /// - Parameter positions: `[S, unconstrained dimension]`.
    public init(_ space: ParameterSpace, positions: Variable<Scalar>) {
        self.space = space
        let rows = positions.rowsAsDoubles
        let result = Matrix(rows.map { space.constrained($0).map { Scalar($0) } })
        values = positions.tape.record(result, from: [positions]) { tape, gradient in
            let slopes = rows.enumerated().map { row, position in
                space.pullback(
                    position, cotangent: gradient.row(row).map { Double($0) }, logDeterminantWeight: 0
                ).map { Scalar($0) }
            }
            tape.accumulate(Matrix(slopes), to: positions)
        }
    }

    /// The numbers of one parameter, `[S, count]`. An unknown name is a programming error.
    public subscript(_ name: String) -> Variable<Scalar> { values.columns(space.range(of: name)) }
}

extension ParameterSpace {
    /// ln prior of the values plus the map's log-determinant at each row of positions `[S, unconstrained dimension]`:
    /// the prior density of unconstrained positions, `[S, 1]`.
    func logPriors<Scalar: MatrixScalar>(at positions: Variable<Scalar>) -> Variable<Scalar> {
        let rows = positions.rowsAsDoubles
        let values = rows.map { constrained($0) }
        let result = zip(rows, values).map { Scalar(logPrior($1) + logDeterminant($0)) }
        return positions.tape.record(Matrix(rows: rows.count, columns: 1, elements: result), from: [positions]) { tape, gradient in
            let slopes = rows.indices.map { row in
                let factor = Scalar(gradient[row, 0])
                return pullback(rows[row], cotangent: logPriorGradient(values[row])).map { factor * Scalar($0) }
            }
            tape.accumulate(Matrix(slopes), to: positions)
        }
    }
}

extension Variable {
    fileprivate var rowsAsDoubles: [[Double]] {
        let value = value
        return (0..<value.rows).map { value.row($0).map { Double($0) } }
    }
}

extension VariationalModel {
    /// A model of constrained parameters with their priors; guides and samplers work on the unconstrained positions.
    ///
    /// ```swift
    /// let space = try ParameterSpace([
    ///     ModelParameter("rate", prior: Gamma(concentration: 2, rate: 1)),
    /// ])
    /// let model = VariationalModel<Double>(space) { p in
    ///     // Poisson counts: Σ ln rate·count − rate.
    ///     p["rate"].log().scaled(by: total) - p["rate"].scaled(by: rows)
    /// }
    /// let draws = try NoUTurnSampler().sample(model.logDensity, seed: 1).constrained(to: space)
    /// ```
    public init(
        _ space: ParameterSpace, logLikelihood: @escaping @Sendable (ConstrainedRows<Scalar>) -> Variable<Scalar>
    ) {
        self.init(
            dimension: space.unconstrainedDimension, parameterNames: space.unconstrainedNames,
            prior: .logDensity { space.logPriors(at: $0) },
            logLikelihood: { logLikelihood(ConstrainedRows(space, positions: $0)) })
    }
}
