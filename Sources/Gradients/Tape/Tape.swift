import Matrices

/// A record of matrix operations that can be run backwards: reverse-mode differentiation.
///
/// One tape holds one forward pass. Operations are methods of `Variable`; each computes its value at once and, when any
/// operand needs a gradient, leaves a closure with its exact vector-Jacobian product. A tape is used by one thread.
///
/// Operations are compiled for Double apart: models with few parameters work on tiny matrices, and there the generic code's
/// look-ups of types took a quarter of the time.
public final class Tape<Scalar: MatrixScalar> {
    /// Runs one operation backwards: receives the gradient of its result, adds to those of its operands.
    package typealias Backward = (_ tape: Tape, _ gradient: inout Matrix<Scalar>) -> Void

    struct Node {
        var value: Matrix<Scalar>?
        var parameter: Parameter<Scalar>?
        var requiresGradient: Bool
        var backward: Backward?
        var gradient: Matrix<Scalar>?
    }

    var nodes: [Node] = []
    private var nodeOfParameter: [ObjectIdentifier: Int] = [:]
    /// The row ranges of each parameter that operations read; a parameter whose ranges do not overlap may be updated in
    /// the middle of the backward pass, since nothing else will read them.
    private var rangesInUse: [Int: [Range<Int>]] = [:]
    /// Step size of the plain gradient descent that is folded into the backward pass; nil to collect gradients.
    private var descentRate: Scalar?

    public init() {}

    /// A value that needs no gradient.
    @_specialize(where Scalar == Double)
    public func constant(_ value: Matrix<Scalar>) -> Variable<Scalar> {
        append(Node(value: value, parameter: nil, requiresGradient: false))
    }

    /// A value whose gradient can be asked for after `backward(from:)`.
    @_specialize(where Scalar == Double)
    public func input(_ value: Matrix<Scalar>) -> Variable<Scalar> {
        append(Node(value: value, parameter: nil, requiresGradient: true))
    }

    /// The value of a parameter; the same variable each time.
    @_specialize(where Scalar == Double)
    public func parameter(_ parameter: Parameter<Scalar>) -> Variable<Scalar> {
        if let known = nodeOfParameter[ObjectIdentifier(parameter)] { return Variable(tape: self, index: known) }
        let variable = append(Node(value: nil, parameter: parameter, requiresGradient: !parameter.isFrozen))
        nodeOfParameter[ObjectIdentifier(parameter)] = variable.index
        return variable
    }

    /// Adds to the gradients of all parameters the derivative of `loss`, a `[1, 1]` variable of this tape.
    ///
    /// The tape is used up: values stay readable, gradients of inputs can be read with `gradient(of:)`.
    @_specialize(where Scalar == Double)
    public func backward(from loss: Variable<Scalar>) {
        run(from: loss, descentRate: nil)
    }

    /// One step of plain gradient descent, `value −= rate · gradient`, folded into the backward pass: where a parameter
    /// is read by one product only, its update is the gradient product itself (BLAS `gemm` with beta 1), which saves
    /// writing and reading the gradient. Other gradients are collected first. Parameters' `gradient`s are cleared.
    public func descend(from loss: Variable<Scalar>, rate: Scalar) {
        run(from: loss, descentRate: rate)
        for index in nodeOfParameter.values {
            guard let parameter = nodes[index].parameter, let gradient = parameter.gradient else { continue }
            parameter.value.add(gradient, scaledBy: -rate)
            parameter.clearGradient()
        }
    }

    /// The gradient of an `input` or of any intermediate variable that still holds one; nil when it has none.
    @_specialize(where Scalar == Double)
    public func gradient(of variable: Variable<Scalar>) -> Matrix<Scalar>? { nodes[variable.index].gradient }

    private func run(from loss: Variable<Scalar>, descentRate: Scalar?) {
        precondition(loss.rows == 1 && loss.columns == 1, "a loss has the shape [1, 1], not \(loss.shape)")
        self.descentRate = descentRate
        nodes[loss.index].gradient = Matrix(rows: 1, columns: 1, repeating: 1)
        for index in stride(from: loss.index, through: 0, by: -1) {
            guard let backward = nodes[index].backward, var gradient = nodes[index].gradient else { continue }
            // Taking both out lets the operation reuse the gradient's memory and frees what it kept.
            nodes[index].gradient = nil
            nodes[index].backward = nil
            backward(self, &gradient)
        }
        self.descentRate = nil
    }

    // MARK: - For operations

    @_specialize(where Scalar == Double)
    func append(_ node: Node) -> Variable<Scalar> {
        nodes.append(node)
        return Variable(tape: self, index: nodes.count - 1)
    }

    /// Records an operation's result; `backward` is dropped when no operand needs a gradient.
    @_specialize(where Scalar == Double)
    package func record(
        _ value: Matrix<Scalar>, from operands: [Variable<Scalar>], _ backward: @escaping Backward
    ) -> Variable<Scalar> {
        let needed = operands.contains { $0.requiresGradient }
        return append(
            Node(value: value, parameter: nil, requiresGradient: needed, backward: needed ? backward : nil))
    }

    /// Says that an operation's product reads these rows of a parameter (see `rangesInUse`).
    func noteUse(of variable: Variable<Scalar>, rows: Range<Int>) {
        rangesInUse[variable.index, default: []].append(rows)
    }

    /// Adds `gradient` to that of `variable`, if it needs one.
    @_specialize(where Scalar == Double)
    package func accumulate(_ gradient: Matrix<Scalar>, to variable: Variable<Scalar>) {
        guard variable.requiresGradient else { return }
        if let parameter = nodes[variable.index].parameter {
            if parameter.gradient == nil { parameter.gradient = gradient } else { parameter.gradient?.add(gradient) }
        } else if nodes[variable.index].gradient == nil {
            nodes[variable.index].gradient = gradient
        } else {
            nodes[variable.index].gradient?.add(gradient)
        }
    }

    /// Calls `body` with the matrix that gradients of `variable`'s `rows` are added to and the factor to apply:
    /// normally its gradient (set to zero first) and 1; during `descend`, where nothing else reads those rows, the
    /// parameter's value itself and −rate.
    func withGradientTarget(
        of variable: Variable<Scalar>, rows: Range<Int>, _ body: (inout Matrix<Scalar>, _ factor: Scalar) -> Void
    ) {
        guard variable.requiresGradient else { return }
        guard let parameter = nodes[variable.index].parameter else {
            var target = nodes[variable.index].gradient ?? Matrix(rows: variable.rows, columns: variable.columns)
            nodes[variable.index].gradient = nil
            body(&target, 1)
            nodes[variable.index].gradient = target
            return
        }
        if let rate = descentRate, isReadOnce(variable.index, rows: rows) {
            body(&parameter.value, -rate)
            return
        }
        var target = parameter.gradient ?? Matrix(rows: variable.rows, columns: variable.columns)
        parameter.gradient = nil
        body(&target, 1)
        parameter.gradient = target
    }

    private func isReadOnce(_ index: Int, rows: Range<Int>) -> Bool {
        (rangesInUse[index] ?? []).count { $0.overlaps(rows) } == 1
    }
}
