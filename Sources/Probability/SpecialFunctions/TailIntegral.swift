// Integrals of e^f from the point where f is 0 into the tail where it falls, by Gauss and Legendre's rule of 32 points.

import Foundation

/// What is left out of a tail: e^−40 of the integrand's largest value.
let tailDepth = 40.0

/// ∫₀^length e^f(u)·g(u) du, f smooth with f(0) = 0 and falling by at most about `tailDepth`: to rounding, then.
@inline(__always)
func tailIntegral(_ length: Double, _ f: (Double) -> Double, weight g: (Double) -> Double = { _ in 1 }) -> Double {
    let half = 0.5 * length
    var sum = 0.0
    for (node, weight) in legendreNodes {
        let (low, high) = (half * (1 - node), half * (1 + node))
        sum += weight * (exp(f(low)) * g(low) + exp(f(high)) * g(high))
    }
    return half * sum
}

/// The u at which slope·u + ½·curvature·u² reaches `tailDepth`, both ≥ 0.
func tailLength(slope: Double, curvature: Double) -> Double {
    2 * tailDepth / (slope + (slope * slope + 2 * curvature * tailDepth).squareRoot())
}

/// The positive nodes of the rule of 32 points on [−1, 1], and their weights.
let legendreNodes: [(node: Double, weight: Double)] = [
    (0.048307665687738316235, 0.096540088514727800567), (0.14447196158279649349, 0.095638720079274859419),
    (0.23928736225213707454, 0.093844399080804565639), (0.33186860228212764978, 0.091173878695763884713),
    (0.42135127613063534536, 0.087652093004403811143), (0.50689990893222939002, 0.083311924226946755222),
    (0.58771575724076232904, 0.078193895787070306472), (0.66304426693021520098, 0.072345794108848506225),
    (0.73218211874028968039, 0.065822222776361846838), (0.79448379596794240696, 0.058684093478535547145),
    (0.84936761373256997013, 0.050998059262376176196), (0.89632115576605212397, 0.042835898022226680657),
    (0.93490607593773968917, 0.034273862913021433103), (0.96476225558750643077, 0.025392065309262059456),
    (0.9856115115452683354, 0.016274394730905670605), (0.99726386184948156354, 0.0070186100094700966004),
]
