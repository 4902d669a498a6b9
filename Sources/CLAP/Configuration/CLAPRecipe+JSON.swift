import Foundation

extension CLAPRecipe {
    /// `base` with the settings that the JSON object `overrides` names changed, nested ones one by one:
    /// `{"epochs": 20, "classPrior": {"deviation": 0.05}}`. Unless it is given too, the name says that it is changed.
    ///
    /// - Throws: `CLAPError.invalidOption` naming the first setting that no recipe has or that has a value of another
    ///   type.
    public init(_ base: CLAPRecipe, overrides: Data) throws {
        func refuse(_ name: String, _ found: Any, _ expected: String) -> CLAPError {
            .invalidOption(name, found: "\(found)", expected: expected)
        }
        var complete = base
        complete.pseudoRehearsal = base.pseudoRehearsal ?? PseudoRehearsal()
        complete.prediction.samples = base.prediction.samples ?? 0
        complete.classPrior.sharedDeviation = base.classPrior.sharedDeviation ?? 0
        let known = try Self.object(complete)
        guard let changes = try? JSONSerialization.jsonObject(with: overrides) as? [String: Any] else {
            throw refuse("recipe", "not a JSON object", "an object of settings")
        }
        var settings = try Self.object(base)
        if !changes.isEmpty { settings["name"] = base.name + ", changed" }
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            guard let present = known[name] else {
                throw refuse(name, value, "one of \(known.keys.sorted().joined(separator: ", "))")
            }
            guard Self.groups.contains(name), let group = value as? [String: Any], let all = present as? [String: Any]
            else { continue }
            if let (key, value) = group.sorted(by: { $0.key < $1.key }).first(where: { all[$0.key] == nil }) {
                throw refuse("\(name).\(key)", value, "one of \(all.keys.sorted().joined(separator: ", "))")
            }
            // A group that the base does not have starts with its own defaults.
            if settings[name] == nil { settings[name] = present }
        }
        settings = Self.overlay(changes, on: settings)
        do {
            self = try JSONDecoder().decode(
                CLAPRecipe.self, from: JSONSerialization.data(withJSONObject: settings, options: .sortedKeys))
        } catch let error as DecodingError {
            throw Self.wrongType(error)
        }
    }

    /// A model's configuration, its recipe completed with the reference's settings, which models of earlier versions, whose
    /// recipes have fewer settings, were trained by.
    static func completing(configuration: String) -> String {
        // Optional settings that are not stored were nil, so the base must not have them.
        guard var stored = try? JSONSerialization.jsonObject(with: Data(configuration.utf8)) as? [String: Any],
            let recipe = stored["recipe"] as? [String: Any], let inner = recipe["configuration"] as? [String: Any],
            let width = inner["featureDimension"] as? Int, width > 0,
            let complete = try? object(CLAPRecipe(name: "", configuration: CLAPConfiguration(featureDimension: width)))
        else { return configuration }
        stored["recipe"] = overlay(recipe, on: complete)
        let data = try? JSONSerialization.data(withJSONObject: stored, options: .sortedKeys)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? configuration
    }

    /// Settings that are groups of settings.
    private static let groups: Set<String> = ["configuration", "classPrior", "pseudoRehearsal", "prediction"]

    /// `base` with what `changes` has in its place, one by one in groups.
    private static func overlay(_ changes: [String: Any], on base: [String: Any]) -> [String: Any] {
        var result = base
        for (name, value) in changes {
            if groups.contains(name), let old = base[name] as? [String: Any], let new = value as? [String: Any] {
                result[name] = old.merging(new) { $1 }
            } else {
                result[name] = value
            }
        }
        return result
    }

    private static func object(_ recipe: CLAPRecipe) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: JSONEncoder().encode(recipe)) as? [String: Any] ?? [:]
    }

    private static func wrongType(_ error: DecodingError) -> CLAPError {
        let (context, expected): (DecodingError.Context, String) =
            switch error {
            case .typeMismatch(let type, let context), .valueNotFound(let type, let context): (context, "\(type)")
            case .keyNotFound(let key, let context): (context, "a value for \(key.stringValue)")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (.init(codingPath: [], debugDescription: ""), "another value")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return .invalidOption(path, found: "a value of another type", expected: expected)
    }
}
