import Credence

/// The sizes of the reference's setting (CLAP4CLIP, section 4) at CLIP's width, and models and rows of those sizes.
enum Workload {
    static let dimension = 512
    static let feedForwardWidth = 2048
    static let batch = 32
    static let samples = 20
    static let classesPerTask = 10
    static let prompts = 8
    static let logitScale: Float = 22.25

    /// Unit-length rows of random directions, with labels that go round `classes`.
    static func rows(_ count: Int, classes: Range<Int>) -> LabelledFeatures {
        var noise = NormalNoise(seed: 4)
        return LabelledFeatures(
            features: unitRows(noise.matrix(rows: count, columns: dimension)),
            labels: (0..<count).map { classes.lowerBound + $0 % classes.count })
    }

    /// The classes of task `task` with noisy copies of one direction each as prompts.
    static func classes(ofTask task: Int) -> ClassPrompts {
        let first = task * classesPerTask
        var noise = NormalNoise(seed: 5, stream: UInt64(task))
        return ClassPrompts(
            classNames: (first..<first + classesPerTask).map { "class \($0)" },
            features: (0..<classesPerTask).map { _ in
                let direction: Matrix<Float> = noise.matrix(rows: 1, columns: dimension)
                var copies: Matrix<Float> = noise.matrix(rows: prompts, columns: dimension)
                for row in 0..<prompts {
                    for column in 0..<dimension {
                        copies[row, column] = direction[0, column] + 0.5 * copies[row, column]
                    }
                }
                return unitRows(copies)
            }, logitScale: logitScale)
    }

    /// A head that has learnt all tasks but the last of `classes` classes, one step each.
    static func head(
        beforeLastOf classes: Int, recipe: CLAPRecipe = .reference(featureDimension: dimension)
    ) throws -> CLAPHead {
        var recipe = recipe
        recipe.epochs = 1
        recipe.minimumSteps = 0
        var head = try CLAPHead(recipe: recipe)
        for task in 0..<classes / classesPerTask - 1 {
            try head.learn(learningTask(task, rows: batch), seed: 1) { _ in }
        }
        return head
    }

    static func learningTask(_ task: Int, rows count: Int) -> LearningTask {
        let classes = task * classesPerTask..<(task + 1) * classesPerTask
        return LearningTask(
            classes: Self.classes(ofTask: task), rows: rows(count, classes: classes),
            exemplars: LabelledFeatures(features: Matrix(rows: 0, columns: dimension), labels: []))
    }

    private static func unitRows(_ matrix: Matrix<Float>) -> Matrix<Float> {
        var result = matrix
        let (rows, columns) = (matrix.rows, matrix.columns)
        result.withUnsafeMutableElements { elements in
            guard let first = elements.baseAddress else { return }
            FloatKernels.normalizeRows(first, nil, first, rows, columns)
        }
        return result
    }
}
