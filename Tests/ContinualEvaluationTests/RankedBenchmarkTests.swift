import ContinualEvaluation
import Exemplars
import Linear
import Matrices
import Prediction
import TestSupport
import Testing
import ZeroShot

/// Several ranks examine blocks in turn; the first has the figures of one.
@Suite struct RankedBenchmarkTests {
    private func figures(_ head: some ContinualHead) throws -> BenchmarkResults {
        var options = ContinualBenchmark.Options()
        options.budget = 12
        options.blockRows = 5
        var head = head
        var buffer = ExemplarBuffer(budget: options.budget)
        var results = try ContinualBenchmark(data: ToyData().data([[4, 1], [0, 5, 2], [3]]), options: options)
            .run(&head, method: "test", exemplars: &buffer)
        // What no two runs have in common.
        (results.seconds.train, results.seconds.trainStepMedian) = (0, nil)
        (results.seconds.select, results.seconds.predict) = (nil, 0)
        (results.rowsPerSecond.train, results.rowsPerSecond.predict) = (nil, nil)
        (results.peakRssBytes, results.environment) = (0, [:])
        for index in results.tasks.indices { results.tasks[index].secondsTrain = 0 }
        return results
    }

    @Test(arguments: [2, 3]) func theFirstRankHasTheFiguresOfOne(count: Int) throws {
        let head = LinearHead(featureDimension: 16)
        let alone = try figures(head)
        let ranks = try ThreadRanks.run(count) { _ in try self.figures(head) }
        #expect(try ranks[0].json() == alone.json())
        #expect(ranks[1].novelty.isEmpty)
        #expect(ranks[1].average == nil)
    }
}
