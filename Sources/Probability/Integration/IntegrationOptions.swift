import CGSL

/// A box to integrate over.
public struct IntegrationBox: Sendable, Hashable {
    public let lower: [Double]
    public let upper: [Double]

    /// - Throws: `IntegrationError.badBox` where the two differ in length, are empty, or a bound is not finite or not
    ///   below its upper one.
    public init(lower: [Double], upper: [Double]) throws(IntegrationError) {
        guard !lower.isEmpty, lower.count == upper.count else {
            throw .badBox("\(lower.count) lower and \(upper.count) upper bounds, expected as many of both, 1 or more")
        }
        for k in lower.indices where !(lower[k] < upper[k] && (upper[k] - lower[k]).isFinite) {
            throw .badBox("bounds \(lower[k]) and \(upper[k]) of dimension \(k), expected finite ascending ones")
        }
        self.lower = lower
        self.upper = upper
    }

    /// [0, 1]^dimension.
    ///
    /// - Throws: `IntegrationError.badBox` for a dimension below 1.
    public static func unitCube(dimension: Int) throws(IntegrationError) -> IntegrationBox {
        let count = max(0, dimension)
        return try IntegrationBox(
            lower: [Double](repeating: 0, count: count), upper: [Double](repeating: 1, count: count))
    }

    public var dimension: Int { lower.count }
    public var volume: Double { zip(lower, upper).reduce(1) { $0 * ($1.1 - $1.0) } }
}

/// The settings of MISER (GSL reference manual, "MISER"); the defaults are GSL's.
public struct MiserOptions: Sendable, Hashable {
    /// The share of evaluations spent on estimating variances, in (0, 1].
    public var estimateFraction = 0.1
    /// Evaluations below which a part is not divided; `nil` for 16 a dimension.
    public var minimumEvaluations: Int?
    /// Evaluations below which a division is not looked for; `nil` for 32 times that.
    public var minimumEvaluationsToBisect: Int?
    /// How the parts' variances share out the evaluations, at least 0.
    public var alpha = 2.0
    /// Random shift of the cuts, for integrands symmetric about the middle: 0, or 0.1 say.
    public var dither = 0.0

    public init() {}

    func apply(to state: UnsafeMutablePointer<gsl_monte_miser_state>) throws(IntegrationError) {
        guard estimateFraction > 0, estimateFraction <= 1 else {
            throw .badOption(name: "estimateFraction", value: "\(estimateFraction)", expected: "a number in (0, 1]")
        }
        guard alpha >= 0, alpha < .infinity else {
            throw .badOption(name: "alpha", value: "\(alpha)", expected: "a finite number of at least 0")
        }
        guard dither >= 0, dither < 0.5 else {
            throw .badOption(name: "dither", value: "\(dither)", expected: "a number in [0, 0.5)")
        }
        let minimums = [
            ("minimumEvaluations", minimumEvaluations), ("minimumEvaluationsToBisect", minimumEvaluationsToBisect),
        ]
        for case (let name, let value?) in minimums where value < 2 {
            throw .badOption(name: name, value: "\(value)", expected: "2 or more")
        }
        var parameters = gsl_monte_miser_params()
        gsl_monte_miser_params_get(state, &parameters)
        parameters.estimate_frac = estimateFraction
        parameters.alpha = alpha
        parameters.dither = dither
        if let minimumEvaluations {
            parameters.min_calls = minimumEvaluations
            parameters.min_calls_per_bisection = 32 * minimumEvaluations
        }
        if let minimumEvaluationsToBisect { parameters.min_calls_per_bisection = minimumEvaluationsToBisect }
        gsl_monte_miser_params_set(state, &parameters)
    }
}

/// The settings of VEGAS (GSL reference manual, "VEGAS").
public struct VegasOptions: Sendable, Hashable {
    /// How points are put.
    public enum Mode: String, Sendable, Hashable {
        /// By the learnt density, stratified too where there are evaluations enough.
        case importance
        /// By the learnt density alone.
        case importanceOnly
        /// Evenly in strata; the grid makes their variances equal.
        case stratified

        fileprivate var code: Int32 {
            switch self {
            case .importance: Int32(GSL_VEGAS_MODE_IMPORTANCE)
            case .importanceOnly: Int32(GSL_VEGAS_MODE_IMPORTANCE_ONLY)
            case .stratified: Int32(GSL_VEGAS_MODE_STRATIFIED)
            }
        }
    }

    /// How quickly the grid follows, at least 0; 0 leaves it even.
    public var alpha = 1.5
    /// Iterations of a round, each with its own estimate and a better grid; 2 or more for a χ².
    public var iterations = 5
    public var mode = Mode.importance
    /// A round is repeated while its χ² per degree differs from 1 by more than a half, up to this many times.
    public var maximumRounds = 3

    public init() {}

    func apply(to state: UnsafeMutablePointer<gsl_monte_vegas_state>) throws(IntegrationError) {
        guard alpha >= 0, alpha < .infinity else {
            throw .badOption(name: "alpha", value: "\(alpha)", expected: "a finite number of at least 0")
        }
        guard iterations >= 2 else {
            throw .badOption(name: "iterations", value: "\(iterations)", expected: "2 or more")
        }
        guard maximumRounds >= 1 else {
            throw .badOption(name: "maximumRounds", value: "\(maximumRounds)", expected: "1 or more")
        }
        var parameters = gsl_monte_vegas_params()
        gsl_monte_vegas_params_get(state, &parameters)
        parameters.alpha = alpha
        parameters.iterations = iterations
        parameters.mode = mode.code
        gsl_monte_vegas_params_set(state, &parameters)
    }
}

/// What integration refuses.
public enum IntegrationError: Error, Hashable, Sendable, CustomStringConvertible {
    case badBox(String)
    case badOption(name: String, value: String, expected: String)
    case notFinite(at: [Double], value: Double)

    public var description: String {
        switch self {
        case .badBox(let problem): "integration: \(problem)"
        case .badOption(let name, let value, let expected): "integration: \(name) is \(value), expected \(expected)"
        case .notFinite(let point, let value): "integration: the function is \(value) at \(point)"
        }
    }
}
