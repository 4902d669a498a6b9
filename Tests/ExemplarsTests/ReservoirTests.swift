import Probability
import TestSupport
import Testing

@testable import Exemplars

@Suite struct ReservoirTests {
    /// Each of 50 rows is kept in 10/50 of 4,000 runs: within 5 standard errors of a share.
    @Test func everyRowIsKeptAsOften() {
        var counts = [Int](repeating: 0, count: 50)
        for run in 0..<4000 {
            var reservoir = Reservoir(capacity: 10, seed: UInt64(run))
            var kept = [Int](repeating: -1, count: 10)
            for row in 0..<50 { if let place = reservoir.offer() { kept[place] = row } }
            for row in kept { counts[row] += 1 }
        }
        let error = (0.2 * 0.8 / 4000).squareRoot()
        for count in counts { #expect(abs(Double(count) / 4000 - 0.2) < 5 * error) }
    }

    /// 900 rows of class 0, 90 of class 1, 10 of class 2 in a mixed stream: 30 places become 10 of each.
    @Test func classesAreBalanced() {
        var stream = RandomStream(seed: 5)
        let labels = stream.permutation(1000).map { $0 < 900 ? 0 : $0 < 990 ? 1 : 2 }
        var reservoir = ClassBalancedReservoir(capacity: 30, seed: 1)
        for label in labels {
            if let place = reservoir.offer(label: label) { #expect(reservoir.labels[place] == label) }
        }
        for label in 0..<3 { #expect(reservoir.labels.filter { $0 == label }.count == 10) }
    }

    /// Within a class the kept rows are uniform: the mean place of class 0's rows over 400 runs.
    @Test func rowsOfAClassAreUniform() {
        var sum = 0.0
        for run in 0..<400 {
            var reservoir = ClassBalancedReservoir(capacity: 20, seed: UInt64(run))
            var rows = [Int](repeating: -1, count: 20)
            for row in 0..<400 { if let place = reservoir.offer(label: row % 2) { rows[place] = row } }
            sum += Double(rows.reduce(0, +)) / 20
        }
        // A row's place has a standard deviation of 115; 8,000 rows, drawn without replacement within a run.
        #expect(abs(sum / 400 - 199.5) < 5 * 115.5 / 8000.0.squareRoot())
    }

    @Test func theSameSeedKeepsTheSame() {
        func kept(_ seed: UInt64) -> [Int] {
            var reservoir = ClassBalancedReservoir(capacity: 7, seed: seed)
            return (0..<100).compactMap { reservoir.offer(label: $0 % 3) }
        }
        #expect(kept(1) == kept(1) && kept(1) != kept(2))
    }
}
