import Credence

/// One run of the protocol: everything its figures depend on but the program itself. Two runs that are equal have equal
/// figures.
struct StudyRun: Codable, Hashable, Sendable {
    var dataset: String
    var method: String
    var seed: UInt64
    /// 1: the order of labels; others: a random order with this number as its seed.
    var order: Int
    /// `nil` for all rows.
    var rowsPerClass: Int?
    /// `nil` for the test rows.
    var holdout: Double?
    var budget: Int
    /// The head's settings, so that runs of a recipe as it was before are not taken for runs as it is now.
    var settings: [String: String]
}

/// A line of the raw results.
struct StudyRecord: Codable, Sendable {
    var run: StudyRun
    var results: BenchmarkResults
}

extension StudyRun {
    /// Learns and examines, on one thread.
    ///
    /// - Throws: what the protocol throws.
    func results(of method: StudyMethod, on data: StudyData) throws -> BenchmarkResults {
        var options = ContinualBenchmark.Options()
        options.budget = budget
        options.seed = seed
        options.noveltyScores = [Energy()]
        let benchmark = try ContinualBenchmark(data: data.benchmarkData(for: self), options: options)
        var head = try method.makeHead(featureDimension: data.dataset.featureDimension)
        var buffer = ExemplarBuffer(budget: budget)
        return try Parallelism.withThreads(1) {
            try benchmark.run(&head, method: method.name, exemplars: &buffer)
        }
    }
}
