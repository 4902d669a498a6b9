import Matrices
import Prediction

/// The variation ratio: the share of samples whose best class is not the one that is best most often (Freeman 1965; Gal
/// 2016, section 3.3.2). A multiple of 1/samples, 0 for heads without variance. O(samples · classes) a row.
public struct VariationRatio: SampledScore, Codable {
    public static let about = ScoreDescription(
        name: "variation-ratio", summary: "The share of posterior samples that disagree with the most frequent class",
        source: "Freeman 1965, Elementary Applied Statistics; Gal 2016, thesis", needs: .posterior)

    public let samples: Int

    public init(samples: Int = 64) {
        precondition(samples > 1, "\(samples) samples")
        self.samples = samples
    }

    public func score(_ samples: SampledRow) -> Float {
        var counts = [Int](repeating: 0, count: samples.logits.columns)
        for winner in samples.logits.rowArgmaxima() { counts[winner] += 1 }
        return 1 - Float(counts.max() ?? 0) / Float(samples.logits.rows)
    }
}
