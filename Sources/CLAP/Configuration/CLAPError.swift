/// What the CLAP head refuses.
public enum CLAPError: Error, Equatable, CustomStringConvertible {
    case missingParameter(String)
    case parameterShape(String, expected: [Int], found: [Int])
    case invalidOption(String, found: String, expected: String)

    public var description: String {
        switch self {
        case .missingParameter(let name): "parameter '\(name)' is missing"
        case .parameterShape(let name, let expected, let found):
            "parameter '\(name)' has the shape \(found), expected \(expected)"
        case .invalidOption(let name, let found, let expected): "option \(name) is \(found), expected \(expected)"
        }
    }
}
