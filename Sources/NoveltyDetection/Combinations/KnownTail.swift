import Foundation
import Probability

/// The upper tail of known scores carried on beyond the largest of them, so that rows far out keep their order: a
/// generalised Pareto distribution above a high quantile (Pickands 1975, doi:10.1214/aos/1176343003), fitted by the
/// estimate of Zhang and Stephens to the largest scores, as many as Pareto-smoothed importance sampling takes. A negative
/// shape, whose tail ends somewhere, is taken as 0, an exponential tail.
struct KnownTail: Sendable {
    /// The largest known score.
    private let largest: Double
    /// Where the tail begins; its shape from 0 and its scale above 0.
    private let start: Double
    private let shape: Double
    private let scale: Double

    /// - Parameter known: ascending.
    init(ascending known: [Float]) {
        let count = Int(min(Double(known.count) / 5, 3 * Double(known.count).squareRoot()).rounded(.up))
        let edge = Double(known.dropLast(count).last ?? known.first ?? 0)
        let exceedances = known.suffix(count).map { Double($0) - edge }.filter { $0 > 0 && $0.isFinite }
        largest = Double(known.last ?? .infinity)
        start = edge
        let mean = exceedances.reduce(0, +) / Double(max(1, exceedances.count))
        if let fit = GeneralizedParetoFit(exceedances: exceedances, priorDraws: 0), fit.shape > 0 {
            (shape, scale) = (fit.shape, fit.scale)
        } else {
            // The exponential's maximum likelihood; of too few or equal scores nothing is known, and all beyond ties.
            (shape, scale) = (0, mean > 0 ? mean : .infinity)
        }
    }

    /// −ln P(S > score | S > largest); 0 up to the largest known score, NaN for NaN.
    func rarity(_ score: Double) -> Double {
        guard !score.isNaN else { return .nan }
        guard score > largest else { return 0 }
        return hazard(min(score, Double(Float.greatestFiniteMagnitude))) - hazard(largest)
    }

    /// −ln P(S > score | S > start).
    private func hazard(_ score: Double) -> Double {
        let x = (score - start) / scale
        return shape > 0 ? log1p(shape * x) / shape : x
    }
}
