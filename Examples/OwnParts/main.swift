// A head, a novelty score, an exemplar selector and a distribution of one's own, at work.
//
//   swift run -c release OwnParts [DATA FOLDER]
//
// Each is one file beside this one; the articles "Add a head", "Add a score", "Add a selector" and "Add a distribution"
// show them and say what the rest of Credence expects of them.

import Credence
import Foundation

let folder = URL(filePath: CommandLine.arguments.dropFirst().first ?? "Examples/Data/fashion-mnist-mini")
let data = try Dataset.open(folder)

// The head learns five tasks, on exemplars of the selector's choice, and is examined after each; the score tells rows of
// classes to come from rows of known ones.
var options = ContinualBenchmark.Options()
options.selector = TypicalExemplars()
options.budget = 50
options.noveltyScores = [NearestMeanDistance(), Energy()]
let tasks = try TaskSplit.equalParts(5, ofClasses: data.classNames.count)
let protocolData = try BenchmarkData(
    names: [data.name], prompts: data.prompts, train: data.rows(.train), test: data.rows(.test), tasks: tasks.tasks)
var head = ClassMeansHead(featureDimension: data.featureDimension)
var exemplars = ExemplarBuffer(budget: options.budget)
let results = try ContinualBenchmark(data: protocolData, options: options).run(
    &head, method: ClassMeansHead.method, exemplars: &exemplars)
func text(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "none" }
print("class means      average \(text(results.average)), last \(text(results.last)), ECE \(text(results.ece))")
for score in options.noveltyScores.map(\.name) {
    let areas = results.novelty.compactMap { $0.scores[score]?.auroc }
    print("\(score): AUROC \(text(areas.reduce(0, +) / Double(areas.count)))")
}
print("\(exemplars.count) exemplars")

// Saved and read again: the same answers, bit by bit.
let test = try data.load(.test)
let file = FileManager.default.temporaryDirectory.appending(path: "own-parts-\(UUID().uuidString).safetensors")
defer { try? FileManager.default.removeItem(at: file) }
try head.archive().write(to: file)
let read = try ClassMeansHead(archive: ModelArchive(contentsOf: file))
let (before, after) = (try head.posterior(for: test.features), try read.posterior(for: test.features))
print("the same after reading: \(before.mean.elements == after.mean.elements && before.variance.elements == after.variance.elements)")

// The distribution: moments against draws.
let triangular = try Triangular(lower: -1, mode: 0.5, upper: 2)
var stream = RandomStream(seed: 1)
let draws = triangular.sample(100_000, &stream)
let mean = draws.reduce(0, +) / Double(draws.count)
print("triangular mean \(text(triangular.mean)), of draws \(text(mean)); median \(text(triangular.median))")
