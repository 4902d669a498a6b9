import FeatureData
import Matrices
import Prediction

extension NoveltyFitPart {
    private struct Configuration: Codable {
        var shard: RowShard
        var agreement: Agreement
        /// Rows of each kind of statistics: those of the shard.
        var rows: Int
    }

    public func archive() throws -> ModelArchive {
        var archive = ModelArchive(method: Self.method, classNames: agreement.classNames)
        func vector(_ values: [Double]) -> ArchivedTensor {
            ArchivedTensor(Matrix(rows: 1, columns: values.count, elements: values), shape: [values.count])
        }
        func set(_ rows: LabelledFeatures, as name: String) {
            archive.tensors[name + ".features"] = ArchivedTensor(rows.features)
            archive.tensors[name + ".labels"] = ArchivedTensor(rows.labels)
        }
        for (unitLength, shard) in statistics {
            let name = Self.prefix(unitLength)
            archive.tensors[name + "counts"] = ArchivedTensor(shard.base.counts)
            archive.tensors[name + "means"] = ArchivedTensor(shard.base.means)
            archive.tensors[name + "mean"] = vector(shard.base.mean)
            archive.tensors[name + "within_scatter"] = ArchivedTensor(shard.base.withinScatter)
            archive.tensors[name + "fourth_moments"] = vector([shard.base.withinFourthMoment, shard.base.totalFourthMoment])
            archive.tensors[name + "squares"] = vector(shard.squares)
            archive.tensors[name + "fourths"] = vector(shard.fourths)
            archive.tensors[name + "cubes"] = ArchivedTensor(shard.cubes)
            archive.tensors[name + "total_cube"] = vector(shard.totalCube)
        }
        for (place, sample) in samples.enumerated() { set(sample, as: "sample.\(place)") }
        set(compared, as: "compared")
        if let classText { archive.tensors["class_text"] = ArchivedTensor(classText) }
        if let words { archive.tensors["words"] = ArchivedTensor(words) }
        try archive.setConfiguration(
            Configuration(shard: shard, agreement: agreement, rows: statistics.values.first?.base.count ?? 0))
        return archive
    }

    /// - Throws: `ModelArchiveError` where it is damaged or no part.
    public init(archive: ModelArchive) throws {
        try archive.require(method: Self.method)
        let stored: Configuration = try archive.configuration()
        let agreement = stored.agreement
        let (classes, dimension) = (agreement.classNames.count, agreement.dimension)
        func check(_ condition: Bool, _ reason: String) throws {
            guard condition else { throw ModelArchiveError.configuration(file: archive.path, reason: reason) }
        }
        try check(dimension > 0 && classes > 0, "no classes or features of length 0")
        try check(agreement.truePositiveRate > 0 && agreement.truePositiveRate < 1, "a rate that is not between 0 and 1")
        func vector(_ name: String, _ count: Int) throws -> [Double] { try archive.doubleMatrix(name, columns: count).elements }
        func rows(_ name: String) throws -> LabelledFeatures {
            let labels = try archive.integers(name + ".labels")
            try check(labels.allSatisfy { $0 >= 0 && $0 < classes }, "a label out of range in '\(name)'")
            return LabelledFeatures(
                features: try archive.matrix(name + ".features", rows: labels.count, columns: dimension), labels: labels)
        }
        var statistics: [Bool: ShardStatistics] = [:]
        for unitLength in agreement.statistics {
            let name = Self.prefix(unitLength)
            let counts = try archive.integers(name + "counts", count: classes)
            try check(counts.allSatisfy { $0 >= 0 }, "a class with a negative number of rows")
            let fourth = try vector(name + "fourth_moments", 2)
            statistics[unitLength] = ShardStatistics(
                base: RowStatistics(
                    count: counts.reduce(0, +), counts: counts,
                    means: try archive.doubleMatrix(name + "means", rows: classes, columns: dimension),
                    mean: try vector(name + "mean", dimension),
                    withinScatter: try archive.doubleMatrix(name + "within_scatter", rows: dimension, columns: dimension),
                    withinFourthMoment: fourth[0], totalFourthMoment: fourth[1]),
                squares: try vector(name + "squares", classes), fourths: try vector(name + "fourths", classes),
                cubes: try archive.doubleMatrix(name + "cubes", rows: classes, columns: dimension),
                totalCube: try vector(name + "total_cube", dimension))
        }
        shard = stored.shard
        self.agreement = agreement
        self.statistics = statistics
        samples = try agreement.samples.indices.map { try rows("sample.\($0)") }
        compared = try rows("compared")
        classText = archive.tensors["class_text"] == nil ? nil : try archive.matrix("class_text", rows: classes, columns: dimension)
        words = archive.tensors["words"] == nil ? nil : try archive.matrix("words", columns: dimension)
    }

    private static func prefix(_ unitLength: Bool) -> String { unitLength ? "unit_statistics." : "statistics." }
}
