import ArgumentParser
import Credence
import Foundation

/// `credence learn`: one more task for a model.
struct LearnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Learn one more task: add classes to a model, making the model if there is none, or update classes.",
        discussion: """
            Reads the training rows of the classes from DIR, rehearses on the exemplars stored in the model, and \
            replaces the model file in one step: until that moment, and after an interruption, the old model is \
            untouched, and running again gives the same result.

            With --update, classes that the model knows already are learnt further from the rows in DIR, beside the \
            new ones: more rows, or rows of another domain. Classes are matched by name, so DIR may list them in \
            another order.

            EXAMPLE
              credence learn --model m.safetensors --data pets --classes cat,dog
              credence learn --model m.safetensors --data pets --classes hamster
              credence learn --model m.safetensors --data pet-sketches --update
            """)

    @Option(help: ArgumentHelp("The model file; made if it does not exist.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("Folder with train.safetensors and text.safetensors.", valueName: "folder"))
    var data: String

    @Option(
        help: ArgumentHelp(
            """
            Classes to learn, parted by commas. Default: all in the data that the model does not know; with --update \
            all in the data.
            """, valueName: "names"))
    var classes: String?

    @Option(help: ArgumentHelp("File with the classes to learn, one a line or a JSON list.", valueName: "file"))
    var classesFile: String?

    @Flag(help: "Also update the classes that the model knows; without it they are refused.")
    var update = false

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
            let dataset = try Dataset.open(URL(filePath: data), splits: [.train])
            var file = try openModel(url, dataset)
            let summary = try learn(&file, dataset, terminal)
            if file.calibration != nil || file.conformal != nil {
                file.forgetCalibration()
                terminal.say("the calibration was of the model before; calibrate again")
            }
            if file.detector != nil {
                file.detector = nil
                terminal.say("the novelty detector was of the model before; fit it again")
            }
            try Interruption.check()
            try file.save(to: url)
            terminal.say(summary.text)
            if json { print(try JSONOutput.text(summary)) }
        }
    }

    /// The model in the file, or a new one. A model's method, recipe and budget stay as they were made.
    private func openModel(_ url: URL, _ dataset: Dataset) throws -> ModelFile {
        guard FileManager.default.fileExists(atPath: model) else {
            let learner = try head.chosenMethod.make(featureDimension: dataset.featureDimension, options: head)
            return ModelFile(
                method: head.chosenMethod, head: learner,
                exemplars: ExemplarBuffer(budget: try exemplars.budget(for: learner)))
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
        let known = file.head.classNames
        let chosen = try chosenClasses(dataset, known: known)
        let rows = try trainingRows(dataset, chosen, known: known)
        let new = chosen.filter { !known.contains(dataset.classNames[$0]) }
        let updated = chosen.map { dataset.classNames[$0] }.filter(known.contains)
        let report = LearningReport(terminal: terminal)
        report.begin(LearnSummary.phrase("learning", new.count, "updating", updated.count))
        let clock = ContinuousClock()
        let start = clock.now

        // In place, not on a copy: some heads hold gigabytes. Where learning fails, nothing is saved.
        try file.head.learn(
            LearningTask(
                classes: dataset.prompts.selecting(new), rows: rows, exemplars: file.exemplars.exemplars),
            seed: common.seed, progress: report.observe)
        let learnt = file.head
        try file.exemplars.update(
            with: rows, classes: learnt.classNames.count, selector: exemplars.selector.selector, seed: common.seed,
            reselecting: true, posterior: learnt.posterior)
        if !file.exemplars.isEmpty {
            try file.head.consolidate(on: file.exemplars.exemplars, seed: common.seed, progress: report.observe)
        }
        return LearnSummary(
            model: model, method: file.method.rawValue, learnt: new.map { dataset.classNames[$0] }, updated: updated,
            rows: rows.count, classes: file.head.classNames.count, exemplars: file.exemplars.count,
            seconds: (clock.now - start).inSeconds)
    }

    /// The data's labels of the classes to learn or update.
    private func chosenClasses(_ dataset: Dataset, known: [String]) throws -> [Int] {
        guard let names = try classesFile.map(ClassLists.read) ?? classes.map(ClassLists.parse) else {
            let all = Array(dataset.classNames.indices)
            let chosen = update ? all : all.filter { !known.contains(dataset.classNames[$0]) }
            guard !chosen.isEmpty else {
                throw CommandFailure(
                    .badData,
                    "\(data): the model \(model) already knows all \(dataset.classNames.count) classes; --update learns "
                        + "them further")
            }
            return chosen
        }
        let source = classesFile ?? "--classes"
        guard !names.isEmpty else { throw CommandFailure(.badData, "\(source): no class is named") }
        var chosen: [Int] = []
        for name in names {
            guard let label = dataset.classNames.firstIndex(of: name) else {
                throw CommandFailure(.badData, "\(source): there is no class '\(name)' in \(data)")
            }
            guard update || !known.contains(name) else {
                throw CommandFailure(
                    .badData,
                    "\(source): the model \(model) already knows class '\(name)'; --update learns it further")
            }
            guard !chosen.contains(label) else {
                throw CommandFailure(.badData, "\(source): class '\(name)' is named twice")
            }
            chosen.append(label)
        }
        return chosen
    }

    /// The training rows of the chosen classes, labelled as the head will know them: a known class by its place in the
    /// model, whatever its label in the data, and new classes after those, in the order chosen.
    private func trainingRows(_ dataset: Dataset, _ chosen: [Int], known: [String]) throws -> LabelledFeatures {
        let train = try dataset.rows(.train)
        guard let labels = try train.labels() else {
            throw CommandFailure(.badData, "\(data): the training rows have no labels")
        }
        let present = Set(labels)
        if let empty = chosen.first(where: { !present.contains($0) }) {
            throw CommandFailure(.badData, "\(data): class '\(dataset.classNames[empty])' has no training rows")
        }
        var position: [Int: Int] = [:]
        var next = known.count
        for label in chosen {
            if let place = known.firstIndex(of: dataset.classNames[label]) {
                position[label] = place
            } else {
                position[label] = next
                next += 1
            }
        }
        return try train.selecting(labels.map { position[$0] })
    }
}

/// What `learn` tells at the end.
private struct LearnSummary: Encodable {
    var model: String
    var method: String
    /// The names of the new classes, and of the known ones that were updated.
    var learnt: [String]
    var updated: [String]
    var rows: Int
    var classes: Int
    var exemplars: Int
    var seconds: Double

    var text: String {
        Self.phrase("learnt", learnt.count, "updated", updated.count)
            + " from \(rows) rows in \(Format.fixed(seconds, 1)) s; \(model) knows \(classes) classes and keeps "
            + "\(exemplars) exemplars"
    }

    /// "learnt 3 classes and updated 2", without the part that is zero.
    static func phrase(_ learn: String, _ learnt: Int, _ update: String, _ updated: Int) -> String {
        func classes(_ count: Int) -> String { count == 1 ? "1 class" : "\(count) classes" }
        if updated == 0 { return "\(learn) \(classes(learnt))" }
        return learnt == 0 ? "\(update) \(classes(updated))" : "\(learn) \(classes(learnt)) and \(update) \(updated)"
    }
}
