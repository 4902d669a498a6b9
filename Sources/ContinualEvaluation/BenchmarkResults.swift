import FeatureData
import Foundation

/// The figures of one continual protocol: what `results.json` (version 1) holds.
///
/// Fractions are in 0…1, entropies and losses in nats, times in seconds. A figure that is not defined, such as the
/// backward transfer of one task or a loss that is infinite, is `nil` and written as `null`.
public struct BenchmarkResults: Codable, Sendable, Equatable {
    public static let currentVersion = 1

    public var version = Self.currentVersion
    public var method: String
    /// The folders of the data, as they were given.
    public var dataset: [String]
    public var seed: UInt64
    public var classesPerTask: [Int]
    /// `[i][j]`: after learning task i, on task j's test rows, among all classes known then; `nil` where not evaluated.
    public var accuracyMatrix: [[Double?]]
    /// Average incremental accuracy: `AccuracyMatrix.average`.
    @Figure public var average: Double?
    /// Mean accuracy over all tasks after the last one: `AccuracyMatrix.last`.
    @Figure public var last: Double?
    @Figure public var backwardTransfer: Double?
    @Figure public var forgetting: Double?
    /// Expected calibration error in 15 bins, after the last task, over all test rows.
    @Figure public var ece: Double?
    /// Mean negative log-likelihood.
    @Figure public var nll: Double?
    /// Brier score: summed over classes, mean over rows.
    @Figure public var brier: Double?
    public var zeroShot: ZeroShot
    public var novelty: [Novelty]
    public var seconds: Seconds
    public var rowsPerSecond: RowsPerSecond
    /// The most memory the process held, in bytes.
    public var peakRssBytes: Int
    public var environment: [String: String]
    /// The same figures after each task, on the test rows of the classes known then.
    public var tasks: [TaskFigures]
    /// The settings of the run: recipe, budget, selector and the like.
    public var options: [String: String]
    /// Of runs over domains; left out of the file otherwise.
    public var domains: Domains?
    /// Curves and counts for charts; `nil` in files of earlier releases.
    public var diagnostics: Diagnostics?

    /// What the text features alone reach on the same rows, among the same classes.
    public struct ZeroShot: Codable, Sendable, Equatable {
        @Figure public var accuracy: Double?
        /// Among the classes known after each task.
        public var accuracyAfterTask: [Double?]
        /// Mean of `accuracyAfterTask`.
        @Figure public var average: Double?
    }

    /// How well the rows of classes that are still to come are told from those of known classes.
    public struct Novelty: Codable, Sendable, Equatable {
        /// The index of the task learnt last.
        public var afterTask: Int
        public var knownRows: Int
        public var novelRows: Int
        public var scores: [String: Score]
        /// Of the scores that tell best, after the task in the middle of the run; `nil` after others.
        public var curves: [String: Curves]?

        public struct Score: Codable, Sendable, Equatable {
            @Figure public var auroc: Double?
            /// Area under precision and recall with the known rows as positives.
            @Figure public var auprIn: Double?
            /// The same with the novel rows as positives.
            @Figure public var auprOut: Double?
            /// The share of novel rows taken as known where 95 % of the known rows are.
            @Figure public var fpr95: Double?
        }
    }

    public struct Seconds: Codable, Sendable, Equatable {
        /// Learning and consolidation of all tasks.
        public var train: Double
        /// Median of one training step; `nil` for heads that take none.
        @Figure public var trainStepMedian: Double?
        /// Choosing exemplars, the posterior of the candidates included; `nil` in files of earlier releases.
        public var select: Double?
        /// All predictions of the protocol.
        public var predict: Double
    }

    public struct RowsPerSecond: Codable, Sendable, Equatable {
        /// Rows taken in training steps, each as often as it was taken.
        @Figure public var train: Double?
        @Figure public var predict: Double?
    }

    /// What held after one task, over the test rows of all classes known then.
    public struct TaskFigures: Codable, Sendable, Equatable {
        public var task: Int
        public var classes: [String]
        public var trainRows: Int
        public var testRows: Int
        @Figure public var accuracy: Double?
        @Figure public var ece: Double?
        @Figure public var nll: Double?
        @Figure public var brier: Double?
        /// Rows in the exemplar buffer.
        public var exemplars: Int
        public var secondsTrain: Double
    }
}

extension BenchmarkResults {
    /// The JSON text of `results.json`, keys in the order of the alphabet and in snake case.
    public func json() throws -> Data { try ResultsJSON.data(self) }

    /// The results in `json`.
    ///
    /// - Throws: `DecodingError` where the text is not of version 1.
    public init(json: Data) throws {
        self = try ResultsJSON.value(json)
    }
}

/// A number that may be undefined. JSON has no NaN and no infinity: they become `nil`, and `nil` is written as `null`
/// rather than left out, so that every result has the same keys.
@propertyWrapper
public struct Figure: Codable, Sendable, Equatable {
    public var wrappedValue: Double? {
        didSet { wrappedValue = wrappedValue?.finite }
    }

    public init(wrappedValue: Double?) {
        self.wrappedValue = wrappedValue?.finite
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Double.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

extension Double {
    /// `nil` for what JSON cannot hold.
    package var finite: Double? { isFinite ? self : nil }
}
