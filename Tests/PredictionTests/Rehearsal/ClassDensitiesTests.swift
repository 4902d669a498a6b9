import FeatureData
import Matrices
import Probability
import TestSupport
import Testing

@testable import Prediction

/// Gaussians per class: their estimates, their draws, merging and storing.
@Suite struct ClassDensitiesTests {
    static let kinds: [ClassDensities.Covariance] = [.pooled, .diagonal, .lowRank(rank: 3), .full]
    static let width = 12

    /// Rows of three classes with means and covariances of their own; not of unit length.
    static func rows(_ perClass: Int, classes: Range<Int> = 0..<3, seed: UInt64 = 1) -> LabelledFeatures {
        var parts: [Matrix<Float>] = []
        for label in classes {
            var shape = NormalNoise(seed: 90, stream: UInt64(label))
            let mean: Matrix<Float> = .standardNormal(rows: 1, columns: width, noise: &shape)
            let factor: Matrix<Float> = .standardNormal(rows: 2, columns: width, noise: &shape)
            var noise = NormalNoise(seed: seed, stream: UInt64(label))
            var part: Matrix<Float> = .standardNormal(rows: perClass, columns: width, noise: &noise)
            part.scale(by: 0.2)
            let leading: Matrix<Float> = .standardNormal(rows: perClass, columns: 2, noise: &noise)
            part.setToProduct(leading, .asStored, factor, alpha: 0.5, beta: 1)
            for row in 0..<perClass { for d in 0..<width { part[row, d] += 4 * mean[0, d] } }
            parts.append(part)
        }
        return LabelledFeatures(
            features: Matrix(stacking: parts), labels: classes.flatMap { Array(repeating: $0, count: perClass) })
    }

    static func moments(_ rows: Matrix<Float>) -> (mean: [Float], covariance: Matrix<Float>) {
        let moments = ClassMoments(rows, label: 0)
        return (moments.mean.elements, moments.residuals.gram(scaledBy: 1 / Float(rows.rows - 1)))
    }

    @Test func meansAndPooledCovarianceAreTheTextbookOnes() throws {
        let rows = Self.rows(40)
        var densities = ClassDensities(dimension: Self.width)
        try densities.update(with: rows, classes: 3)
        #expect(densities.counts == [40, 40, 40])
        var scatter = Matrix<Float>(rows: Self.width, columns: Self.width)
        for label in 0..<3 {
            let own = rows.ofClasses([label]).features
            let (mean, covariance) = Self.moments(own)
            expectClose(densities.means.row(label), mean, relative: 1e-5)
            scatter.add(covariance, scaledBy: 39)
        }
        expectClose(densities.pooled, (1 / Float(117)) * scatter, relative: 1e-4)
    }

    /// The expected squared error of the shrunk covariance is below that of the sample covariance, and the trace stays.
    @Test func shrinkageHelpsWithFewRows() throws {
        var truth = ClassDensities(dimension: Self.width)
        try truth.update(with: Self.rows(20_000), classes: 3)
        var (plain, shrunk) = (Float(0), Float(0))
        for seed in UInt64(10)..<30 {
            var densities = ClassDensities(dimension: Self.width)
            try densities.update(with: Self.rows(4, seed: seed), classes: 3)
            let (a, b) = (densities.pooled - truth.pooled, densities.pooledCovariance - truth.pooled)
            plain += a.dot(a)
            shrunk += b.dot(b)
            #expect(abs(densities.pooledCovariance.trace / densities.pooled.trace - 1) < 1e-5)
            #expect(densities.pooledShrinkage > 0 && densities.pooledShrinkage <= 1)
        }
        #expect(shrunk < 0.8 * plain)
    }

    /// Draws are of unit length, repeat, do not depend on threads, and before they are scaled have the mean and the
    /// covariance of the density: checked with a mean so long that scaling to unit length divides by nearly the same
    /// number in every row.
    @Test(arguments: kinds) func drawsHaveTheDensitysMoments(_ kind: ClassDensities.Covariance) throws {
        var rows = Self.rows(400)
        for row in 0..<rows.count { rows.features[row, 0] += 1000 }
        var densities = ClassDensities(dimension: Self.width, covariance: kind)
        try densities.update(with: rows, classes: 3)
        let count = 20_000
        let draws = try densities.sample([count, 0, count], random: RandomStream(seed: 3))
        let threads = try Parallelism.withThreads(1) {
            try densities.sample([count, 0, count], random: RandomStream(seed: 3))
        }
        #expect(draws.features == threads.features && draws.labels == threads.labels)
        #expect(draws.labels == Array(repeating: 0, count: count) + Array(repeating: 2, count: count))
        #expect(draws.features.rowNorms().allSatisfy { abs($0 - 1) < 1e-5 })
        for label in [0, 2] {
            let own = draws.ofClasses([label]).features
            let length = densities.means.rows(label..<label + 1).rowNorms()[0]
            let (mean, covariance) = Self.moments(length * own)
            let expected = densities.classCovariance(label, pooled: densities.pooledCovariance)
            // Column 0 lost its variance to the scaling. Entries of a sample covariance err by √(2/n) of the variances
            // at most: 0.01; five times that, and as much for the float rows near 1000.
            for d in 1..<Self.width {
                #expect(abs(mean[d] - densities.means[label, d]) < 0.1)
                for e in 1..<Self.width {
                    let bound = 0.05 * (expected[d, d] * expected[e, e]).squareRoot() + 0.02
                    #expect(abs(covariance[d, e] - expected[d, e]) < bound)
                }
            }
        }
    }

    /// Each form comes nearer to the class's own covariance than the pooled one.
    @Test func ownCovariancesAreNearerThanThePooledOne() throws {
        let rows = Self.rows(400)
        func error(_ kind: ClassDensities.Covariance) throws -> Float {
            var densities = ClassDensities(dimension: Self.width, covariance: kind)
            try densities.update(with: rows, classes: 3)
            return (0..<3).reduce(Float(0)) { sum, label in
                let own = Self.moments(rows.ofClasses([label]).features).covariance
                let difference = densities.classCovariance(label, pooled: densities.pooledCovariance) - own
                return sum + difference.dot(difference)
            }
        }
        let pooled = try error(.pooled)
        #expect(try error(.lowRank(rank: 3)) < 0.05 * pooled)
        #expect(try error(.full) < 0.05 * pooled)
        #expect(try error(.lowRank(rank: 1)) < 0.9 * pooled)
    }

    /// Rows in two parts give what they give in one: exactly for means, pooled and full covariance up to the shrinkage,
    /// which is taken twice.
    @Test(arguments: kinds) func classesMetAgainAreMerged(_ kind: ClassDensities.Covariance) throws {
        let all = Self.rows(600)
        let first = all.labels.indices.filter { $0 % 3 == 0 }
        var once = ClassDensities(dimension: Self.width, covariance: kind)
        try once.update(with: all, classes: 3)
        var twice = ClassDensities(dimension: Self.width, covariance: kind)
        try twice.update(with: all.selecting(first), classes: 3)
        try twice.update(with: all.selecting(all.labels.indices.filter { $0 % 3 != 0 }), classes: 3)
        #expect(twice.counts == once.counts)
        #expect(twice.degreesOfFreedom == once.degreesOfFreedom)
        expectClose(twice.means, once.means, relative: 1e-4)
        expectClose(twice.pooled, once.pooled, relative: 1e-3)
        for label in 0..<3 {
            let (a, b) = (
                twice.classCovariance(label, pooled: twice.pooledCovariance),
                once.classCovariance(label, pooled: once.pooledCovariance))
            let difference = a - b
            #expect(difference.dot(difference) < 0.01 * b.dot(b))
        }
    }

    @Test(arguments: kinds) func storingChangesNoBit(_ kind: ClassDensities.Covariance) throws {
        for type in [ElementType.float16, .float32] {
            var densities = ClassDensities(dimension: Self.width, covariance: kind, elementType: type)
            try densities.update(with: Self.rows(30), classes: 4)
            var archive = ModelArchive(method: "test", classNames: ["a", "b", "c", "d"])
            densities.write(to: &archive)
            let folder = try TemporaryFolder()
            try archive.write(to: folder.path("m.safetensors"))
            let read = try ModelArchive(contentsOf: folder.path("m.safetensors"))
            let again = try ClassDensities(densities.description, archive: read, dimension: Self.width, classes: 4)
            let (a, b) = (
                try densities.sample([5, 5, 5], random: RandomStream(seed: 1)),
                try again.sample([5, 5, 5], random: RandomStream(seed: 1)))
            #expect(a.features == b.features)
            #expect(again.counts == [30, 30, 30, 0])
            let bytes = archive.tensors.filter { $0.key.hasPrefix("densities.") && $0.key != "densities.counts" }
                .reduce(0) { $0 + $1.value.shape.reduce(1, *) * $1.value.elementType.byteCount }
            #expect(densities.byteCount == bytes)
        }
    }

    @Test func damagedDensitiesAreRefused() throws {
        var densities = ClassDensities(dimension: Self.width, covariance: .lowRank(rank: 2))
        try densities.update(with: Self.rows(10), classes: 3)
        var archive = ModelArchive(method: "test", classNames: ["a", "b", "c"])
        densities.write(to: &archive)
        func refused(_ change: (inout ModelArchive, inout ClassDensities.Description) -> Void) {
            var (damaged, description) = (archive, densities.description)
            change(&damaged, &description)
            #expect(throws: ModelArchiveError.self) {
                try ClassDensities(description, archive: damaged, dimension: Self.width, classes: 3)
            }
        }
        refused { archive, _ in archive.tensors["densities.own"] = nil }
        refused { archive, _ in archive.tensors["densities.counts"] = ArchivedTensor([10, 10]) }
        refused { archive, _ in archive.tensors["densities.counts"] = ArchivedTensor([10, -1, 10]) }
        refused { archive, _ in archive.tensors["densities.pooled_weights"] = ArchivedTensor(vector: [1, .nan, 1]) }
        refused { archive, _ in
            archive.tensors["densities.means"] = ArchivedTensor(Matrix(rows: 3, columns: 12, repeating: Float.infinity))
        }
        refused { _, description in description.covariance = .lowRank(rank: 0) }
        refused { _, description in description.elementType = .int8 }
        refused { _, description in description.degreesOfFreedom = -1 }
    }

    /// One row a class: no covariance, so draws are the row.
    @Test(arguments: kinds) func aSingleRowHasNoSpread(_ kind: ClassDensities.Covariance) throws {
        let rows = Self.rows(1)
        var densities = ClassDensities(dimension: Self.width, covariance: kind)
        try densities.update(with: rows, classes: 3)
        let draws = try densities.sample([2, 2, 2], random: RandomStream(seed: 1))
        let unit = rows.features.normalizedRows()
        expectClose(draws.features, unit.selectingRows([0, 0, 1, 1, 2, 2]), relative: 1e-5)
        // A class with one row beside classes with many takes the pooled covariance, or none of its own.
        try densities.update(
            with: LabelledFeatures(features: Self.rows(50, classes: 3..<4).features, labels: Array(repeating: 3, count: 50)),
            classes: 4)
        #expect(try densities.sample([3, 0, 0, 3], random: RandomStream(seed: 1)).features.isFinite)
    }

    /// Identical rows, and rows fewer than dimensions: nothing traps.
    @Test(arguments: kinds) func degenerateRowsAreSampled(_ kind: ClassDensities.Covariance) throws {
        for rows in [Self.rows(1).selecting([0, 0, 0, 1, 1, 2, 2]), Self.rows(2)] {
            var densities = ClassDensities(dimension: Self.width, covariance: kind, elementType: .float16)
            try densities.update(with: rows, classes: 3)
            #expect(try densities.sample([4, 4, 4], random: RandomStream(seed: 1)).features.isFinite)
        }
    }
}
