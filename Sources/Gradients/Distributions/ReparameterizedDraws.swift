// Draws of distributions whose parameters are variables: gradients pass through a draw by the pathwise gradient of its
// distribution (implicit reparameterisation for gamma, beta and Dirichlet; Figurnov, Mohamed and Mnih 2018,
// arXiv:1805.08498).

import Matrices
import Probability

extension Tape {
    /// One draw for every element of the parameters: element i is drawn from `make([parameters₀[i], parameters₁[i], …])`.
    ///
    /// All parameters have one shape `[rows, columns]`, as the result has. The order is that of the distribution's
    /// `parameters`; a distribution with fewer given here (a fixed degree of freedom, say) takes `make`'s word, and those
    /// named by `places` get the gradient, the first ones by default.
    ///
    /// ```swift
    /// let x = try tape.draw([concentration, rate], &stream) { try Gamma(concentration: $0[0], rate: $0[1]) }
    /// ```
    ///
    /// - Throws: what `make` throws, such as `DistributionError.invalidParameter`.
    /// - Complexity: one draw and one pathwise gradient per element, in sequence.
    public func draw<Family: ReparameterizedDistribution>(
        _ parameters: [Variable<Scalar>], places: [Int]? = nil, _ stream: inout RandomStream,
        _ make: ([Double]) throws -> Family
    ) throws -> Variable<Scalar> where Family.Value == Double {
        guard let first = parameters.first else { preconditionFailure("a draw without parameters") }
        let (rows, columns) = (first.rows, first.columns)
        precondition(
            parameters.allSatisfy { $0.rows == rows && $0.columns == columns }, "parameters of a draw of different shapes")
        let places = places ?? Array(parameters.indices)
        precondition(places.count == parameters.count, "\(places.count) places for \(parameters.count) parameters")
        let values = parameters.map { $0.value.elements }
        var families: [Family] = []
        families.reserveCapacity(rows * columns)
        var draws: [Double] = []
        draws.reserveCapacity(rows * columns)
        for index in 0..<(rows * columns) {
            let family = try make(values.map { Double($0[index]) })
            families.append(family)
            draws.append(family.sample(&stream))
        }
        let result = Matrix(rows: rows, columns: columns, elements: draws.map { Scalar($0) })
        return record(result, from: parameters) { [families] tape, gradient in
            var parts = parameters.map { _ in [Scalar](repeating: 0, count: families.count) }
            for (index, cotangent) in gradient.elements.enumerated() {
                let slopes = families[index].pathwiseGradient(at: draws[index], cotangent: Double(cotangent))
                for (parameter, place) in places.enumerated() { parts[parameter][index] = Scalar(slopes[place][0]) }
            }
            for (parameter, part) in zip(parameters, parts) {
                tape.accumulate(Matrix(rows: rows, columns: columns, elements: part), to: parameter)
            }
        }
    }

    /// One vector for every row of the parameters: row i is drawn from `make([row i of parameters₀, …])`, for families of
    /// vectors such as `Dirichlet`.
    ///
    /// Parameters have the same number of rows; the result is `[rows, dimension]`. Each row holds all of one parameter's
    /// values. Parameters stand in the order of the distribution's `parameters`, or are those that `places` names.
    ///
    /// - Throws: what `make` throws.
    public func drawRows<Family: ReparameterizedDistribution>(
        _ parameters: [Variable<Scalar>], places: [Int]? = nil, _ stream: inout RandomStream,
        _ make: ([[Double]]) throws -> Family
    ) throws -> Variable<Scalar> where Family.Value == [Double] {
        try drawRows(parameters, places, &stream, make, numbers: { $0 }, value: { numbers, _ in numbers })
    }

    /// One matrix for every row of the parameters, for families of matrices such as `Wishart`; as `drawRows`, with the
    /// elements of each draw and of each matrix parameter row by row: `[rows, size · size]`.
    ///
    /// A gradient by a symmetric parameter is that of its elements moving together with their mirror images.
    ///
    /// ```swift
    /// let x = try tape.drawMatrices([degrees, scale], &stream) {
    ///     try Wishart(degreesOfFreedom: $0[0][0], scale: Matrix(rows: 3, columns: 3, elements: $0[1]))
    /// }
    /// ```
    ///
    /// - Throws: what `make` throws.
    public func drawMatrices<Family: ReparameterizedDistribution & MatrixDistribution>(
        _ parameters: [Variable<Scalar>], places: [Int]? = nil, _ stream: inout RandomStream,
        _ make: ([[Double]]) throws -> Family
    ) throws -> Variable<Scalar> {
        try drawRows(parameters, places, &stream, make, numbers: { $0.elements }) { numbers, family in
            Matrix(rows: family.size, columns: family.size, elements: numbers)
        }
    }

    private func drawRows<Family: ReparameterizedDistribution>(
        _ parameters: [Variable<Scalar>], _ places: [Int]?, _ stream: inout RandomStream,
        _ make: ([[Double]]) throws -> Family, numbers: (Family.Value) -> [Double],
        value: @escaping ([Double], Family) -> Family.Value
    ) throws -> Variable<Scalar> {
        guard let first = parameters.first else { preconditionFailure("a draw without parameters") }
        let rows = first.rows
        precondition(parameters.allSatisfy { $0.rows == rows }, "parameters of a draw with different numbers of rows")
        let places = places ?? Array(parameters.indices)
        precondition(places.count == parameters.count, "\(places.count) places for \(parameters.count) parameters")
        var (families, draws): ([Family], [Family.Value]) = ([], [])
        let values = parameters.map(\.value)
        for row in 0..<rows {
            let family = try make(values.map { $0.row(row).map { Double($0) } })
            families.append(family)
            draws.append(family.sample(&stream))
        }
        let result = Matrix(draws.map { numbers($0).map { Scalar($0) } })
        return record(result, from: parameters) { [families, draws] tape, gradient in
            var parts = parameters.map { _ in [Scalar]() }
            for row in 0..<rows {
                let cotangent = value(gradient.row(row).map { Double($0) }, families[row])
                let slopes = families[row].pathwiseGradient(at: draws[row], cotangent: cotangent)
                for (index, place) in places.enumerated() { parts[index] += slopes[place].map { Scalar($0) } }
            }
            for (parameter, part) in zip(parameters, parts) {
                precondition(
                    part.count == parameter.rows * parameter.columns,
                    "a parameter [\(parameter.rows), \(parameter.columns)] and \(part.count) gradients")
                tape.accumulate(Matrix(rows: rows, columns: parameter.columns, elements: part), to: parameter)
            }
        }
    }

    /// x ~ Gamma(concentration, rate), element by element; gradients by implicit reparameterisation.
    ///
    /// - Throws: `DistributionError.invalidParameter` where an element is not finite and above 0.
    public func drawGamma(
        concentration: Variable<Scalar>, rate: Variable<Scalar>, _ stream: inout RandomStream
    ) throws -> Variable<Scalar> {
        try draw([concentration, rate], &stream) { try Gamma(concentration: $0[0], rate: $0[1]) }
    }

    /// x ~ Beta(concentration1, concentration0), element by element; gradients by implicit reparameterisation.
    ///
    /// - Throws: `DistributionError.invalidParameter` where an element is not finite and above 0.
    public func drawBeta(
        concentration1: Variable<Scalar>, concentration0: Variable<Scalar>, _ stream: inout RandomStream
    ) throws -> Variable<Scalar> {
        try draw([concentration1, concentration0], &stream) { try Beta(concentration1: $0[0], concentration0: $0[1]) }
    }

    /// x ~ Dirichlet(concentration), row by row of `[rows, classes]`; gradients by implicit reparameterisation.
    ///
    /// - Throws: `DistributionError` where an element is not finite and above 0, or there is only one class.
    public func drawDirichlet(
        concentration: Variable<Scalar>, _ stream: inout RandomStream
    ) throws -> Variable<Scalar> {
        try drawRows([concentration], &stream) { try Dirichlet(concentration: $0[0]) }
    }
}
