import Prediction

/// What `credence inspect` tells about a linear head.
extension LinearHead {
    public var settings: [HeadSetting] { HeadSetting.list(of: recipe) }
}
