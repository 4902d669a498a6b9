import Matrices

extension RankGroup {
    /// Adds up what the ranks have computed of one loss, each for its own rows: every parameter's gradient and the loss
    /// itself, in one message. All ranks end with the same bits. A parameter that has no gradient on any rank gets none.
    ///
    /// Sends 2·(n − 1)/n times the parameters' bytes from each of n ranks (see `sum`).
    public func sumGradients<Scalar: MatrixScalar>(
        of parameters: [Parameter<Scalar>], loss: inout Scalar
    ) throws {
        // The gradients one after another, then for each the number of ranks that have one, then the loss.
        let count = parameters.reduce(0) { $0 + $1.value.count }
        var all = Matrix<Scalar>(rows: 1, columns: count + parameters.count + 1)
        var next = 0
        for (index, parameter) in parameters.enumerated() {
            if let gradient = parameter.gradient {
                (all.mutablePointer() + next).update(from: gradient.pointer, count: gradient.count)
                all[0, count + index] = 1
            }
            next += parameter.value.count
        }
        all[0, count + parameters.count] = loss
        try sum(&all)
        next = 0
        for (index, parameter) in parameters.enumerated() {
            let value = parameter.value
            if all[0, count + index] > 0 {
                var gradient = Matrix<Scalar>(uninitialized: value.rows, value.columns)
                gradient.mutablePointer().update(from: all.pointer + next, count: value.count)
                parameter.gradient = gradient
            }
            next += value.count
        }
        loss = all[0, count + parameters.count]
    }

    /// Gives all ranks the parameters of the first: processors of different makes may have rounded otherwise before.
    public func share<Scalar: MatrixScalar>(_ parameters: [Parameter<Scalar>]) throws {
        guard !isAlone else { return }
        for parameter in parameters { try broadcast(&parameter.value) }
    }
}
