import ArgumentParser
import Credence

extension HeadMethod: ExpressibleByArgument {}

/// The heads the command line can make.
extension HeadMethod {
    /// A head that knows no class yet.
    ///
    /// - Throws: `ValidationError` for options that the method does not have.
    func make(featureDimension: Int, options: HeadOptions) throws -> any ArchivableHead {
        switch self {
        case .clap:
            try options.refuse(RAILOptions.names, method: self)
            let name = options.recipe ?? CLAPRecipe.names[0]
            guard var recipe = CLAPRecipe.named(name, featureDimension: featureDimension) else {
                throw HeadOptions.unknownRecipe(name)
            }
            if let file = options.recipeFile {
                do {
                    recipe = try CLAPRecipe(recipe, overrides: ClassLists.contents(file))
                } catch let error as CLAPError {
                    throw CommandFailure(.badData, "\(file): \(error)")
                }
            }
            if let epochs = options.epochs { recipe.epochs = epochs }
            if let batchSize = options.batchSize { recipe.batchSize = batchSize }
            if let context = options.context { recipe.prediction.context = context }
            if let samples = options.samples { recipe.prediction.samples = samples }
            return try CLAPHead(recipe: recipe)
        case .linear:
            try options.refuse(
                ["--recipe", "--recipe-file", "--context", "--samples"] + RAILOptions.names, method: self)
            var recipe = LinearRecipe()
            if let epochs = options.epochs { recipe.epochs = epochs }
            if let batchSize = options.batchSize { recipe.batchSize = batchSize }
            return LinearHead(recipe: recipe, featureDimension: featureDimension)
        case .railDual:
            try options.refuse(HeadOptions.ofTraining + RAILOptions.ofPrimal, method: self)
            return try RAILDualHead(recipe: options.rail.dualRecipe, featureDimension: featureDimension)
        case .railPrimal:
            try options.refuse(HeadOptions.ofTraining + RAILOptions.ofDual, method: self)
            return try RAILPrimalHead(recipe: options.rail.recipe, featureDimension: featureDimension)
        case .zeroShot:
            try options.refuse(HeadOptions.ofTraining + RAILOptions.names, method: self)
            return ZeroShotHead(featureDimension: featureDimension)
        }
    }
}

/// The options that say what a new head is.
struct HeadOptions: ParsableArguments {
    @Option(
        help: """
            How to learn: clap (variational task heads), linear (the plain baseline), rail-primal (ridge regression on \
            random features, in one pass; rail for short), rail-dual (kernel ridge regression, keeps the rows) or zero-shot. \
            Several joined by +, such as clap+rail, answer as one head. Default: clap.
            """)
    var method: MethodName?

    @Option(
        help: ArgumentHelp(
            "CLAP's recipe: \(CLAPRecipe.names.joined(separator: ", ")). Default: \(CLAPRecipe.names[0]).",
            valueName: "name"), completion: .list(CLAPRecipe.names))
    var recipe: String?

    @Option(
        help: ArgumentHelp(
            #"JSON file with settings of the recipe to change, such as {"epochs": 20, "classPrior": {"mean": "text"}}."#,
            valueName: "file"), completion: .file())
    var recipeFile: String?

    @Option(help: "Passes over a task's rows, instead of the recipe's.")
    var epochs: Int?

    @Option(help: "Rows in a training step, instead of the recipe's.")
    var batchSize: Int?

    @Option(
        help: """
            What CLAP's attention looks at when predicting: inductive (kept in the model) or transductive (the batch).
            """)
    var context: CLAPPrediction.Context?

    @Option(help: "Predict by that many Monte-Carlo draws instead of in closed form (clap).")
    var samples: Int?

    @Option(
        help: """
            What decides, in methods joined by +, between learnt classes and others: calibrated (on rows kept back), \
            zero-shot, or diki. Default: calibrated.
            """)
    var gate: GateName?

    @Option(
        help: ArgumentHelp(
            """
            In methods joined by +, let every task weigh the methods for itself, held to the common weights by this \
            penalty, such as 0.1. Default: common weights.
            """, valueName: "penalty"))
    var taskPenalty: Double?

    @OptionGroup(title: "RAIL") var rail: RAILOptions

    /// Options of methods that train.
    static let ofTraining = [
        "--recipe", "--recipe-file", "--context", "--samples", "--epochs", "--batch-size",
    ]

    func validate() throws {
        for (name, value) in [("--epochs", epochs), ("--batch-size", batchSize), ("--samples", samples)] {
            if let value, value < 1 { throw ValidationError("\(name) must be at least 1, not \(value).") }
        }
        if let taskPenalty, !(taskPenalty > 0 && taskPenalty.isFinite) {
            throw ValidationError("--task-penalty must be above 0, not \(taskPenalty).")
        }
        if let recipe, !CLAPRecipe.names.contains(recipe) { throw Self.unknownRecipe(recipe) }
    }

    static func unknownRecipe(_ name: String) -> ValidationError {
        ValidationError("--recipe '\(name)' is not known; there are \(CLAPRecipe.names.joined(separator: ", ")).")
    }

    var chosenMethod: MethodName { method ?? MethodName(.clap) }

    /// What results say about the options.
    var settings: [String: String] {
        var settings: [String: String] = [:]
        if chosenMethod.heads.contains(.clap) { settings["recipe"] = recipe ?? CLAPRecipe.names[0] }
        if let recipeFile { settings["recipe_file"] = recipeFile }
        if let epochs { settings["epochs"] = String(epochs) }
        if let batchSize { settings["batch_size"] = String(batchSize) }
        if let context { settings["context"] = context.rawValue }
        if let samples { settings["samples"] = String(samples) }
        for (name, value) in rail.given { settings[String(name.dropFirst(2)).replacing("-", with: "_")] = value }
        if chosenMethod.isCombination { settings["gate"] = (gate ?? .calibrated).rawValue }
        if let taskPenalty { settings["task_penalty"] = String(taskPenalty) }
        return settings
    }

    /// The options that were given.
    var given: [String] {
        let all = [
            ("--method", method != nil), ("--recipe", recipe != nil), ("--recipe-file", recipeFile != nil),
            ("--epochs", epochs != nil),
            ("--batch-size", batchSize != nil), ("--context", context != nil), ("--samples", samples != nil),
            ("--gate", gate != nil), ("--task-penalty", taskPenalty != nil),
        ]
        return all.filter(\.1).map(\.0) + rail.given.map(\.name)
    }

    /// - Throws: `ValidationError` where one of `names` was given, since `method` has no such option.
    func refuse(_ names: [String], method: HeadMethod) throws { try refuse(names, method: method.rawValue) }

    func refuse(_ names: [String], method: String) throws {
        if let name = given.first(where: names.contains) {
            throw ValidationError("\(name) does not apply to --method \(method).")
        }
    }

    /// The options less some of those that were given.
    func without(_ isUnwanted: (String) -> Bool) -> HeadOptions {
        var rest = self
        if isUnwanted("--recipe") { rest.recipe = nil }
        if isUnwanted("--recipe-file") { rest.recipeFile = nil }
        if isUnwanted("--epochs") { rest.epochs = nil }
        if isUnwanted("--batch-size") { rest.batchSize = nil }
        if isUnwanted("--context") { rest.context = nil }
        if isUnwanted("--samples") { rest.samples = nil }
        if isUnwanted("--gate") { rest.gate = nil }
        if isUnwanted("--task-penalty") { rest.taskPenalty = nil }
        rest.rail.drop(where: isUnwanted)
        return rest
    }
}

extension CLAPPrediction.Context: ExpressibleByArgument {}
