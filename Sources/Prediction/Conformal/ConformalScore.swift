import Foundation

/// How strange a class would be as a row's label: the score of split conformal prediction. Higher is stranger.
///
/// With u in 0…1 the scores are randomised, which makes coverage exact; u = 0 gives the larger, deterministic sets.
public enum ConformalScore: Sendable, Hashable, Codable {
    /// 1 − p: the smallest sets on average (Sadinle, Lei and Wasserman 2019, "least ambiguous").
    case lac
    /// The probability of all classes that are at least as probable, c − u·p: even coverage of easy and hard rows (Romano,
    /// Sesia and Candès 2020, arXiv:2006.02544).
    case aps
    /// The same plus `penalty` for every rank beyond `rank` (Angelopoulos et al. 2021, arXiv:2009.14193).
    case raps(penalty: Double = 0.1, rank: Int = 2)
    /// Looks at the largest probability and the rank alone: u·p_max for rank 1, else p_max + weight·(rank − 2 + u) (Huang
    /// et al. 2024, arXiv:2310.06430).
    case saps(weight: Double = 0.2)

    public var name: String {
        switch self {
        case .lac: "lac"
        case .aps: "aps"
        case .raps: "raps"
        case .saps: "saps"
        }
    }

    /// The scores of all classes, `[classes]`. Of equal probabilities the first class ranks first. O(classes · log
    /// classes).
    public func scores(_ probabilities: [Double], uniform u: Double = 0) -> [Double] {
        if self == .lac { return probabilities.map { 1 - $0 } }
        let order = probabilities.indices.sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
        var (scores, cumulative) = ([Double](repeating: 0, count: probabilities.count), 0.0)
        for (place, k) in order.enumerated() {
            let p = probabilities[k]
            cumulative += p
            switch self {
            case .lac: break
            case .aps: scores[k] = cumulative - u * p
            case .raps(let penalty, let rank):
                scores[k] = cumulative - u * p + max(0, penalty * Double(place + 1 - rank))
            case .saps(let weight):
                let largest = probabilities[order[0]]
                scores[k] = place == 0 ? u * largest : largest + weight * (Double(place + 1 - 2) + u)
            }
        }
        return scores
    }
}
