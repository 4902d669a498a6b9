/// What charts of a run need beside its figures: curves and counts over the rows examined after the last task, compact
/// enough for `results.json`. Left out of files of earlier releases.
extension BenchmarkResults {
    public struct Diagnostics: Codable, Sendable, Equatable {
        /// Confidence against accuracy of the predictions as they are. Its bins hold every row.
        public var reliability: [ReliabilityBin]
        /// The same rows, their confidence corrected by a temperature; `nil` where too few rows allow no fit.
        public var calibrated: Calibrated?
        /// Coverage ascending; the last point has every row. At most 100 points.
        public var riskCoverage: [RiskPoint]
        /// The classes that are confused most, by rows.
        public var confusion: Confusion?
        /// Which rows were classified right, for paired tests between runs; `nil` beyond `RowOutcomes.mostRows`.
        public var outcomes: RowOutcomes?
    }

    /// The rows whose largest probability lies in one bin.
    public struct ReliabilityBin: Codable, Sendable, Equatable {
        public var rows: Int
        /// Mean largest probability, 0…1.
        public var confidence: Double
        /// Share classified right, 0…1.
        public var accuracy: Double

        public init(rows: Int, confidence: Double, accuracy: Double) {
            (self.rows, self.confidence, self.accuracy) = (rows, confidence, accuracy)
        }
    }

    /// Calibration by temperature, fitted on one half of a sample of the examined rows and measured on the other, both
    /// ways, so that no row is measured with a temperature that it helped to fit.
    public struct Calibrated: Codable, Sendable, Equatable {
        public var rows: Int
        public var reliability: [ReliabilityBin]
        /// Expected calibration errors of the same rows with and without the correction.
        @Figure public var ece: Double?
        @Figure public var eceBefore: Double?
        /// Of the two halves.
        public var temperatures: [Double]
    }

    /// Answering only the most confident rows.
    public struct RiskPoint: Codable, Sendable, Equatable {
        /// The share of rows answered.
        public var coverage: Double
        /// The share of errors among them.
        public var risk: Double

        public init(coverage: Double, risk: Double) { (self.coverage, self.risk) = (coverage, risk) }
    }

    /// Rows of the classes that take part in the largest confusions.
    public struct Confusion: Codable, Sendable, Equatable {
        public var classes: [String]
        /// `[i][j]`: rows of class i taken for class j.
        public var counts: [[Int]]
        /// All rows of each class; what `counts` lacks went to other classes.
        public var rows: [Int]
    }
}

extension BenchmarkResults.Novelty {
    /// One score's known and novel rows, as curves.
    public struct Curves: Codable, Sendable, Equatable {
        /// The edges of the first and the last bin; rows beyond are counted in these.
        public var lowest: Double
        public var highest: Double
        /// Rows by score, in equally wide bins.
        public var known: [Int]
        public var novel: [Int]
        /// Above it a row is called novel: 95 % of the known rows are not.
        @Figure public var threshold: Double?
        /// The receiver operating characteristic with novel rows as positives, from (0, 0) to (1, 1): the share of known
        /// and of novel rows called novel.
        public var falsePositiveRates: [Double]
        public var truePositiveRates: [Double]
    }
}
