import Foundation
import Probability
import TestSupport
import Testing

@testable import NoveltyDetection

@Suite struct DriftAlarmTests {
    /// A stream of rows like the known ones raises an alarm with probability α at most, ever (Ville). 500 streams of 600
    /// rows against 150 known ones, of scores with and without ties: more alarms than the 10⁻⁴ upper quantile of
    /// Binomial(500, α) would refute it.
    @Test(arguments: [0.2, 0.05], [false, true])
    func falseAlarmsOfTheEProcess(alpha: Double, hasTies: Bool) throws {
        var stream = RandomStream(seed: hasTies ? 41 : 42)
        func score() -> Double { hasTies ? Double(stream.integer(below: 4)) : stream.gaussian() }
        var alarms = 0
        for run in 0..<500 {
            var alarm = try DriftAlarm(
                known: (0..<150).map { _ in score() }, rule: .eProcess(falseAlarmProbability: alpha),
                seed: UInt64(run))
            for _ in 0..<600 where try alarm.add(score()) { alarms += 1 }
            #expect(alarm.rows == 600 && alarm.alarms <= 1)
        }
        let bound = try Binomial(totalCount: 500, probability: alpha).upperQuantile(1e-4)
        #expect(alarms <= bound)
    }

    /// E[capital] is 1 after any number of rows: the mean over 20,000 urns of 5 known and 3 stream rows. Its standard
    /// error is estimated; 4.5 of them.
    @Test func factorsHaveMeanOne() throws {
        var stream = RandomStream(seed: 77)
        var values: [Double] = []
        for run in 0..<20_000 {
            var alarm = try DriftAlarm(
                known: (0..<5).map { _ in stream.uniform() }, rule: .eProcess(falseAlarmProbability: 1e-9),
                seed: UInt64(run))
            for _ in 0..<3 { _ = try alarm.add(stream.uniform()) }
            // Without the share that never bets, whose factor is 1.
            values.append((exp(alarm.logEvidence) - 1) / DriftAlarm.jump)
        }
        let mean = values.reduce(0, +) / 20_000
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000).squareRoot()
        #expect(abs(mean) < 4.5 * deviation / 20_000.0.squareRoot())
        #expect(deviation > 0.1)
    }

    /// N rows to a false alarm on average mean at most n/N alarms in n rows on average, so an alarm within them has that
    /// probability at most (Markov). 500 streams: more with an alarm than the 10⁻⁴ upper quantile of Binomial(500, n/N)
    /// would refute it.
    @Test func falseAlarmsOfTheCusum() throws {
        var (stream, alarmed) = (RandomStream(seed: 43), 0)
        for run in 0..<500 {
            var alarm = try DriftAlarm(
                known: (0..<300).map { _ in stream.gaussian() }, rule: .cusum(rowsBetweenFalseAlarms: 1000),
                seed: UInt64(run))
            for _ in 0..<200 { _ = try alarm.add(stream.gaussian()) }
            if alarm.alarms > 0 { alarmed += 1 }
        }
        let bound = try Binomial(totalCount: 500, probability: 0.2).upperQuantile(1e-4)
        #expect(alarmed <= bound)
    }

    @Test(arguments: [DriftAlarm.Rule.eProcess(falseAlarmProbability: 0.01), .cusum(rowsBetweenFalseAlarms: 10_000)])
    func aRiseIsCaught(rule: DriftAlarm.Rule) throws {
        var stream = RandomStream(seed: 44)
        let known = (0..<1000).map { _ in stream.gaussian() }
        // Two rows of ten come from a novel class after row 500.
        var sudden = try DriftAlarm(known: known, rule: rule)
        for row in 0..<1500 {
            let isNovel = row >= 500 && stream.uniform() < 0.2
            _ = try sudden.add(stream.gaussian() + (isNovel ? 2.5 : 0))
        }
        let alarm = try #require(sudden.firstAlarm)
        #expect((501...800).contains(alarm))
        // All scores rise slowly, by one standard deviation in 2000 rows.
        var slow = try DriftAlarm(known: known, rule: rule)
        for row in 0..<2000 { _ = try slow.add(stream.gaussian() + Double(row) / 2000) }
        #expect(try #require(slow.firstAlarm) < 1600)
    }

    @Test func theCusumTellsSinceWhen() throws {
        var stream = RandomStream(seed: 45)
        var alarm = try DriftAlarm(
            known: (0..<1000).map { _ in stream.gaussian() }, rule: .cusum(rowsBetweenFalseAlarms: 1e5))
        for row in 0..<1100 where try alarm.add(stream.gaussian() + (row < 1000 ? 0 : 2)) {
            #expect((960...1010).contains(alarm.riseSince))
            break
        }
        #expect(alarm.alarms == 1 && alarm.rows < 1050)
    }

    /// A stream that stops anywhere goes on from its state to the bit, whatever numbers it holds.
    @Test(arguments: [DriftAlarm.Rule.eProcess(falseAlarmProbability: 0.01), .cusum(rowsBetweenFalseAlarms: 50)])
    func stateGoesOnToTheBit(rule: DriftAlarm.Rule) throws {
        var stream = RandomStream(seed: 46)
        let known = (0..<200).map { _ in stream.gaussian() } + [.infinity, -.infinity]
        var (whole, parted) = (try DriftAlarm(known: known, rule: rule), try DriftAlarm(known: known, rule: rule))
        for row in 0..<400 {
            let score = row % 37 == 5 ? .infinity : stream.gaussian() + Double(row) / 100
            let raised = try whole.add(score)
            #expect(try parted.add(score) == raised)
            if row % 50 == 3 { parted = try JSONDecoder().decode(DriftAlarm.self, from: JSONEncoder().encode(parted)) }
        }
        #expect(parted == whole && whole.alarms > 0)
    }

    @Test func damagedStateAndBadScoresAreRefused() throws {
        var alarm = try DriftAlarm(known: [1, 2, 3], rule: .eProcess(falseAlarmProbability: 0.1))
        #expect(throws: NoveltyError.scoreIsNaN(set: "stream", row: 0)) { try alarm.add(.nan) }
        #expect(alarm.rows == 0)
        _ = try alarm.add(2.5)
        let text = String(decoding: try JSONEncoder().encode(alarm), as: UTF8.self)
        for (good, bad) in [("\"rows\":1", "\"rows\":2"), ("\"counts\":[", "\"counts\":[0,"), ("0.1}", "1.5}")] {
            #expect(text.contains(good))
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(DriftAlarm.self, from: Data(text.replacing(good, with: bad).utf8))
            }
        }
        #expect(throws: NoveltyError.noRows(set: "known")) {
            try DriftAlarm(known: [], rule: .cusum(rowsBetweenFalseAlarms: 100))
        }
    }
}
