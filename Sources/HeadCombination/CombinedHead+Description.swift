import Foundation
import Prediction

/// What `credence inspect` tells about a combination.
extension CombinedHead {
    public var recipeName: String? {
        let names = parts.compactMap(\.recipeName)
        return names.isEmpty ? nil : names.joined(separator: "+")
    }

    public var settings: [HeadSetting] {
        var all: [HeadSetting] = []
        for (index, part) in parts.enumerated() {
            let name = "part \(index + 1)"
            all.append(HeadSetting("\(name) weight", String(format: "%.4g", weights.scale * weights.heads[index])))
            all += part.settings.map { HeadSetting("\(name) \($0.name)", $0.value) }
        }
        all += HeadSetting.list(of: recipe)
        all.append(HeadSetting("rows held out", "\(heldOut.rows.count)"))
        if recipe.gate == .calibrated, !classNames.isEmpty {
            let c = gateCoefficients
            all.append(
                HeadSetting(
                    "gate log odds", String(format: "%.3g + %.3g·density + %.3g·text", c.constant, c.density, c.text)))
        }
        return all
    }

    public var posteriorScale: Float? {
        let scales = parts.map(\.posteriorScale)
        guard scales.contains(where: { $0 != nil }) else { return nil }
        let variance = zip(weights.heads, scales).reduce(0) { sum, part in
            let deviation = weights.scale * part.0 * Double(part.1 ?? 0)
            return sum + deviation * deviation
        }
        return Float(variance.squareRoot())
    }

    /// Of the first part that keeps any.
    public var densities: RememberedDensities? { parts.lazy.compactMap(\.densities).first }
    public var keepsRows: Bool { parts.contains(where: \.keepsRows) }
}
