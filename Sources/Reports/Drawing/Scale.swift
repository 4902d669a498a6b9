import Foundation

/// Maps numbers to places in a drawing.
struct LinearScale: Sendable {
    let domain: ClosedRange<Double>
    /// Where the ends of the domain are drawn; the second may be the smaller.
    let start: Double
    let end: Double

    /// A domain of one point, or with an end that is not finite, is widened to something that can be drawn.
    init(_ domain: ClosedRange<Double>, from start: Double, to end: Double) {
        let isUsable = domain.lowerBound.isFinite && domain.upperBound.isFinite
            && (domain.upperBound - domain.lowerBound).isFinite
        let (low, high) = isUsable ? (domain.lowerBound, domain.upperBound) : (0, 1)
        let least = max(abs(low), abs(high)) * 1e-9
        self.domain = high - low > least ? low...high : (low - max(0.5, abs(low) / 2))...(low + max(0.5, abs(low) / 2))
        (self.start, self.end) = (start, end)
    }

    func callAsFunction(_ value: Double) -> Double {
        start + (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound) * (end - start)
    }

    /// Round numbers inside the domain, about `count` of them, at steps of 1, 2 or 5 times a power of ten.
    func ticks(_ count: Int = 5) -> [Double] {
        let step = Self.step(domain.upperBound - domain.lowerBound, count)
        let first = Int((domain.lowerBound / step - 1e-6).rounded(.up))
        let last = Int((domain.upperBound / step + 1e-6).rounded(.down))
        return first <= last ? (first...last).map { Double($0) * step } : []
    }

    /// The digits after the point that tell the ticks apart.
    func digits(_ count: Int = 5) -> Int {
        max(0, Int((-log10(Self.step(domain.upperBound - domain.lowerBound, count)) - 1e-9).rounded(.up)))
    }

    private static func step(_ width: Double, _ count: Int) -> Double {
        let rough = width / Double(max(count, 1))
        let power = pow(10, log10(rough).rounded(.down))
        return power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10)
    }

    /// The smallest range with round ends that holds all finite `values`, and a little more; `fallback` where there are none.
    static func domain(of values: [Double], within limits: ClosedRange<Double>? = nil, fallback: ClosedRange<Double> = 0...1)
        -> ClosedRange<Double>
    {
        let values = values.filter(\.isFinite)
        guard let low = values.min(), let high = values.max() else { return fallback }
        let step = step(max(high - low, max(abs(high), abs(low)) * 0.02, 1e-9), 5)
        var (from, to) = ((low / step - 0.2).rounded(.down) * step, (high / step + 0.2).rounded(.up) * step)
        // What nothing is below ends at nothing: bars stand on it.
        if low == 0 { from = 0 }
        if let limits { (from, to) = (max(from, limits.lowerBound), min(to, limits.upperBound)) }
        return from < to ? from...to : fallback
    }
}

/// Equal places for a number of things, with gaps between them.
struct BandScale: Sendable {
    let count: Int
    let start: Double
    let end: Double

    var width: Double { (end - start) / Double(max(count, 1)) }
    func middle(_ index: Int) -> Double { start + (Double(index) + 0.5) * width }
}
