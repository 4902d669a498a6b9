import Matrices

/// The parameters of a model with their constraints, and the maps between their values and the unconstrained numbers that
/// samplers and guides work on.
///
/// A value is the parameters' numbers one after another, in the order given. Densities of values become densities of
/// unconstrained numbers by the map's log-determinant.
///
/// ```swift
/// let space = try ParameterSpace([
///     ModelParameter("mean", prior: Normal(mean: 0, standardDeviation: 5)),
///     ModelParameter("scale", prior: HalfCauchy(scale: 5)),
/// ])
/// let model = ConstrainedModel(space, DifferentiableLogDensityFunction(dimension: space.dimension) { y, gradient in
///     …                                                           // the log likelihood at (mean, scale)
/// })
/// let draws = try NoUTurnSampler().sample(model, seed: 1).constrained(to: space)
/// ```
public struct ParameterSpace: Sendable {
    public let parameters: [ModelParameter]
    /// Numbers of a value.
    public let dimension: Int
    /// Numbers of an unconstrained position.
    public let unconstrainedDimension: Int
    /// Where each parameter's numbers stand in a value, and in a position.
    private let places: [(value: Range<Int>, position: Range<Int>)]

    /// - Throws: `ParameterSpaceError` where there is no parameter, or a name stands twice.
    public init(_ parameters: [ModelParameter]) throws(ParameterSpaceError) {
        guard !parameters.isEmpty else { throw .noParameters }
        var names: Set<String> = []
        for parameter in parameters where !names.insert(parameter.name).inserted { throw .duplicateName(parameter.name) }
        var (values, positions) = (0, 0)
        var places: [(value: Range<Int>, position: Range<Int>)] = []
        for map in parameters.map(\.map) {
            places.append((values..<(values + map.valueCount), positions..<(positions + map.dimension)))
            (values, positions) = (values + map.valueCount, positions + map.dimension)
        }
        (self.parameters, dimension, unconstrainedDimension, self.places) = (parameters, values, positions, places)
    }

    /// A name for each number of a value: `scale`, `effect[0]`, `correlation[1, 0]`.
    public var valueNames: [String] { parameters.flatMap(\.valueNames) }

    /// A name for each unconstrained number: the value's where the map leaves it as it is, else `unconstrained scale`,
    /// `unconstrained shares[0]`.
    public var unconstrainedNames: [String] {
        parameters.flatMap { parameter in
            let isReal = parameter.support == .realLine || parameter.support == .realVectors(dimension: parameter.valueCount)
            if isReal { return parameter.valueNames }
            let base = "unconstrained \(parameter.name)"
            return parameter.map.dimension == 1 ? [base] : (0..<parameter.map.dimension).map { "\(base)[\($0)]" }
        }
    }

    /// Where the numbers of a parameter stand in a value. An unknown name is a programming error.
    public func range(of name: String) -> Range<Int> {
        guard let index = parameters.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("no parameter \(name) among \(parameters.map(\.name))")
        }
        return places[index].value
    }

    /// The value at an unconstrained position.
    public func constrained(_ position: [Double]) -> [Double] {
        check(position)
        var value: [Double] = []
        value.reserveCapacity(dimension)
        for (parameter, place) in zip(parameters, places) {
            value += parameter.map.transform.forward(Array(position[place.position]))
        }
        return value
    }

    /// The unconstrained position of a value, to start a chain from, say.
    ///
    /// - Throws: `ParameterSpaceError` for another number of elements, or values outside a support or at its very end.
    public func unconstrained(_ value: [Double]) throws(ParameterSpaceError) -> [Double] {
        guard value.count == dimension else { throw .wrongCount(found: value.count, expected: dimension) }
        var position: [Double] = []
        for (parameter, place) in zip(parameters, places) {
            let own = Array(value[place.value])
            let part = parameter.map.transform.inverse(own)
            guard parameter.contains(own), part.allSatisfy(\.isFinite) else {
                throw .outsideSupport(parameter: parameter.name, values: own, support: parameter.support)
            }
            position += part
        }
        return position
    }

    /// ln |det ∂value/∂position|.
    public func logDeterminant(_ position: [Double]) -> Double {
        check(position)
        return zip(parameters, places).reduce(0) { $0 + $1.0.map.transform.logDeterminant(Array(position[$1.1.position])) }
    }

    /// The sum of the priors' log densities at a value, in nats; flat ones count 0.
    public func logPrior(_ value: [Double]) -> Double {
        zip(parameters, places).reduce(0) { $0 + ($1.0.prior?.logDensity(Array(value[$1.1.value])) ?? 0) }
    }

    /// The gradient of `logPrior`, in the shape of a value.
    public func logPriorGradient(_ value: [Double]) -> [Double] {
        zip(parameters, places).flatMap { parameter, place in
            parameter.prior?.score(Array(value[place.value])) ?? [Double](repeating: 0, count: place.value.count)
        }
    }

    /// The gradient by the position of a function of the value and of the log-determinant, from `cotangent`, the
    /// function's gradient by the value, and the weight of the log-determinant.
    public func pullback(
        _ position: [Double], cotangent: [Double], logDeterminantWeight weight: Double = 1
    ) -> [Double] {
        check(position)
        precondition(cotangent.count == dimension, "a gradient of \(cotangent.count) values, not \(dimension)")
        return zip(parameters, places).flatMap { parameter, place in
            parameter.map.transform.pullback(
                Array(position[place.position]), cotangent: Array(cotangent[place.value]), logDeterminantWeight: weight)
        }
    }

    /// The values at positions `[rows, unconstrainedDimension]`: `[rows, dimension]`.
    public func constrained(_ positions: Matrix<Double>) -> Matrix<Double> {
        Matrix(
            rows: positions.rows, columns: dimension,
            elements: (0..<positions.rows).flatMap { constrained(positions.row($0)) })
    }

    private func check(_ position: [Double]) {
        precondition(
            position.count == unconstrainedDimension, "a position of \(position.count), not \(unconstrainedDimension)")
    }
}

extension MarkovChainDraws {
    /// The draws of the parameters' values, from draws of unconstrained positions. Their log densities remain those of
    /// the positions, log-determinant included.
    public func constrained(to space: ParameterSpace) -> MarkovChainDraws {
        precondition(dimension == space.unconstrainedDimension, "draws of \(dimension), not \(space.unconstrainedDimension)")
        let chains = chains.map { chain in
            var chain = chain
            chain.positions = space.constrained(chain.positions)
            return chain
        }
        return MarkovChainDraws(parameterNames: space.valueNames, chains: chains)
    }

    /// The draws of one number of a value, by its name, `[chains][draws]`. An unknown name is a programming error.
    public func parameter(_ name: String) -> [[Double]] {
        guard let index = parameterNames.firstIndex(of: name) else {
            preconditionFailure("no parameter \(name) among \(parameterNames)")
        }
        return parameter(index)
    }
}
