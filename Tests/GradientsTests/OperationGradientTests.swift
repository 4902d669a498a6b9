import Gradients
import Matrices
import Testing

/// Every operation's backward pass against central differences.
@Suite struct OperationGradientTests {
    typealias V = Variable<Double>

    /// Operations of one `[6, 4]` variable.
    static let unary: [(name: String, apply: @Sendable (V) -> V)] = [
        ("scaled", { $0.scaled(by: -1.5) }), ("affine", { $0.affine(factor: 3, constant: 2) }), ("sum", { $0.sum() }),
        ("gelu", { $0.gelu() }), ("softplus", { $0.softplus() }), ("exp", { $0.exp() }), ("tanh", { $0.tanh() }),
        ("sigmoid", { $0.sigmoid() }), ("softmax", { $0.softmax() }), ("rows", { $0.rows(1..<4) }),
        ("gather", { $0.gatherRows([3, 0, 3, 5]) }), ("normalized", { $0.normalizedRows() }),
        ("log", { $0.softplus().log() }), ("squared", { $0.squared() }), ("rowSums", { $0.rowSums() }),
        ("rowLogSumExp", { $0.rowLogSumExp() }), ("columns", { $0.columns(1..<3) }),
        ("transposed", { $0.transposed() }), ("reshaped", { $0.reshaped(rows: 3, columns: 8) }),
        ("tiled", { $0.tiled(3) }), ("blockSum", { $0.blockSum(2) }),
        ("crossEntropy", { $0.crossEntropy(labels: [0, 3, 1, 1, 2, 0]) }),
        ("square", { $0.multipliedElementwise(by: $0) }), ("twice", { $0 + $0.gelu() }),
        ("gram", { $0.multiplied(.transposed, by: $0) }), ("outer", { $0.multiplied(by: $0, .transposed) }),
        ("stacked", { .stacked([$0.rows(2..<6), $0, $0.rows(0..<1)]) }),
        ("dropout", {
            var noise = DropoutNoise(seed: 5)
            return $0.dropout(rate: 0.4, noise: &noise)
        }),
    ]

    @Test(arguments: unary.indices) func unaryOperation(_ index: Int) {
        let (name, apply) = Self.unary[index]
        let x = normalParameter(6, 4, seed: 1)
        #expect(gradientError(of: [x]) { weightedSum(apply($0.parameter(x))) } < 1e-8, "\(name)")
    }

    /// Operations of two `[6, 4]` variables.
    static let binary: [(name: String, apply: @Sendable (V, V) -> V)] = [
        ("sum", { $0 + $1 }), ("difference", { $0 - $1 }), ("adding", { $0.adding($1, scaledBy: 0.3) }),
        ("product", { $0.multipliedElementwise(by: $1) }), ("row", { $0.adding(row: $1.rows(2..<3)) }),
        ("scalingRows", { $0.scalingRows(by: $1.columns(2..<3)) }),
        ("column", { $0.adding(column: $1.columns(0..<1)) }),
        ("distance", { $0.meanSquaredDifference(to: $1) }),
        ("asStored·transposed", { $0.multiplied(by: $1, .transposed) }),
        ("transposed·asStored", { $0.multiplied(.transposed, by: $1) }),
        ("transposed·transposed", { $0.rows(0..<4).multiplied(.transposed, by: $1, .transposed) }),
        ("asStored·asStored", { $0.multiplied(by: $1.rows(1..<5)) }),
        ("standard normal divergence", { $0.divergenceFromStandardNormal(standardDeviation: $1.exp()) }),
        ("divergence", { a, b in
            a.divergence(
                standardDeviation: b.softplus(), priorMean: b.tanh(), priorStandardDeviation: a.softplus())
        }),
    ]

    @Test(arguments: binary.indices) func binaryOperation(_ index: Int) {
        let (name, apply) = Self.binary[index]
        let (x, y) = (normalParameter(6, 4, seed: 2), normalParameter(6, 4, seed: 3))
        let error = gradientError(of: [x, y]) { weightedSum(apply($0.parameter(x), $0.parameter(y))) }
        #expect(error < 1e-8, "\(name)")
    }

    @Test func linearMapWithAndWithoutPartOfTheOutputs() {
        let (x, w, b) = (normalParameter(5, 4, seed: 1), normalParameter(6, 4, seed: 2), normalParameter(1, 6, seed: 3))
        for outputs in [nil, 1..<4] as [Range<Int>?] {
            let error = gradientError(of: [x, w, b]) { tape in
                weightedSum(
                    tape.parameter(x).linear(weight: tape.parameter(w), bias: tape.parameter(b), outputs: outputs))
            }
            #expect(error < 1e-8)
        }
        #expect(
            gradientError(of: [x, w]) { weightedSum($0.parameter(x).linear(weight: $0.parameter(w), bias: nil)) } < 1e-8)
    }

    @Test func layerNorm() {
        let (x, g, b) = (normalParameter(5, 7, seed: 1), normalParameter(1, 7, seed: 2), normalParameter(1, 7, seed: 3))
        #expect(
            gradientError(of: [x, g, b]) {
                weightedSum($0.parameter(x).layerNorm(gamma: $0.parameter(g), beta: $0.parameter(b)))
            } < 1e-8)
    }

    @Test(arguments: [(1, 1), (2, 1), (2, 3)]) func attention(_ heads: Int, _ sequences: Int) {
        let (q, k, v) = (
            normalParameter(2 * sequences, 4, seed: 1), normalParameter(3 * sequences, 4, seed: 2),
            normalParameter(3 * sequences, 4, seed: 3))
        var mask = Matrix<Double>(rows: 2, columns: 3)
        mask[0, 1] = -.infinity
        let operation = AttentionOperation<Double>(width: 4, heads: heads, sequences: sequences, mask: mask)
        let error = gradientError(of: [q, k, v]) { tape in
            weightedSum(
                operation(
                    queries: ColumnBlock(tape.parameter(q)), keys: ColumnBlock(tape.parameter(k)),
                    values: ColumnBlock(tape.parameter(v))))
        }
        #expect(error < 1e-8)
    }

    @Test func blockedKeysAreNotSeen() {
        let tape = Tape<Double>()
        var mask = Matrix<Double>(rows: 1, columns: 2)
        mask[0, 1] = -.infinity
        let values = tape.constant(Matrix([[1, 2], [30, 40]]))
        let result = AttentionOperation<Double>(width: 2, mask: mask)(
            queries: ColumnBlock(tape.constant(Matrix([[1, 1]]))), keys: ColumnBlock(values),
            values: ColumnBlock(values))
        #expect(result.value.elements == [1, 2])
    }
}
