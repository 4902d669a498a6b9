import ContinualEvaluation

/// One group beside the first.
struct Comparison {
    let name: String
    /// Group less baseline, run by run in the seeds that both have: Student's t.
    let average: MeanInterval?
    let last: MeanInterval?
    /// On the rows of the examination after the last task, where both groups have a run on the same ones: the first such
    /// pair, of equal seeds where there is one.
    let mcNemar: McNemarTest?

    init(_ group: RunGroup, baseline: RunGroup) {
        name = group.name
        func difference(_ figure: (BenchmarkResults) -> Double?) -> MeanInterval? {
            MeanInterval(
                group.runs.compactMap { run in
                    guard let other = baseline.runs.first(where: { $0.seed == run.seed }), let a = figure(run),
                        let b = figure(other)
                    else { return nil }
                    return a - b
                })
        }
        average = difference(\.average)
        last = difference(\.last)
        let pairs = baseline.runs.flatMap { other in group.runs.map { (other, $0) } }
        mcNemar = (pairs.filter { $0.0.seed == $0.1.seed } + pairs).lazy.compactMap { other, run in
            guard let a = other.diagnostics?.outcomes, let b = run.diagnostics?.outcomes else { return nil }
            return McNemarTest(a, b)
        }.first
    }

    /// Every group but the first, where there are several.
    static func all(_ groups: [RunGroup]) -> [Comparison] {
        guard let baseline = groups.first else { return [] }
        return groups.dropFirst().map { Comparison($0, baseline: baseline) }
    }
}
