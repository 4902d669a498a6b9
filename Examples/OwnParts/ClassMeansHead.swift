import Credence

/// Classes by the means of their rows: a head that learns by adding up, so that tasks may come in any order.
///
/// A class's mean m is known up to a Gaussian N(x̄, σ²/n · I) after n rows with the average x̄, where σ² is how far rows lie
/// from the means of their classes, in each direction alike. The logit s·x·m is linear in m, hence Gaussian too, with the
/// mean s·x·x̄ and the variance s²·‖x‖²·σ²/n.
struct ClassMeansHead: ArchivableHead {
    static let method = "class-means"

    private(set) var classNames: [String] = []
    let featureDimension: Int
    private(set) var classesPerTask: [Int] = []
    /// s. Rows of one encoder lie close together, so that it has to be larger than one would think.
    let scale: Float
    private var logitScale: Float = 0
    /// Rows of each class, their sums `[classes, D]`, and the sum of all squared lengths.
    private var counts: [Int] = []
    private var sums: Matrix<Double>
    private var squares = 0.0

    init(featureDimension: Int, scale: Float = 40) {
        self.featureDimension = featureDimension
        self.scale = scale
        sums = Matrix(rows: 0, columns: featureDimension)
    }

    mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws {
        // Every head refuses bad tasks in the same words; nothing is changed before they are checked.
        logitScale = try NewClasses.check(
            task, known: classNames, featureDimension: featureDimension, logitScale: logitScale)
        classNames += task.classes.classNames
        classesPerTask.append(task.classes.count)
        counts += Array(repeating: 0, count: task.classes.count)
        sums = sums.appendingRows(Matrix(rows: task.classes.count, columns: featureDimension))
        for (row, label) in task.rows.labels.enumerated() {
            counts[label] += 1
            for (column, value) in task.rows.features.row(row).enumerated() {
                sums[label, column] += Double(value)
                squares += Double(value) * Double(value)
            }
        }
    }

    func posterior(for features: Matrix<Float>) throws -> LogitPosterior {
        guard features.columns == featureDimension else {
            throw HeadError.featureDimension(expected: featureDimension, found: features.columns)
        }
        var means = Matrix<Float>(rows: counts.count, columns: featureDimension)
        var explained = 0.0
        for (k, count) in counts.enumerated() {
            for column in 0..<featureDimension {
                let mean = sums[k, column] / Double(count)
                means[k, column] = Float(mean)
                explained += Double(count) * mean * mean
            }
        }
        // σ² a direction: the scatter within classes, over its degrees of freedom.
        let freedom = max(1, counts.reduce(0, +) - counts.count) * featureDimension
        let spread = Float(max(0, squares - explained) / Double(freedom))
        let lengths = features.rowSquaredNorms()
        var variance = Matrix<Float>(rows: features.rows, columns: counts.count)
        for row in 0..<features.rows {
            for (k, count) in counts.enumerated() {
                variance[row, k] = scale * scale * lengths[row] * spread / Float(count)
            }
        }
        return LogitPosterior(mean: features.multiplied(by: means, .transposed, scaledBy: scale), variance: variance)
    }

    // MARK: The model file

    private struct Configuration: Codable {
        var featureDimension: Int
        var scale: Float
        var logitScale: Float
        var squares: Double
        var classesPerTask: [Int]
    }

    func archive() throws -> ModelArchive {
        var archive = ModelArchive(
            method: Self.method, classNames: classNames,
            tensors: ["sums": ArchivedTensor(sums), "counts": ArchivedTensor(counts)])
        try archive.setConfiguration(
            Configuration(
                featureDimension: featureDimension, scale: scale, logitScale: logitScale, squares: squares,
                classesPerTask: classesPerTask))
        return archive
    }

    init(archive: ModelArchive) throws {
        try archive.require(method: Self.method)
        let configuration: Configuration = try archive.configuration()
        let classes = archive.classNames.count
        try NewClasses.check(classesPerTask: configuration.classesPerTask, classes: classes, archive)
        (featureDimension, scale) = (configuration.featureDimension, configuration.scale)
        (logitScale, squares) = (configuration.logitScale, configuration.squares)
        (classNames, classesPerTask) = (archive.classNames, configuration.classesPerTask)
        sums = try archive.doubleMatrix("sums", rows: classes, columns: featureDimension)
        counts = try archive.integers("counts", count: classes)
    }
}
