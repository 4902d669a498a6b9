import Prediction

/// What `credence inspect` tells about a CLAP head.
extension CLAPHead {
    public var recipeName: String? { recipe.name }
    public var settings: [HeadSetting] {
        HeadSetting.list(of: recipe, hiding: ["name", "configuration"])
            + HeadSetting.list(of: recipe.configuration, hiding: ["featureDimension"])
    }
    public var posteriorScale: Float? { classNames.isEmpty ? nil : logitStandardDeviation }
    public var densities: RememberedDensities? {
        classDensities.map {
            RememberedDensities(
                classes: $0.counts.count { $0 > 0 }, elementType: $0.elementType.rawValue, bytes: $0.byteCount,
                kind: $0.kind)
        }
    }
    public var keepsRows: Bool { recipe.keepsRows }
}
