import ArgumentParser
import Credence
import Foundation

/// `credence learn`: one more task for a model.
struct LearnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Learn one more task: add classes to a model, making the model if there is none.",
        discussion: """
            Reads the training rows of the new classes from DIR, rehearses on the exemplars stored in the model, and \
            replaces the model file in one step: until that moment, and after an interruption, the old model is \
            untouched, and running again gives the same result.

            EXAMPLE
              credence learn --model m.safetensors --data pets --classes cat,dog
              credence learn --model m.safetensors --data pets --classes hamster
            """)

    @Option(help: ArgumentHelp("The model file; made if it does not exist.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("Folder with train.safetensors and text.safetensors.", valueName: "folder"))
    var data: String

    @Option(
        help: ArgumentHelp(
            "Classes to learn, parted by commas. Default: all in the data that the model does not know.",
            valueName: "names"))
    var classes: String?

    @Option(help: ArgumentHelp("File with the classes to learn, one a line or a JSON list.", valueName: "file"))
    var classesFile: String?

    @OptionGroup(title: "Learning") var head: HeadOptions
    @OptionGroup(title: "Rehearsal") var exemplars: ExemplarOptions

    @Flag(help: "Print the summary as JSON on standard output.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if classes != nil, classesFile != nil {
            throw ValidationError("Give --classes or --classes-file, not both.")
        }
    }

    func run() throws {
        try common.run { terminal in
            let url = URL(filePath: model)
            try OutputCheck.canWrite(url)
            let dataset = try Dataset.open(URL(filePath: data))
            var file = try openModel(url, dataset)
            let summary = try learn(&file, dataset, terminal)
            try Interruption.check()
            try file.save(to: url)
            terminal.say(summary.text)
            if json { print(try JSONOutput.text(summary)) }
        }
    }

    /// The model in the file, or a new one. A model's method, recipe and budget stay as they were made.
    private func openModel(_ url: URL, _ dataset: Dataset) throws -> ModelFile {
        guard FileManager.default.fileExists(atPath: model) else {
            return ModelFile(
                method: head.chosenMethod,
                head: try head.chosenMethod.make(featureDimension: dataset.featureDimension, options: head),
                exemplars: ExemplarBuffer(budget: exemplars.budget ?? ExemplarOptions.defaultBudget))
        }
        let file = try ModelFile.load(url)
        if let method = head.method, method != file.method {
            throw ValidationError("--method \(method.rawValue): \(model) is a \(file.method.rawValue) model.")
        }
        if let name = head.given.first(where: { $0 != "--method" }) {
            throw ValidationError("\(name) applies to new models; \(model) exists and keeps its recipe.")
        }
        if let budget = exemplars.budget, budget != file.exemplars.budget {
            throw ValidationError("--budget \(budget): \(model) was made with \(file.exemplars.budget).")
        }
        guard file.head.featureDimension == dataset.featureDimension else {
            throw CommandFailure(
                .badData,
                "\(data): features of length \(dataset.featureDimension), the model \(model) expects "
                    + "\(file.head.featureDimension)")
        }
        return file
    }

    private func learn(_ file: inout ModelFile, _ dataset: Dataset, _ terminal: Terminal) throws -> LearnSummary {
        let wanted = try chosenClasses(dataset, known: file.head.classNames)
        let rows = try trainingRows(dataset, wanted, known: file.head.classNames.count)
        let prompts = dataset.prompts.selecting(wanted)
        let report = LearningReport(terminal: terminal)
        report.begin("learning \(wanted.count) classes")
        let clock = ContinuousClock()
        let start = clock.now

        var learner = file.head
        try learner.learn(
            LearningTask(classes: prompts, rows: rows, exemplars: file.exemplars.exemplars), seed: common.seed,
            progress: report.observe)
        let selector = exemplars.selector.selector
        try file.exemplars.update(
            with: rows, classes: learner.classNames.count, selector: selector, seed: common.seed,
            posterior: selector.needsPosterior ? learner.posterior(for: rows.features) : nil)
        if !file.exemplars.isEmpty {
            try learner.consolidate(on: file.exemplars.exemplars, seed: common.seed, progress: report.observe)
        }
        file.head = learner
        return LearnSummary(
            model: model, method: file.method.rawValue, learnt: prompts.classNames, rows: rows.count,
            classes: learner.classNames.count, exemplars: file.exemplars.count,
            seconds: (clock.now - start).inSeconds)
    }

    /// The labels of the classes to learn.
    private func chosenClasses(_ dataset: Dataset, known: [String]) throws -> [Int] {
        guard let names = try classesFile.map(ClassLists.read) ?? classes.map(ClassLists.parse) else {
            let new = dataset.classNames.indices.filter { !known.contains(dataset.classNames[$0]) }
            guard !new.isEmpty else {
                throw CommandFailure(
                    .badData, "\(data): the model \(model) already knows all \(dataset.classNames.count) classes")
            }
            return new
        }
        let source = classesFile ?? "--classes"
        guard !names.isEmpty else { throw CommandFailure(.badData, "\(source): no class is named") }
        var chosen: [Int] = []
        for name in names {
            guard let label = dataset.classNames.firstIndex(of: name) else {
                throw CommandFailure(.badData, "\(source): there is no class '\(name)' in \(data)")
            }
            guard !known.contains(name) else {
                throw CommandFailure(.badData, "\(source): the model \(model) already knows class '\(name)'")
            }
            guard !chosen.contains(label) else {
                throw CommandFailure(.badData, "\(source): class '\(name)' is named twice")
            }
            chosen.append(label)
        }
        return chosen
    }

    /// The training rows of the chosen classes, labelled as the head will know them.
    private func trainingRows(_ dataset: Dataset, _ wanted: [Int], known: Int) throws -> LabelledFeatures {
        let train = try dataset.rows(.train)
        guard let labels = try train.labels() else {
            throw CommandFailure(.badData, "\(data): the training rows have no labels")
        }
        var position: [Int: Int] = [:]
        for (offset, label) in wanted.enumerated() { position[label] = known + offset }
        let present = Set(labels)
        if let empty = wanted.first(where: { !present.contains($0) }) {
            throw CommandFailure(.badData, "\(data): class '\(dataset.classNames[empty])' has no training rows")
        }
        return try train.selecting(labels.map { position[$0] })
    }
}

/// What `learn` tells at the end.
private struct LearnSummary: Encodable {
    var model: String
    var method: String
    var learnt: [String]
    var rows: Int
    var classes: Int
    var exemplars: Int
    var seconds: Double

    var text: String {
        "learnt \(learnt.count) classes from \(rows) rows in \(Format.fixed(seconds, 1)) s; \(model) knows \(classes) "
            + "classes and keeps \(exemplars) exemplars"
    }
}
