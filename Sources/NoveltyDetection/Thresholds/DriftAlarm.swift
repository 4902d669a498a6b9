import Foundation

/// Watches a stream of novelty scores and says when they have risen: a test of exchangeability by betting, with a false
/// alarm rate that holds for every stream length and every law of the score.
///
/// Each row's score falls into a bin of known scores (`KnownBins`), whose probability q under "nothing has changed" is
/// known exactly. Bets r(κ) ∝ q·κ·pᵏ⁻¹ (p the upper tail of the bin, κ = 0.8, 0.5, 0.25 and 0.1: ever more of the rows are
/// rarer than known ones are) win by the factor r/q; every such factor has mean 1 as long as nothing has changed. Capital
/// starts with "no change" and moves on to the bets at a fixed rate, so that a late change is caught as well (Vovk et al.
/// 2021, arXiv:2102.10439, "simple jumper"; Shin, Ramdas and Rinaldo 2023, arXiv:2203.03532).
///
/// It needs no p-value cut and finds small lasting rises as well as rare extreme rows. What it cannot find is a rise that
/// the known rows are too few to rule out: as the stream goes on, its own rows join the urn. State is a few hundred
/// numbers, whatever the stream's length, and `Codable`: a decoded alarm goes on to the bit.
///
/// ```swift
/// var alarm = try DriftAlarm(known: heldOutScores, rule: .eProcess(falseAlarmProbability: 0.01))
/// for score in stream where alarm.add(score) { print("drift at row \(alarm.rows)") }
/// ```
public struct DriftAlarm: Sendable, Hashable {
    /// When to raise the alarm, and what is promised of false alarms: of streams whose rows are exchangeable with the
    /// known ones.
    public enum Rule: Sendable, Hashable, Codable {
        /// When the capital of one long bet reaches 1/α: no alarm ever with probability 1 − α at least (Ville's
        /// inequality). For one stream that is watched until it drifts.
        case eProcess(falseAlarmProbability: Double)
        /// When the best capital of bets begun at any row reaches N: at least N rows to a false alarm on average. The
        /// alarm goes on with fresh bets after it was raised. For watching without end.
        case cusum(rowsBetweenFalseAlarms: Double)
    }

    public let rule: Rule
    /// Seed of the random numbers that put equal scores in order.
    public let seed: UInt64
    /// Rows added so far.
    public internal(set) var rows = 0
    /// The row after which the alarm was raised first, counted from 1; `nil` while it was not.
    public internal(set) var firstAlarm: Int?
    /// Alarms raised: 1 at most under `.eProcess`.
    public internal(set) var alarms = 0
    /// The natural logarithm of the capital: under `.eProcess` that of the whole bet, under `.cusum` that of the best one.
    public internal(set) var logEvidence = 0.0
    /// The row after which the evidence of a rise began to grow for the last time, under `.cusum`: an estimate of when it
    /// set in.
    public internal(set) var riseSince = 0

    let bins: KnownBins
    /// Rows of the stream by bin.
    var counts: [Int]
    /// By bet: Σ over bins of (gaps + counts)·κ·tailᵏ⁻¹, so that a bet's factor needs no sum over bins.
    var normalisers: [Double]
    /// By strategy, the first being "no change": the logarithm of its capital.
    var logCapital: [Double]
    /// The logarithm of no capital: finite, so that JSON can hold it.
    static let nothing = -Double.greatestFiniteMagnitude

    static let exponents = [0.8, 0.5, 0.25, 0.1]
    /// The share of capital that leaves "no change" for the bets with each row, and the bets for "no change".
    static let jump = 0.001

    /// O(n log n) in the known rows.
    ///
    /// - Parameter known: scores of rows that neither head nor score was fitted on; some hundred at least.
    /// - Throws: `NoveltyError` where there is no score or one is NaN.
    public init(known: some Collection<Double>, rule: Rule, seed: UInt64 = 1) throws(NoveltyError) {
        switch rule {
        case .eProcess(let alpha): precondition(alpha > 0 && alpha < 1, "a false alarm probability of \(alpha)")
        case .cusum(let rows): precondition(rows > 1 && rows.isFinite, "\(rows) rows between false alarms")
        }
        if known.isEmpty { throw .noRows(set: "known") }
        for (row, score) in known.enumerated() where score.isNaN { throw .scoreIsNaN(set: "known", row: row) }
        self.rule = rule
        self.seed = seed
        let bins = KnownBins(known: Array(known), uniform: RowUniform(seed: ~seed))
        self.bins = bins
        counts = Array(repeating: 0, count: bins.count)
        normalisers = Self.exponents.map { exponent in
            zip(bins.gaps, bins.tail).reduce(0.0) { $0 + Double($1.0) * Self.bet(exponent, $1.1) }
        }
        logCapital = Self.opening
    }

    /// κ·pᵏ⁻¹.
    private static func bet(_ exponent: Double, _ tail: Double) -> Double { exponent * pow(tail, exponent - 1) }

    private static var opening: [Double] {
        [log(1 - jump)] + exponents.map { _ in log(jump / Double(exponents.count)) }
    }

    /// Whether another alarm compares with the same known scores, ties put in the same order.
    public func hasSameKnownRows(as other: DriftAlarm) -> Bool { bins == other.bins }

    /// Adds the next row's score; true where the alarm is raised by it. O(1) but for the search of the bin.
    ///
    /// - Throws: `NoveltyError.scoreIsNaN`, naming the row counted from 0; the row is then not added.
    public mutating func add(_ score: Double) throws(NoveltyError) -> Bool {
        if score.isNaN { throw .scoreIsNaN(set: "stream", row: rows) }
        let bin = bins.bin(score, order: RowUniform(seed: seed)[rows])
        let inUrn = Double(bins.total + rows)
        rows += 1
        let values = Self.exponents.map { Self.bet($0, bins.tail[bin]) }
        // r/q with r = q·bet/Σ q·bet and q = (gaps + counts)/inUrn.
        let gains = zip(values, normalisers).map { log($0 * inUrn / $1) }
        let isRaised: Bool
        switch rule {
        case .eProcess(let alpha):
            for (bet, gain) in gains.enumerated() { logCapital[bet + 1] += gain }
            logEvidence = Self.logSum(logCapital)
            isRaised = logEvidence >= -log(alpha) && alarms == 0
            moveCapital()
        case .cusum(let length):
            // W ← max(W, 1)·factor of a fixed mixture of bets that are followed separately: Σ W stays below the
            // Shiryaev–Roberts statistic, whose mean is the number of rows.
            isRaised = addToSums(gains, limit: log(length))
        }
        if isRaised {
            alarms += 1
            firstAlarm = firstAlarm ?? rows
        }
        counts[bin] += 1
        for (bet, value) in values.enumerated() { normalisers[bet] += value }
        return isRaised
    }

    /// A part of the capital of "no change" goes to the bets, and of the bets' to "no change".
    private mutating func moveCapital() {
        let total = logEvidence
        let bets = Double(Self.exponents.count)
        let idle = exp(logCapital[0] - total)
        var moved = [0.0] + logCapital.dropFirst().map { exp($0 - total) }
        let returned = moved.reduce(0, +) * Self.jump
        for bet in 1..<moved.count { moved[bet] = moved[bet] * (1 - Self.jump) + idle * Self.jump / bets }
        moved[0] = idle * (1 - Self.jump) + returned
        logCapital = moved.map { max(Self.nothing, total + log($0)) }
    }

    private mutating func addToSums(_ gains: [Double], limit: Double) -> Bool {
        // Each bet plays with its share of one unit that is put in anew with every row.
        let share = -log(Double(Self.exponents.count))
        if logEvidence <= 0 || logCapital[1] == Self.nothing { riseSince = rows - 1 }
        for (bet, gain) in gains.enumerated() { logCapital[bet + 1] = max(logCapital[bet + 1], share) + gain }
        logEvidence = Self.logSum(Array(logCapital.dropFirst()))
        guard logEvidence >= limit else { return false }
        for bet in 1..<logCapital.count { logCapital[bet] = Self.nothing }
        return true
    }

    private static func logSum(_ values: [Double]) -> Double {
        let largest = values.max() ?? nothing
        return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
    }
}
