extension CLAPRecipe {
    /// The project's recipe: one pair of adapters per task as in the paper, started so that predictions begin at
    /// zero-shot, trained on large class-balanced batches with AdamW.
    ///
    /// It leaves out what did not earn its place on validation rows of the training data (Benchmarks/README.md has the
    /// figures): the text regulariser, which at this scale works against the rows, and the attention module, which
    /// costs ten times the training time for the same accuracy. Both are options of the configuration; the published
    /// choices are `reference`.
    public static func `default`(featureDimension: Int) -> CLAPRecipe {
        var configuration = CLAPConfiguration(featureDimension: featureDimension)
        configuration.usesAttention = false
        configuration.textRegularization = 0
        // Where attention is switched on, its rows start at a tenth of the class features' norm.
        configuration.attentionScale = 0.1 / Double(featureDimension).squareRoot()
        var recipe = CLAPRecipe(name: "default", configuration: configuration)
        recipe.initialization = .zeroShot(logitStandardDeviation: 0.1)
        recipe.optimizer = .adamW
        recipe.replay = .balanced
        recipe.batchSize = 256
        recipe.epochs = 5
        recipe.samples = 4
        recipe.learningRate = 1e-3
        return recipe
    }
}
