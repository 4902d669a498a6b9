import ContinualEvaluation
import NoveltyDetection

/// Runs that differ in their seed alone: one line, bar or column of a report.
struct RunGroup: Sendable {
    /// What tells it from the other groups.
    let name: String
    let runs: [BenchmarkResults]

    /// Groups in the order in which their first runs come.
    static func groups(of results: [BenchmarkResults]) -> [RunGroup] {
        var keys: [Key] = []
        var members: [[BenchmarkResults]] = []
        for result in results {
            let key = Key(result)
            if let place = keys.firstIndex(of: key) {
                members[place].append(result)
            } else {
                keys.append(key)
                members.append([result])
            }
        }
        return zip(Self.names(keys), members).map { RunGroup(name: $0, runs: $1) }
    }

    private struct Key: Equatable {
        let method: String
        let dataset: [String]
        let classesPerTask: [Int]
        let options: [String: String]

        init(_ results: BenchmarkResults) {
            (method, dataset) = (results.method, results.dataset)
            (classesPerTask, options) = (results.classesPerTask, results.options)
        }
    }

    /// The method, and whatever else is not the same in all groups.
    private static func names(_ keys: [Key]) -> [String] {
        guard let first = keys.first else { return [] }
        let options = Set(keys.flatMap(\.options.keys)).sorted().filter { option in
            keys.contains { $0.options[option] != first.options[option] }
        }
        // Options that only some methods have go with the method: they tell nothing that its name does not.
        let names = keys.map { key in
            var parts = [key.method]
            if keys.contains(where: { $0.dataset != first.dataset }) { parts.append(dataName(key.dataset)) }
            if keys.contains(where: { $0.classesPerTask != first.classesPerTask }) {
                parts.append("\(key.classesPerTask.count) tasks")
            }
            for option in options {
                let others = keys.filter { $0.method == key.method && $0.dataset == key.dataset }
                guard let value = key.options[option], others.contains(where: { $0.options[option] != value }) else { continue }
                parts.append(option.replacing("_", with: " ") + " " + value)
            }
            return parts.joined(separator: ", ")
        }
        return names.enumerated().map { index, name in
            let earlier = names[..<index].count { $0 == name }
            return earlier > 0 ? "\(name) (\(earlier + 1))" : name
        }
    }

    /// Folders by their own names.
    static func dataName(_ folders: [String]) -> String {
        folders.map { folder in
            folder.split(separator: "/").last(where: { $0 != "." && $0 != ".." }).map(String.init) ?? folder
        }.joined(separator: " + ")
    }

    /// Of all runs that have the figure.
    func interval(_ figure: (BenchmarkResults) -> Double?) -> MeanInterval? {
        MeanInterval(runs.compactMap(figure).filter(\.isFinite))
    }

    /// The number of tasks of the first run.
    var tasks: Int { runs.first?.accuracyMatrix.count ?? 0 }
}

/// A figure with the ends of its interval, 95 %.
struct Estimate: Sendable, Equatable {
    let value: Double
    let lower: Double?
    let upper: Double?

    /// Over runs: Student's t; without ends for a single one.
    init?(_ interval: MeanInterval?) {
        guard let interval else { return nil }
        value = interval.mean
        lower = interval.halfWidth.map { interval.mean - $0 }
        upper = interval.halfWidth.map { interval.mean + $0 }
    }

    /// A share of counted rows: Clopper and Pearson.
    init(share: Double, of rows: Int) {
        value = share
        guard rows > 0, (0...1).contains(share) else {
            (lower, upper) = (nil, nil)
            return
        }
        let interval = BinomialInterval(count: Int((share * Double(rows)).rounded()), of: rows)
        (lower, upper) = (interval.lower, interval.upper)
    }

    /// The value and the ends that there are, for the range of an axis.
    var extent: [Double] { [value] + [lower, upper].compactMap { $0 } }

    /// "68.1 % (67.0–69.2)".
    var percent: String {
        guard let lower, let upper else { return NumberText.percent(value) }
        return NumberText.percent(value) + " (\(NumberText.fixed(lower * 100, 1))–\(NumberText.fixed(upper * 100, 1)))"
    }
}
