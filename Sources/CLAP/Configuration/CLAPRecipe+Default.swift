extension CLAPRecipe {
    /// The project's recipe: the network of the paper, started so that predictions begin at zero-shot, larger batches,
    /// class-balanced replay and AdamW; answers depend on the model alone.
    public static func `default`(featureDimension: Int) -> CLAPRecipe {
        var configuration = CLAPConfiguration(featureDimension: featureDimension)
        configuration.attentionScale = 0.1 / Double(featureDimension).squareRoot()
        var recipe = CLAPRecipe(name: "default", configuration: configuration)
        recipe.initialization = .zeroShot(logitStandardDeviation: 0.1)
        recipe.optimizer = .adamW
        recipe.replay = .balanced
        recipe.batchSize = 256
        recipe.epochs = 5
        recipe.samples = 4
        recipe.learningRate = 3e-4
        return recipe
    }
}
