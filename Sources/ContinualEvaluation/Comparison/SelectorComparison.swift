import Foundation

/// Runs of one protocol that differ in how exemplars are chosen, how many are kept, and in the seed.
///
/// The runs of a seed share everything but the selector (class order, held-out rows, noise of learning), so differences
/// between selectors are taken within seeds. The file grows run by run: an interrupted comparison goes on where it was.
public struct SelectorComparison: Codable, Sendable, Equatable {
    public static let currentVersion = 1

    public private(set) var version = Self.currentVersion
    /// Everything that the runs have in common: method, data, tasks, recipe, held-out share.
    public let settings: [String: String]
    public private(set) var runs: [Run] = []

    public init(settings: [String: String]) { self.settings = settings }

    /// What is varied.
    public struct Case: Codable, Sendable, Hashable {
        public let budget: Int
        public let selector: String
        public let seed: UInt64

        public init(budget: Int, selector: String, seed: UInt64) {
            self.budget = budget
            self.selector = selector
            self.seed = seed
        }
    }

    /// The figures of one run, as in `BenchmarkResults`; fractions in 0…1, losses in nats, times in seconds.
    public struct Run: Codable, Sendable, Equatable {
        public let `case`: Case
        @Figure public var average: Double?
        @Figure public var last: Double?
        @Figure public var forgetting: Double?
        @Figure public var ece: Double?
        @Figure public var nll: Double?
        @Figure public var secondsSelect: Double?

        public init(_ case: Case, _ results: BenchmarkResults) {
            self.case = `case`
            average = results.average
            last = results.last
            forgetting = results.forgetting
            ece = results.ece
            nll = results.nll
            secondsSelect = results.seconds.select
        }
    }

    public func contains(_ wanted: Case) -> Bool { runs.contains { $0.case == wanted } }

    public mutating func add(_ run: Run) { runs.append(run) }

    /// The JSON text of the comparison, keys in snake case and in the order of the alphabet.
    public func json() throws -> Data { try ResultsJSON.data(self) }

    /// The comparison in `json`.
    ///
    /// - Throws: `DecodingError`, also where the version is another.
    public init(json: Data) throws {
        self = try ResultsJSON.value(json)
        guard version == Self.currentVersion else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "version \(version), expected \(Self.currentVersion)"))
        }
    }
}
