import ArgumentParser
import Credence

/// The options that say which training rows a benchmark learns from and is examined on.
struct TrainingRowsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Hold that share of every class's training rows out and examine these instead of the test rows, whose file \
            is not opened: for choosing settings.
            """, valueName: "share"))
    var holdout: Double?

    @Option(
        help: ArgumentHelp(
            "Learn from at most that many rows of each class (few-shot), chosen by --seed.", valueName: "rows"))
    var rowsPerClass: Int?

    @Option(
        help: ArgumentHelp(
            """
            Learn from long-tailed rows: the most frequent class has that many times the rows of the rarest, the \
            others lie between in equal ratios, in an order by --seed.
            """, valueName: "factor"))
    var imbalance: Double?

    func validate() throws {
        if let holdout, !(holdout > 0 && holdout < 1) {
            throw ValidationError("--holdout must be above 0 and below 1, not \(holdout).")
        }
        if let rowsPerClass, rowsPerClass < 1 {
            throw ValidationError("--rows-per-class must be at least 1, not \(rowsPerClass).")
        }
        if let imbalance, !(imbalance >= 1 && imbalance.isFinite) {
            throw ValidationError("--imbalance must be a finite number from 1 up, not \(imbalance).")
        }
    }

    func subset(seed: UInt64) -> TrainingSubset {
        TrainingSubset(holdout: holdout, rowsPerClass: rowsPerClass, imbalance: imbalance, seed: seed)
    }
}
