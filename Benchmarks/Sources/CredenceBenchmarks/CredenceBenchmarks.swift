import ArgumentParser
import Credence
import Foundation

/// Measures what the library's speed rests on; the figures stand in `Benchmarks/README.md`.
@main
struct CredenceBenchmarks: ParsableCommand {
    enum Subject: String, CaseIterable, ExpressibleByArgument {
        case products, kernels, noise, distributions, reading, prediction, uncertainty, novelty, selection, samplers, ridge
        case trainingStep = "training-step"
        case predictiveMethods = "predictive-methods"
    }

    static let configuration = CommandConfiguration(
        commandName: "credence-benchmarks",
        abstract: "Measure products, kernels, noise, distributions, training, prediction, uncertainty, novelty scores, exemplar selection, probabilities, reading, samplers and ridge regression.",
        discussion: "Example: credence-benchmarks training-step --threads 1 --threads 2")

    @Argument(help: "What to measure; everything when left out.")
    var subjects: [Subject] = Subject.allCases

    @Option(help: "Number of threads; may be given several times.")
    var threads: [Int] = [1, 2]

    @Option(help: "Numbers of classes of a training step, multiples of 10; may be given several times.")
    var classes: [Int] = [10, 50, 100]

    @Option(help: "The median of this many repetitions is reported.")
    var repetitions = 15

    @Option(name: .customLong("novelty-rows"), help: "Folder that peers/novelty.py --make wrote, for the subject novelty.")
    var noveltyRows: String?

    @Option(name: .customLong("selection-rows"), help: "File that peers/selection.py --make wrote, for the subject selection.")
    var selectionRows: String?

    @Flag(help: "Processor time instead of elapsed time: for one thread on a busy machine.")
    var cpuTime = false

    @Option(help: "Hidden units of the subject ridge.")
    var hidden = 2000

    @Option(name: .customLong("ridge-rows"), help: "Rows of the subject ridge.")
    var ridgeRows = 10_000

    @Flag(help: "Ridge: learn all classes as one task instead of ten.")
    var once = false

    @Flag(help: "One line of JSON per figure.")
    var json = false

    func validate() throws {
        guard threads.allSatisfy({ $0 > 0 }) else { throw ValidationError("--threads must be 1 or more") }
        guard classes.allSatisfy({ $0 > 0 && $0 % Workload.classesPerTask == 0 }) else {
            throw ValidationError("--classes must be multiples of \(Workload.classesPerTask)")
        }
        guard hidden > 0, ridgeRows >= 1000 else { throw ValidationError("--hidden from 1, --ridge-rows from 1000") }
        guard repetitions > 0 else { throw ValidationError("--repetitions must be 1 or more") }
    }

    func run() throws {
        for subject in subjects {
            // The kernels run on one thread whatever was asked for.
            for count in subject == .kernels ? [1] : threads {
                let harness = Harness(threads: count, repetitions: repetitions, printsJSON: json, countsProcessorTime: cpuTime)
                switch subject {
                case .products: try Products.run(harness)
                case .kernels: try Kernels.run(harness)
                case .noise: try Noise.run(harness)
                case .distributions: try Distributions.run(harness)
                case .reading: try Reading.run(harness)
                case .trainingStep: try TrainingStep.run(harness, classes: classes)
                case .prediction: try Prediction.run(harness)
                case .uncertainty: try UncertaintyOfRows.run(harness)
                case .novelty: try Novelty.run(harness, folder: noveltyRows.map { URL(filePath: $0) })
                case .selection: try SelectionOfExemplars.run(harness, file: selectionRows.map { URL(filePath: $0) })
                case .predictiveMethods: try PredictiveMethods.run(harness)
                case .samplers: try Samplers.run(harness)
                case .ridge: try Ridge.run(harness, hidden: hidden, rows: ridgeRows, solvesOnce: once)
                }
            }
        }
    }
}
