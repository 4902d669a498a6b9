// What a request may ask beside its rows; options are given in the query, whatever the form of the body.
import HTTPTypes
import Models
import NoveltyDetection

/// The options of `/v1/classify`, as those of `credence classify`.
struct ClassifyOptions: Hashable, Sendable {
    var topK = 1
    var probabilities = false
    var conformal: Double?
    var abstain: Int?
    var calibrated = true

    static let names = ["top_k", "probabilities", "conformal", "abstain", "calibrated"]

    init(_ query: QueryOptions) throws(RequestError) {
        try query.allow(Self.names)
        topK = try query.integer("top_k", from: 1) ?? 1
        probabilities = try query.bool("probabilities") ?? false
        conformal = try query.share("conformal")
        abstain = try query.integer("abstain", from: 1)
        calibrated = try query.bool("calibrated") ?? true
        if abstain != nil, conformal == nil { throw .bad("the option 'abstain' needs 'conformal'") }
        if !calibrated, conformal != nil { throw .bad("the options 'calibrated=false' and 'conformal' exclude each other") }
    }
}

/// The options of `/v1/novelty`, as those of `credence novelty score`.
struct NoveltyOptions: Hashable, Sendable {
    var decide: String?
    var truePositiveRate: Double?

    static let names = ["decide", "tpr"]

    init(_ query: QueryOptions) throws(RequestError) {
        try query.allow(Self.names)
        decide = query.values["decide"]
        truePositiveRate = try query.share("tpr")
    }
}

/// The query of a request, each name once.
struct QueryOptions: Sendable {
    private(set) var values: [String: String] = [:]

    /// - Parameter path: with the query, as in the request line.
    init(path: String) throws(RequestError) {
        guard let mark = path.firstIndex(of: "?") else { return }
        for part in path[path.index(after: mark)...].split(separator: "&") {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = pieces[0].removingPercentEncoding,
                let value = (pieces.count > 1 ? pieces[1] : "").removingPercentEncoding
            else { throw .bad("the query '\(part)' is not percent-encoded UTF-8") }
            guard values.updateValue(value, forKey: name) == nil else { throw .bad("the option '\(name)' is given twice") }
        }
    }

    func allow(_ names: [String]) throws(RequestError) {
        if let name = values.keys.sorted().first(where: { !names.contains($0) }) {
            throw .bad("there is no option '\(name)'; there are \(names.joined(separator: ", "))")
        }
    }

    func integer(_ name: String, from least: Int) throws(RequestError) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), value >= least else {
            throw .bad("the option '\(name)' is '\(text)', expected a whole number of at least \(least)")
        }
        return value
    }

    func bool(_ name: String) throws(RequestError) -> Bool? {
        guard let text = values[name] else { return nil }
        guard let value = Bool(text) else { throw .bad("the option '\(name)' is '\(text)', expected true or false") }
        return value
    }

    func share(_ name: String) throws(RequestError) -> Double? {
        guard let text = values[name] else { return nil }
        guard let value = Double(text), value > 0, value < 1 else {
            throw .bad("the option '\(name)' is '\(text)', expected a number above 0 and below 1")
        }
        return value
    }
}
