import ContinualEvaluation
import Foundation

/// Runs as something to look at: charts with their numbers, as one HTML page or as SVG files.
///
/// ```swift
/// let report = Report(results: [results], title: "Tiny ImageNet, ten tasks")
/// try report.page.write(to: url, atomically: true, encoding: .utf8)
/// for chart in report.charts { print(chart.name, chart.svgFile.utf8.count) }
/// ```
/// Runs that differ in their seed alone are one group, drawn as its mean with an interval; groups stand side by side and
/// are compared with the first. The same results give the same bytes. The page needs nothing but itself: no file, no
/// network, no library. Whatever the results hold, class names and paths included, is text to it.
///
/// Time and memory: O(runs · (tasks² + size of their diagnostics)).
public struct Report: Sendable {
    public let title: String
    let groups: [RunGroup]
    let comparisons: [SelectorComparison]
    /// In the order of the page.
    let sections: [Section]

    /// Charts that belong together.
    struct Section: Sendable {
        /// For links within the page.
        let name: String
        let title: String
        let charts: [Chart]
    }

    /// - Parameters:
    ///   - results: of any number of runs, in any order; the first one's group is what others are compared with.
    ///   - comparisons: of selectors, each a chart of its own.
    ///   - title: `nil` for one made from the data and the methods.
    public init(results: [BenchmarkResults], comparisons: [SelectorComparison] = [], title: String? = nil) {
        groups = RunGroup.groups(of: results)
        self.comparisons = comparisons
        self.title = title ?? Self.title(groups, comparisons)
        sections = Self.sections(groups, comparisons)
    }

    /// All charts, in the order of the page; their names are unique.
    public var charts: [Chart] { sections.flatMap(\.charts) }

    private static func title(_ groups: [RunGroup], _ comparisons: [SelectorComparison]) -> String {
        var data: [String] = []
        for run in groups.flatMap(\.runs) {
            let name = RunGroup.dataName(run.dataset)
            if !data.contains(name) { data.append(name) }
        }
        if data.isEmpty, let settings = comparisons.first?.settings["dataset"] {
            data = [RunGroup.dataName(settings.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })]
        }
        let what = groups.isEmpty ? "Choosing exemplars" : groups.count == 1 ? "Continual learning" : "Comparison of \(groups.count) methods"
        return data.isEmpty ? what : what + " on " + data.joined(separator: ", ")
    }

    private static func sections(_ groups: [RunGroup], _ comparisons: [SelectorComparison]) -> [Section] {
        let isOnly = groups.count == 1
        func each(_ name: String, _ chart: (RunGroup, String) -> Chart?) -> [Chart] {
            groups.enumerated().compactMap { chart($1, isOnly ? name : "\(name)-\($0 + 1)") }
        }
        let score = NoveltyOverTasks.sharedScore(groups)
        let all: [(String, String, [Chart?])] = [
            (
                "learning", "Learning and forgetting",
                [AccuracyOverTasks.chart(groups), DifferenceChart.chart(groups), ForgettingPerTask.chart(groups)]
                    + each("accuracy-matrix") { AccuracyHeatMap.chart($0, among: groups, name: $1) }
            ),
            ("domains-examined", "Domains", [DomainTransfer.chart(groups)]),
            (
                "confidence", "Confidence",
                each("reliability") { ReliabilityDiagram.chart($0, name: $1, isOnly: isOnly) } + [RiskCoverage.chart(groups)]
            ),
            (
                "novelty-detection", "Unknown classes",
                [NoveltyOverTasks.chart(groups)]
                    + (score.map { score in
                        each("densities") { NoveltyDensities.chart($0, score: score, name: $1, isOnly: isOnly) }
                    } ?? [])
                    + [DetectionCurves.receiverOperatingCharacteristic(groups), DetectionCurves.precisionRecall(groups)]
            ),
            ("confusions", "Confusions", each("confusion") { ConfusionHeatMap.chart($0, name: $1, isOnly: isOnly) }),
            (
                "exemplars", "Exemplars",
                comparisons.enumerated().map { index, comparison in
                    SelectorChart.chart(comparison, name: comparisons.count == 1 ? "selectors" : "selectors-\(index + 1)")
                }
            ),
            ("cost", "Time and memory", [CostChart.seconds(groups), CostChart.memory(groups)]),
        ]
        return all.map { Section(name: $0.0, title: $0.1, charts: $0.2.compactMap { $0 }) }.filter { !$0.charts.isEmpty }
    }
}
