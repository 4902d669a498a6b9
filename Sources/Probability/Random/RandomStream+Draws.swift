import CGSL

extension RandomStream {
    /// 64 uniform bits, from two draws of the generator (three of `ranlxs0`).
    public mutating func next() -> UInt64 {
        let bits = generator.bits
        return withGenerator { generator in
            if bits == 32 {
                let high = UInt64(gsl_rng_get(generator))
                return high << 32 | UInt64(gsl_rng_get(generator))
            }
            // The high bits of each 24 are taken.
            let (a, b, c) = (gsl_rng_get(generator), gsl_rng_get(generator), gsl_rng_get(generator))
            return UInt64(a) << 40 | UInt64(b) << 16 | UInt64(c >> 8)
        }
    }

    /// A uniform number in [0, 1), a multiple of 2^-53.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A uniform number in (0, 1): the middle of one of 2^52 equal parts, so neither end is ever returned and 1 − u has
    /// the same law to the bit.
    public mutating func openUniform() -> Double { (Double(next() >> 12) + 0.5) * 0x1p-52 }

    /// A uniform integer in 0 ..< `bound`, without bias (Lemire 2019, doi:10.1145/3230636, algorithm 5).
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "no integers below \(bound)")
        let range = UInt64(bound)
        var product = next().multipliedFullWidth(by: range)
        if product.low < range {
            let threshold = (0 &- range) % range
            while product.low < threshold { product = next().multipliedFullWidth(by: range) }
        }
        return Int(product.high)
    }

    /// A standard normal number by the ziggurat of Marsaglia and Tsang (`gsl_ran_gaussian_ziggurat`).
    ///
    /// For many at once use `NormalNoise`, which is several times faster.
    public mutating func gaussian() -> Double {
        withGenerator { gsl_ran_gaussian_ziggurat($0, 1) }
    }

    /// A uniformly random order of 0 ..< `count`. O(count).
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        shuffle(&order)
        return order
    }

    /// Puts `elements` into a uniformly random order (Fisher and Yates). Swift's own `shuffle` may change between
    /// versions, and with it every seeded result.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        var last = elements.count - 1
        while last > 0 {
            elements.swapAt(last, integer(below: last + 1))
            last -= 1
        }
    }
}
