import Matrices

/// How uncertain a prediction is, row by row, in nats: total = aleatoric + epistemic (Houlsby et al. 2011,
/// arXiv:1112.5745; Depeweg et al. 2018, arXiv:1710.07283).
///
/// All three come from the same quadrature or samples, so that they add up and none is below 0. With zero variance the
/// epistemic part is 0.
public struct Uncertainty: Sendable {
    /// Entropy of the predictive probabilities, `[rows]`, 0 … ln(classes).
    public let total: [Float]
    /// Expected entropy of the softmax: what more training would not take away, `[rows]`.
    public let aleatoric: [Float]
    /// The mutual information of class and logits, total − aleatoric: what the posterior does not know, `[rows]`.
    public let epistemic: [Float]
}

extension LogitPosterior {
    /// The uncertainty of each row, by quadrature. O(rows · classes).
    public func uncertainty() -> Uncertainty { prediction(.exact).uncertainty }

    /// The uncertainty of each row by `samples` Monte Carlo samples. O(rows · samples · classes).
    public func uncertainty(samples: Int) -> Uncertainty { prediction(samples: samples).uncertainty }

    /// Probabilities `[rows, classes]` and uncertainty from the same samples, for the work of one.
    public func prediction(samples: Int) -> (probabilities: Matrix<Float>, uncertainty: Uncertainty) {
        let result = MonteCarlo.run(self, samples: samples)
        return (result.probabilities, Uncertainty(result))
    }
}
