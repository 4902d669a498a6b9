import Gradients
import Matrices
import Probability

/// Compares the gradients of a scalar function of parameters with central differences, in Double.
///
/// Differences of a smooth function with step h are off by O(h²) and by rounding/h: 1e-5 leaves about 1e-9 of the
/// function's scale.
func gradientError(
    of parameters: [Parameter<Double>], step: Double = 1e-5,
    _ function: (Tape<Double>) -> Variable<Double>
) -> Double {
    for parameter in parameters { parameter.clearGradient() }
    let tape = Tape<Double>()
    tape.backward(from: function(tape))
    var largest = 0.0
    for parameter in parameters {
        let gradient = parameter.gradient ?? Matrix(rows: parameter.value.rows, columns: parameter.value.columns)
        for row in 0..<parameter.value.rows {
            for column in 0..<parameter.value.columns {
                let center = parameter.value[row, column]
                parameter.value[row, column] = center + step
                let above = function(Tape()).scalar
                parameter.value[row, column] = center - step
                let below = function(Tape()).scalar
                parameter.value[row, column] = center
                let difference = (above - below) / (2 * step)
                largest = max(largest, abs(difference - gradient[row, column]) / max(1, abs(difference)))
            }
        }
    }
    return largest
}

/// A parameter with standard normal entries.
func normalParameter(_ rows: Int, _ columns: Int, seed: UInt64, scale: Double = 1) -> Parameter<Double> {
    Parameter(name: "p\(seed)", value: normalMatrix(rows, columns, seed: seed, scale: scale))
}

func normalMatrix(_ rows: Int, _ columns: Int, seed: UInt64, scale: Double = 1) -> Matrix<Double> {
    var noise = NormalNoise(seed: seed)
    var matrix: Matrix<Double> = .standardNormal(rows: rows, columns: columns, noise: &noise)
    for row in 0..<rows { for column in 0..<columns { matrix[row, column] *= scale } }
    return matrix
}

/// Σ weights ∘ x with fixed random weights: a scalar whose gradient reaches every element of x.
func weightedSum(_ x: Variable<Double>, seed: UInt64 = 99) -> Variable<Double> {
    x.multipliedElementwise(by: x.tape.constant(normalMatrix(x.rows, x.columns, seed: seed))).sum()
}
