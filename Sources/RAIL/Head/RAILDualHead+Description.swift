import Prediction

/// What `credence inspect` tells about a dual head.
extension RAILDualHead {
    public var settings: [HeadSetting] {
        var settings = [HeadSetting("kernel", kernel.name)]
        switch kernel {
        case .gaussian(let gamma): settings.append(HeadSetting("gamma in use", "\(gamma)"))
        case .linear: break
        case .polynomial(let degree, let offset):
            settings += [HeadSetting("degree", "\(degree)"), HeadSetting("offset", "\(offset)")]
        case .arcCosine(let order): settings.append(HeadSetting("order", "\(order)"))
        }
        settings += HeadSetting.list(of: recipe, hiding: ["kernel"])
        if let regulariser { settings.append(HeadSetting("regulariser in use", "\(regulariser)")) }
        settings.append(HeadSetting("rows kept", "\(rows.count)"))
        settings.append(HeadSetting("solved", landmarks.map { "by \($0.count) landmarks" } ?? "exactly"))
        settings.append(HeadSetting("link slope", "\(Float(link.slope))"))
        settings.append(HeadSetting("link width", "\(Float(link.width))"))
        return settings
    }

    /// It keeps the rows itself; nothing is rehearsed.
    public var keepsRows: Bool { false }
}
