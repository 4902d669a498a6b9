import Matrices
import Probability

/// The noise of one training step after another.
struct StepNoise {
    private var latent: NormalNoise
    private var global: NormalNoise
    private var quasiRandom: QuasiRandomNormals?
    private let recipe: CLAPRecipe
    private let blocks: Int
    private let classes: Int

    init(recipe: CLAPRecipe, classes: Int, random: RandomStream) throws {
        latent = random.split(0).noise
        global = random.split(1).noise
        self.recipe = recipe
        blocks = max(recipe.configuration.globalSamples, 1)
        self.classes = classes
        if recipe.noise == .quasiRandom {
            quasiRandom = try QuasiRandomNormals(draws: recipe.samples, classes: classes, random: random.split(2))
        }
    }

    /// For a batch of `rows` rows: see `CLAPBatch`. Where every row has noise of its own, that of the rows `own` alone is
    /// made; it is the same whatever `own` is.
    mutating func next(rows: Int, own taken: Range<Int>) -> (own: Matrix<Float>, global: Matrix<Float>?) {
        let width = recipe.configuration.featureDimension
        let antithetic = recipe.noise == .antithetic
        let draws = antithetic ? (recipe.samples + 1) / 2 : recipe.samples
        let stacked = blocks * classes
        var own: Matrix<Float>
        switch recipe.sampling {
        case .logits:
            own =
                quasiRandom?.next(rows: rows * blocks, own: taken.lowerBound * blocks..<taken.upperBound * blocks)
                ?? latent.rows(taken, of: rows, width: blocks * draws, columns: classes)
        case .classVectors:
            own = .standardNormal(rows: draws * stacked, columns: width, noise: &latent)
            if antithetic { own = own.appendingRows(-1 * own) }
        }
        guard recipe.configuration.isHierarchical else { return (own, nil) }
        return (own, .standardNormal(rows: stacked, columns: width, noise: &global))
    }
}

extension NormalNoise {
    /// The noise of some of the next `count` rows, `width` matrix rows of `columns` elements each; moves on behind them all.
    fileprivate mutating func rows(_ taken: Range<Int>, of count: Int, width: Int, columns: Int) -> Matrix<Float> {
        let (start, size) = (position, UInt64(width * columns))
        position = start &+ UInt64(taken.lowerBound) &* size
        defer { position = start &+ UInt64(count) &* size }
        return matrix(rows: taken.count * width, columns: columns)
    }
}
