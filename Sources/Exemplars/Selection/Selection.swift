/// Rows in the order in which a selection took them.
public struct Selection: Sendable, Hashable {
    /// Row numbers, all different.
    public var indices: [Int] = []
    /// What each row added to the objective when it was taken; its meaning is the method's.
    public var gains: [Double] = []

    public init(indices: [Int] = [], gains: [Double] = []) {
        precondition(indices.count == gains.count, "\(indices.count) rows, \(gains.count) gains")
        (self.indices, self.gains) = (indices, gains)
    }

    mutating func append(_ index: Int, gain: Double) {
        indices.append(index)
        gains.append(gain)
    }
}
