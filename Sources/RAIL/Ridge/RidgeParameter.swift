/// A positive number of a ridge solution, the regulariser λ or the width γ of a kernel: given, or chosen from the rows learnt.
public enum RidgeParameter: Sendable, Hashable {
    case fixed(Double)
    /// The maximum of the marginal likelihood of the one-hot targets, each class having a noise variance of its own
    /// (Rasmussen and Williams 2006, section 5.4.1).
    case marginalLikelihood
    /// The least squared error of leave-one-out predictions (closed form; Rasmussen and Williams 2006, equation 5.12).
    case leaveOneOut

    /// Where λ is searched by the primal head.
    public static let searchRange = 1e-2...1e3

    func fault(_ name: String) -> String? {
        if case .fixed(let value) = self, !(value > 0 && value.isFinite) {
            return "\(name) must be positive, not \(value)"
        }
        return nil
    }
}

extension RidgeParameter: CustomStringConvertible, Codable {
    /// A number, `marginal-likelihood` or `leave-one-out`; read back by `init(text:)`.
    public var description: String {
        switch self {
        case .fixed(let value): "\(value)"
        case .marginalLikelihood: "marginal-likelihood"
        case .leaveOneOut: "leave-one-out"
        }
    }

    /// From what `description` gives; nil for other texts.
    public init?(text: String) {
        switch text {
        case Self.marginalLikelihood.description: self = .marginalLikelihood
        case Self.leaveOneOut.description: self = .leaveOneOut
        default:
            guard let value = Double(text) else { return nil }
            self = .fixed(value)
        }
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Self(text: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is no number nor a way to choose one"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
