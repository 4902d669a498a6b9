extension SelectorComparison {
    /// What the runs of one budget and selector say, over seeds.
    public struct Row: Codable, Sendable, Equatable {
        public let budget: Int
        public let selector: String
        public let average: MeanInterval?
        /// Of `average`, this selector's minus the baseline's, seed by seed; `nil` for the baseline itself.
        public let averageGain: MeanInterval?
        public let last: MeanInterval?
        public let lastGain: MeanInterval?
        public let forgetting: MeanInterval?
        public let ece: MeanInterval?
        public let nll: MeanInterval?
        public let secondsSelect: MeanInterval?
    }

    /// A row for every budget and selector, budgets ascending, selectors in the order of the runs. O(runs²).
    ///
    /// - Parameter baseline: the selector that gains are taken against, in the seeds that both have run.
    public func rows(baseline: String) -> [Row] {
        var selectors: [String] = []
        for run in runs where !selectors.contains(run.case.selector) { selectors.append(run.case.selector) }
        return Set(runs.map(\.case.budget)).sorted().flatMap { budget in
            selectors.compactMap { row(budget: budget, selector: $0, baseline: baseline) }
        }
    }

    private func row(budget: Int, selector: String, baseline: String) -> Row? {
        let own = runs.filter { $0.case.budget == budget && $0.case.selector == selector }
        guard !own.isEmpty else { return nil }
        let others = runs.filter { $0.case.budget == budget && $0.case.selector == baseline }
        func interval(_ figure: KeyPath<Run, Double?>) -> MeanInterval? {
            MeanInterval(own.compactMap { $0[keyPath: figure] })
        }
        func gain(_ figure: KeyPath<Run, Double?>) -> MeanInterval? {
            guard selector != baseline else { return nil }
            return MeanInterval(
                own.compactMap { run in
                    guard let value = run[keyPath: figure],
                        let other = others.first(where: { $0.case.seed == run.case.seed })?[keyPath: figure]
                    else { return nil }
                    return value - other
                })
        }
        return Row(
            budget: budget, selector: selector, average: interval(\.average), averageGain: gain(\.average),
            last: interval(\.last), lastGain: gain(\.last), forgetting: interval(\.forgetting), ece: interval(\.ece),
            nll: interval(\.nll), secondsSelect: interval(\.secondsSelect))
    }
}
