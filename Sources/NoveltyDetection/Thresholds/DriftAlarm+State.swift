import Foundation

/// An alarm as JSON or any other coding, to go on after a restart; numbers are kept to the bit.
extension DriftAlarm: Codable {
    private enum Key: String, CodingKey {
        case rule, seed, rows, firstAlarm, alarms, logEvidence, riseSince, bins, counts, normalisers, logCapital
    }

    public func encode(to encoder: any Encoder) throws {
        var state = encoder.container(keyedBy: Key.self)
        try state.encode(rule, forKey: .rule)
        try state.encode(seed, forKey: .seed)
        try state.encode(rows, forKey: .rows)
        try state.encodeIfPresent(firstAlarm, forKey: .firstAlarm)
        try state.encode(alarms, forKey: .alarms)
        try state.encode(logEvidence, forKey: .logEvidence)
        try state.encode(riseSince, forKey: .riseSince)
        try state.encode(bins, forKey: .bins)
        try state.encode(counts, forKey: .counts)
        try state.encode(normalisers, forKey: .normalisers)
        try state.encode(logCapital, forKey: .logCapital)
    }

    /// - Throws: `DecodingError` where something is missing, of another type or cannot be the state of an alarm.
    public init(from decoder: any Decoder) throws {
        let state = try decoder.container(keyedBy: Key.self)
        rule = try state.decode(Rule.self, forKey: .rule)
        seed = try state.decode(UInt64.self, forKey: .seed)
        rows = try state.decode(Int.self, forKey: .rows)
        firstAlarm = try state.decodeIfPresent(Int.self, forKey: .firstAlarm)
        alarms = try state.decode(Int.self, forKey: .alarms)
        logEvidence = try state.decode(Double.self, forKey: .logEvidence)
        riseSince = try state.decode(Int.self, forKey: .riseSince)
        bins = try state.decode(KnownBins.self, forKey: .bins)
        counts = try state.decode([Int].self, forKey: .counts)
        normalisers = try state.decode([Double].self, forKey: .normalisers)
        logCapital = try state.decode([Double].self, forKey: .logCapital)
        let bets = Self.exponents.count
        guard rule.isSound, bins.isSound, counts.count == bins.count, counts.allSatisfy({ $0 >= 0 && $0 <= rows }),
            counts.reduce(0, { $0 &+ $1 }) == rows, normalisers.count == bets, normalisers.allSatisfy({ $0 > 0 }),
            logCapital.count == bets + 1
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts, in: state, debugDescription: "is not the state of a drift alarm")
        }
    }
}

extension DriftAlarm.Rule {
    var isSound: Bool {
        switch self {
        case .eProcess(let alpha): alpha > 0 && alpha < 1
        case .cusum(let rows): rows > 1 && rows.isFinite
        }
    }
}
