import Matrices

/// A matrix on a tape: the result of an operation, a constant, an input or a parameter.
public struct Variable<Scalar: MatrixScalar> {
    public let tape: Tape<Scalar>
    let index: Int

    public var value: Matrix<Scalar> {
        // Field by field: a copy of the node would retain everything it holds.
        if let value = tape.nodes[index].value { return value }
        guard let parameter = tape.nodes[index].parameter else { preconditionFailure("a node is a value or a parameter") }
        return parameter.value
    }

    public var rows: Int { value.rows }
    public var columns: Int { value.columns }
    /// Whether the backward pass computes a gradient for it.
    public var requiresGradient: Bool { tape.nodes[index].requiresGradient }
    var shape: String { "[\(rows), \(columns)]" }

    /// The only element of a `[1, 1]` variable.
    public var scalar: Scalar {
        precondition(rows == 1 && columns == 1, "\(shape) is not a scalar")
        return value[0, 0]
    }

    /// The same value, as a constant: no gradient flows through it.
    public func detached() -> Variable { tape.constant(value) }
}
