/// What a head tells people about itself, beside its answers: for `credence inspect` and for reports.
///
/// Everything but `classesPerTask` has a default, for heads that have no such thing.
public protocol DescribedHead: ContinualHead {
    /// The number of new classes of each task learnt so far; 0 for a task that only updated known ones.
    var classesPerTask: [Int] { get }
    /// The name of the recipe the head learns by; `nil` where its method has only one.
    var recipeName: String? { get }
    /// The recipe's settings, in the order in which they are best read.
    var settings: [HeadSetting] { get }
    /// The standard deviation of a unit row's logits, averaged over classes; `nil` for point estimates.
    var posteriorScale: Float? { get }
    /// The densities over features that the head keeps to rehearse on.
    var densities: RememberedDensities? { get }
    /// Whether rows of earlier classes may be kept for the head to rehearse on; `false` for recipes made for those who
    /// may not keep data.
    var keepsRows: Bool { get }
}

extension DescribedHead {
    public var recipeName: String? { nil }
    public var settings: [HeadSetting] { [] }
    public var posteriorScale: Float? { nil }
    public var densities: RememberedDensities? { nil }
    public var keepsRows: Bool { true }
}

/// What a model file holds of densities over the features of its classes.
public struct RememberedDensities: Sendable, Equatable, Codable {
    /// The number of classes that have a density.
    public var classes: Int
    /// How its numbers are stored, as safetensors names it, such as `F16`.
    public var elementType: String
    /// In the model file.
    public var bytes: Int
    /// What a density is, such as "mean and pooled covariance".
    public var kind: String

    public init(classes: Int, elementType: String, bytes: Int, kind: String) {
        self.classes = classes
        self.elementType = elementType
        self.bytes = bytes
        self.kind = kind
    }
}

/// One setting of a recipe as people read it.
public struct HeadSetting: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension HeadSetting {
    /// The stored properties of a recipe in the order of their declaration: `learningRate = 0.001` becomes
    /// "learning rate" and "0.001"; a property of a part gets the part's name before its own. Settings added to a recipe
    /// are so told without further code.
    ///
    /// - Parameter hidden: properties to leave out.
    public static func list(of recipe: Any, hiding hidden: Set<String> = []) -> [HeadSetting] {
        Mirror(reflecting: recipe).children.flatMap { child -> [HeadSetting] in
            guard let label = child.label, !hidden.contains(label) else { return [] }
            let name = words(label)
            let value = unwrapped(child.value)
            guard let value else { return [HeadSetting(name, "none")] }
            if let flag = value as? Bool { return [HeadSetting(name, flag ? "yes" : "no")] }
            guard Mirror(reflecting: value).displayStyle == .struct, !(value is any CustomStringConvertible) else {
                return [HeadSetting(name, "\(value)")]
            }
            return list(of: value).map { HeadSetting(name + " " + $0.name, $0.value) }
        }
    }

    /// The value of an optional; `nil` for none.
    private static func unwrapped(_ value: Any) -> Any? {
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .optional else { return value }
        return mirror.children.first.flatMap { unwrapped($0.value) }
    }

    /// "learningRate" as "learning rate".
    private static func words(_ label: String) -> String {
        label.reduce(into: "") { text, letter in
            text += letter.isUppercase ? " " + letter.lowercased() : String(letter)
        }
    }
}
