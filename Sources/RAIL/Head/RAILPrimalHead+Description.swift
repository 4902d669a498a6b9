import Prediction

/// What `credence inspect` tells about a primal head.
extension RAILPrimalHead {
    public var settings: [HeadSetting] {
        var settings = HeadSetting.list(of: recipe)
        if let precision { settings.append(HeadSetting("sums kept in", precision.rawValue)) }
        if let regulariser { settings.append(HeadSetting("regulariser in use", "\(regulariser)")) }
        settings.append(HeadSetting("rows learnt", "\(rowCounts.reduce(0, +))"))
        settings.append(HeadSetting("link slope", "\(Float(link.slope))"))
        settings.append(HeadSetting("link width", "\(Float(link.width))"))
        return settings
    }

    /// Nothing is rehearsed: sums forget nothing.
    public var keepsRows: Bool { false }
}
