/// How class probabilities are taken from a Gaussian posterior over logits: ways to E[softmax(z)], z ~ N(m, diag v).
///
/// The distances are mean total variation to the exact answer with 100 classes and one logit standard deviation of
/// 0.5 / 1 / 2, the golden `predictive` cases. `Benchmarks/README.md` has them with the time of each.
public enum PredictiveMethod: Sendable, Hashable, Codable {
    /// softmax(m): forgets the variance. 0.008 / 0.043 / 0.16. O(classes) a row.
    case softmaxOfMean
    /// The mean of softmax over samples in antithetic pairs, `samples` rounded up to an even number. 0.009 / 0.027 /
    /// 0.09 with 64. O(samples · classes) a row.
    ///
    /// The noise is one fixed table for all rows: a function of class and sample number alone. So a row's answer does
    /// not depend on other rows, on cutting or on threads; but it does, within its standard error, on the order of
    /// the classes.
    case monteCarlo(samples: Int)
    /// The same with a fixed table of scrambled quasi-random noise; see `SampleDesign.quasiRandom`.
    case quasiMonteCarlo(samples: Int)
    /// The probit approximation by mean field, centred: softmax((m − c)/√(1 + π/8·v)), c = log Σ exp(m). 0.011 / 0.040 /
    /// 0.064, and 0.023 / 0.063 / 0.16 where the variance differs between classes. O(classes) a row.
    ///
    /// The scaling by √(1 + π/8·v) is MacKay's (1992) for two classes; it is not shift-invariant where variances differ.
    /// Centring at the log-sum-exp makes it so (and halves the distance of centring at the maximum there).
    case meanField
    /// Each class against each other, p_i ∝ 1/Σ_k exp(−(m_i − m_k)/√(1 + π/8·(v_i + v_k))) (Lu, Ie and Sha 2020,
    /// arXiv:2006.07584, the pairwise form). Does not change with a common offset. O(classes²) a row.
    case pairwiseMeanField
    /// The mean of the Dirichlet distribution that the Laplace bridge finds (Hobbhahn, Kristiadi and Hennig 2022,
    /// arXiv:2003.01227); see `LaplaceBridge`. O(classes) a row; far off with many classes.
    case laplaceBridge
    /// By quadrature, within 1e-5, the default: a table up to logit standard deviations of 6, `GumbelMaxQuadrature.single`
    /// beyond. O(classes) a row: less than 64 samples cost.
    case exact

    /// Whether the logarithm of a probability is as accurate as the method, however small it is.
    public var isClosedForm: Bool {
        switch self {
        case .softmaxOfMean, .meanField, .pairwiseMeanField, .laplaceBridge: true
        case .monteCarlo, .quasiMonteCarlo, .exact: false
        }
    }

    /// Makes what the method needs once a process, so that what is timed afterwards is the method alone.
    package func prepare() {
        if self == .exact { _ = GumbelMaxTable.shared }
    }

    /// `monteCarlo(samples: 64)`.
    public static var monteCarlo: PredictiveMethod { .monteCarlo(samples: 64) }
}
