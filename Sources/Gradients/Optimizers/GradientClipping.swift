import Matrices

/// Scales all gradients down together so that their joint Euclidean norm is at most `maximum`; returns the norm before
/// (Pascanu et al. 2013).
@discardableResult
public func clipGradientNorm<Scalar: MatrixScalar>(of parameters: [Parameter<Scalar>], maximum: Scalar) -> Scalar {
    var square: Scalar = 0
    for parameter in parameters {
        guard let gradient = parameter.gradient else { continue }
        square += gradient.dot(gradient)
    }
    let norm = square.squareRoot()
    if norm > maximum {
        for parameter in parameters { parameter.gradient?.scale(by: maximum / norm) }
    }
    return norm
}
