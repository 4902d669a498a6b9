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

            With --exemplars the rows to rehearse on are kept in an exemplar store, which 'credence exemplars' works on; \
            model and store change together or not at all. The store is locked for other writers while its rows are chosen.

            With --shard i/n only the i-th of n shares of the rows is read, and --output gets its sums instead of a model: run the \
            same command n times, on as many machines as you like, and join the parts by 'credence merge' (rail-primal only).

            EXAMPLE
              credence learn --model m.safetensors --data pets --classes cat,dog
              credence learn --model m.safetensors --data pets --classes hamster
              credence learn --model m.safetensors --data pet-sketches --update
              credence learn --model n.safetensors --data pets --exemplars pets.sqlite --budget 500 --selector herding
              credence learn --model r.safetensors --data pets --method rail-primal --shard 3/8 --output part-3.safetensors
            """)

    @Option(help: ArgumentHelp("The model file; made if it does not exist.", valueName: "file"), completion: .file())
    var model: String

    @Option(help: ArgumentHelp("Folder with train.safetensors and text.safetensors.", valueName: "folder"), completion: .directory)
    var data: String

    @Option(
        help: ArgumentHelp(
            """
            Classes to learn, parted by commas. Default: all in the data that the model does not know; with --update \
            all in the data.
            """, valueName: "names"))
    var classes: String?

    @Option(help: ArgumentHelp("File with the classes to learn, one a line or a JSON list.", valueName: "file"), completion: .file())
    var classesFile: String?

    @Flag(help: "Also update the classes that the model knows; without it they are refused.")
    var update = false

    @OptionGroup(title: "Learning") var head: HeadOptions
    @OptionGroup(title: "Rehearsal") var exemplars: ExemplarOptions

    @Option(
        name: .customLong("exemplars"),
        help: ArgumentHelp(
            "Keep the rows to rehearse on in this exemplar store, not in the model; made if it does not exist.",
            valueName: "file"), completion: .file())
    var store: String?

    @OptionGroup(title: "Many machines") var sharding: ShardOptions

    @Option(
        help: ArgumentHelp("With --shard: where to write the part; the model stays as it is.", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(help: "Print the summary as JSON on standard output.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if classes != nil, classesFile != nil {
            throw ValidationError("Give --classes or --classes-file, not both.")
        }
        guard sharding.shard != nil else {
            if output != nil { throw ValidationError("--output is for the part of a --shard.") }
            return
        }
        if output == nil { throw ValidationError("--shard needs --output <file> for its part.") }
        if store != nil || exemplars.budget != nil { throw ValidationError("--shard keeps no exemplars: leave --exemplars and --budget out.") }
        if let method = head.method, method != MethodName(.railPrimal) {
            throw ValidationError("--shard needs --method rail-primal: sums of \(method.rawValue) do not add up over shards.")
        }
    }

    func run() throws {
        try common.run(ranks: sharding.shard == nil ? .shared : .apart) { terminal in
            let url = URL(filePath: model)
            if let shard = sharding.shard { return try learnShard(shard, to: URL(filePath: output ?? ""), terminal) }
            try RankedLearning.checkStore(store)
            if Parallelism.ranks.isFirst { try OutputCheck.canWrite(url) }
            let dataset = try Dataset.open(URL(filePath: data), splits: [.train])
            if let store, FileManager.default.fileExists(atPath: store) {
                try PendingModel.settle(url, openStore(store, dataset))
            }
            let pending = PendingModel(of: url)
            var file = try openModel(url, dataset)
            try RankedLearning.check(file.method)
            let summary =
                try RankedLearning.readsShares(file)
                ? learnShare(&file, dataset, terminal) : learn(&file, dataset, pending, terminal)
            terminal.say(summary.text)
            if json { print(try JSONOutput.text(summary)) }
        }
    }

    /// The model in the file, or a new one. A model's method, recipe and budget stay as they were made.
    func openModel(_ url: URL, _ dataset: Dataset) throws -> ModelFile {
        guard FileManager.default.fileExists(atPath: model) else {
            let learner = try head.chosenMethod.make(featureDimension: dataset.featureDimension, options: head)
            let budget = try exemplars.budget(for: learner)
            if let store, !learner.keepsRows {
                throw ValidationError("--exemplars \(store): the recipe '\(learner.recipeName ?? "")' keeps no rows.")
            }
            return ModelFile(
                method: head.chosenMethod, head: learner, exemplars: ExemplarBuffer(budget: store == nil ? budget : 0),
                exemplarStore: store)
        }
        let file = try ModelFile.load(url, answering: false)
        try checkOptions(ofModel: file.method)
        switch (store, file.exemplarStore) {
        case (nil, let kept?): throw ValidationError("\(model) keeps its exemplars in a store: give --exemplars \(kept).")
        case (let store?, nil):
            throw ValidationError("--exemplars \(store) applies to new models; \(model) keeps its exemplars itself.")
        default: break
        }
        if store == nil, let budget = exemplars.budget, budget != file.exemplars.budget {
            throw ValidationError("--budget \(budget): \(model) was made with \(file.exemplars.budget).")
        }
        try check(dataset, fits: file.head)
        return file
    }

    /// A model that exists keeps its method and recipe.
    func checkOptions(ofModel method: MethodName) throws {
        if let wanted = head.method, wanted != method {
            throw ValidationError("--method \(wanted.rawValue): \(model) is a \(method.rawValue) model.")
        }
        if let name = head.given.first(where: { $0 != "--method" }) {
            throw ValidationError("\(name) applies to new models; \(model) exists and keeps its recipe.")
        }
    }

    func check(_ dataset: Dataset, fits head: some Head) throws {
        guard head.featureDimension == dataset.featureDimension else {
            throw CommandFailure(
                .badData,
                "\(data): features of length \(dataset.featureDimension), the model \(model) expects "
                    + "\(head.featureDimension)")
        }
    }

    private func openStore(_ path: String, _ dataset: Dataset) throws -> ExemplarStore {
        try ExemplarStore.open(orCreateAt: URL(filePath: path), dimension: dataset.featureDimension)
    }

    /// Learns and saves.
    private func learn(
        _ file: inout ModelFile, _ dataset: Dataset, _ pending: PendingModel, _ terminal: Terminal
    ) throws -> LearnSummary {
        let known = file.head.classNames
        let chosen = try chosenClasses(dataset, known: known)
        let train = try dataset.rows(.train)
        let labels = try labels(dataset, train, chosen)
        let rows = try train.selecting(labels)
        let report = LearningReport(terminal: terminal)
        report.begin(LearnSummary.phrase("learning", chosen.new.count, "updating", chosen.updated.count))
        let clock = ContinuousClock()
        let start = clock.now
        file.forgetFitted(terminal)

        let store = try store.map { try openStore($0, dataset) }
        let kept = try store.map { try keptRows($0, ofClasses: known) } ?? file.exemplars.exemplars
        // In place, not on a copy: some heads hold gigabytes. Where learning fails, nothing is saved.
        try file.head.learn(
            LearningTask(classes: dataset.prompts.selecting(chosen.new), rows: rows, exemplars: kept), seed: common.seed,
            progress: report.observe)
        let count: Int
        if let store {
            let candidates = TaskCandidates(train, classOf: labels, classNames: file.head.classNames)
            count = try rehearse(&file, candidates, store, pending, report)
        } else {
            let learnt = file.head
            try file.exemplars.update(
                with: rows, classes: learnt.classNames.count, selector: exemplars.selector(for: file.method), seed: common.seed,
                reselecting: true, posterior: learnt.posterior)
            if !file.exemplars.isEmpty {
                try file.head.consolidate(on: file.exemplars.exemplars, seed: common.seed, progress: report.observe)
            }
            count = file.exemplars.count
            try Interruption.check()
            if Parallelism.ranks.isFirst { try file.save(to: URL(filePath: model)) }
        }
        return LearnSummary(
            model: model, method: file.method.rawValue, learnt: chosen.new.map { dataset.classNames[$0] },
            updated: chosen.updated, rows: rows.count, classes: file.head.classNames.count, exemplars: count,
            seconds: (clock.now - start).inSeconds)
    }

    /// The rows that a store keeps of the model's classes.
    private func keptRows(_ store: ExemplarStore, ofClasses known: [String]) throws -> LabelledFeatures {
        let rows = try store.read { try $0.load(classNames: known) }
        guard known.isEmpty || rows.count > 0 else {
            throw CommandFailure(
                .badData, "\(store.url.relativePath): holds no rows of the \(known.count) classes that \(model) knows")
        }
        return rows
    }

    /// Chooses rows into the store, consolidates on all it keeps, and saves the model with the store; returns the number of
    /// rows kept of the model's classes.
    private func rehearse(
        _ file: inout ModelFile, _ candidates: TaskCandidates, _ store: ExemplarStore, _ pending: PendingModel,
        _ report: LearningReport
    ) throws -> Int {
        let learnt = file.head
        let names = learnt.classNames
        let place = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let count: Int
        do {
            count = try store.write { writer in
                var plan = SelectionPlan(
                    selector: exemplars.selector(for: file.method),
                    budget: try exemplars.budget.map { .total($0) } ?? writer.reader.budget() ?? .total(2000),
                    seed: common.seed, knownClasses: .rechoose, model: model, label: { place[$0] },
                    posterior: learnt.posterior)
                plan.settings = ["data": URL(filePath: data).absoluteURL.path, PendingModel.setting: pending.token]
                try writer.select(from: candidates, plan) { _ in try Interruption.check() }
                let kept = try writer.reader.load(classNames: names)
                if kept.count > 0 {
                    try file.head.consolidate(on: kept, seed: common.seed, progress: report.observe)
                }
                try Interruption.check()
                try pending.write(file)
                return kept.count
            }
        } catch {
            pending.discard()
            throw error
        }
        try pending.finish()
        return count
    }

    /// The data's labels of the classes to learn or update.
    func chosenClasses(_ dataset: Dataset, known: [String]) throws -> ChosenClasses {
        ChosenClasses(try chosenLabels(dataset, known: known), of: dataset, known: known)
    }

    private func chosenLabels(_ dataset: Dataset, known: [String]) throws -> [Int] {
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

    /// Of each training row the class as the head will know it, `nil` for classes not chosen: a known class by its place in
    /// the model, whatever its label in the data, and new classes after those, in the order chosen.
    private func labels(_ dataset: Dataset, _ train: FeatureRows, _ chosen: ChosenClasses) throws -> [Int?] {
        guard let labels = try train.labels() else {
            throw CommandFailure(.badData, "\(data): the training rows have no labels")
        }
        let present = Set(labels)
        if let empty = chosen.labels.first(where: { !present.contains($0) }) {
            throw CommandFailure(.badData, "\(data): class '\(dataset.classNames[empty])' has no training rows")
        }
        return labels.map { chosen.places[$0] }
    }
}

/// What `learn` tells at the end.
struct LearnSummary: Encodable {
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
