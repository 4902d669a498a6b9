extension CLAPRecipe {
    /// The project's recipe: a Gaussian for every class vector, whose prior is made anew in each task from the text and
    /// from densities of all classes so far; logits drawn by local reparameterisation; the evidence lower bound; and old
    /// classes rehearsed on draws from their densities beside a few exemplars.
    ///
    /// Its settings were chosen on rows held out of the training rows; Benchmarks/README.md has the figures, also of what
    /// it leaves out: the attention module (ten times the training time for nothing where classes have many rows), maps
    /// shared by classes, and the text regulariser. They are options of the configuration; `reference` is the published
    /// recipe.
    public static func `default`(featureDimension: Int) -> CLAPRecipe {
        var configuration = CLAPConfiguration(featureDimension: featureDimension)
        configuration.latents = .classVectors
        configuration.usesAttention = false
        configuration.textRegularization = 0
        // Where attention is switched on: rows of norm 1 like the class features, times a gate that starts at 0.
        configuration.attentionScale = 1 / Double(featureDimension).squareRoot()
        configuration.gatesAttention = true
        var recipe = CLAPRecipe(name: "default", configuration: configuration)
        recipe.optimizer = .adamW
        recipe.replay = .balanced
        recipe.batchSize = 256
        recipe.epochs = 5
        recipe.minimumSteps = 50
        recipe.learningRate = 1e-3
        recipe.warmupFraction = 0
        recipe.fineTuneEpochs = 0
        recipe.sampling = .logits
        recipe.noise = .antithetic
        recipe.samples = 4
        recipe.divergence = .evidenceLowerBound(temperature: 1)
        recipe.classPrior.mean = .data
        recipe.classPrior.known = .anew
        recipe.pseudoRehearsal = PseudoRehearsal()
        return recipe
    }

    /// The default for those who may not keep data: no row of a task is stored, old classes are rehearsed on draws from
    /// their densities alone.
    public static func noMemory(featureDimension: Int) -> CLAPRecipe {
        var recipe = CLAPRecipe.default(featureDimension: featureDimension)
        recipe.name = "no-memory"
        recipe.keepsRows = false
        recipe.pseudoRehearsal?.share = 1
        return recipe
    }

    /// For tasks of one to a few dozen rows a class: the prior's scale fitted for predictive probabilities, since such
    /// few rows leave the posterior near it, a least number of steps, and gated attention, through which classes share
    /// what their rows teach.
    public static func fewShot(featureDimension: Int) -> CLAPRecipe {
        var recipe = CLAPRecipe.default(featureDimension: featureDimension)
        recipe.name = "few-shot"
        recipe.configuration.usesAttention = true
        recipe.classPrior.fitsPredictiveScale = true
        recipe.minimumSteps = 100
        return recipe
    }
}
