import Foundation
import Matrices
import Prediction

/// What `ClassContrast` and `ClassContrastEnergy` learn.
public struct ContrastModel: NoveltyModel {
    private let classes: WhitenedClasses
    /// Orthonormal rows that span the class means seen from the mean of all rows, `[at most classes − 1, D]`, and the
    /// mean's products with them.
    private let span: Matrix<Float>
    private let spanOrigin: [Float]
    /// Known rows of unit length, `[rows kept, D]`.
    private let search: NeighbourSearch
    private let neighbours: Int
    /// What d, p, s and E are multiplied with; 0 where a part is the same for all known rows.
    var weights: [Float]

    private static let (distance, projection, similarity) = (0, 1, 2)
    static let energy = 3
    /// Known rows that standard deviations are taken from.
    static let scaleRows = 2000

    init(
        _ rows: KnownRows, _ settings: ContrastSettings, score: some NoveltyScore, notes: inout [String]
    ) throws {
        let statistics = try rows.statistics()
        let estimate = CovarianceEstimate.within(statistics, .automatic)
        if let note = estimate.note(score.name) { notes.append(note) }
        classes = try WhitenedClasses(
            statistics, covariance: estimate.mixedWithIdentity(Double(settings.shrinkage)), score: score.name)
        let span = try Self.span(of: statistics)
        self.span = Matrix<Float>(span)
        spanOrigin = (0..<span.rows).map { row in
            Float((0..<span.columns).reduce(0.0) { $0 + span[row, $1] * statistics.mean[$1] })
        }
        let present = max(statistics.classes.count, 1)
        // Not the note of `KnownRows.bank`: a choice of rows is what this score is meant to keep.
        let samples = Self.samples(settings, classes: present)
        let kept = try rows.sample(samples[0].size, stream: samples[0].stream).features
        search = NeighbourSearch(bank: kept.normalizedRows(), similarity: .innerProduct)
        let share = settings.neighbourShare * Float(kept.rows) / Float(present)
        neighbours = min(kept.rows, max(1, Int(share.rounded())))
        weights = [0, 0, 0, 0]

        let sample = try rows.sample(Self.scaleRows, stream: 32).features
        weights[Self.distance] = Self.reciprocalDeviation(classes.nearestSquaredDistances(sample))
        weights[Self.projection] = -Self.reciprocalDeviation(projections(sample))
        weights[Self.similarity] = Self.reciprocalDeviation(similarities(sample, withoutItself: true))
    }

    /// The rows that a fit draws: those that are kept, and those that standard deviations are taken from.
    static func samples(_ settings: ContrastSettings, classes: Int) -> [ShardedFit.Sample] {
        [
            ShardedFit.Sample(min(settings.maximumRows, settings.rowsPerClass * classes), stream: 31),
            ShardedFit.Sample(scaleRows, stream: 32),
        ]
    }

    /// The score without energy. O(D · (D + classes + rows kept)) a row.
    func scores(_ features: Matrix<Float>) -> [Float] {
        let distances = classes.nearestSquaredDistances(features)
        let projections = projections(features)
        let similarities = similarities(features)
        return distances.indices.map { row in
            weights[Self.distance] * distances[row] + weights[Self.projection] * projections[row]
                + weights[Self.similarity] * similarities[row]
        }
    }

    /// p of rows.
    private func projections(_ features: Matrix<Float>) -> [Float] {
        let origin = spanOrigin.map { -$0 }
        return RowBlocks.scores(features) { block in
            block.multiplied(by: span, .transposed).adding(row: origin).rowSquaredNorms()
        }
    }

    /// s of rows.
    ///
    /// - Parameter withoutItself: leaves out one kept row that has a row's direction, such as the row itself.
    private func similarities(_ features: Matrix<Float>, withoutItself: Bool = false) -> [Float] {
        let count = min(search.bank.rows, neighbours + (withoutItself ? 1 : 0))
        return search.scores(features.normalizedRows(), count: count) { _, nearest in
            let isAmongThem = withoutItself && (nearest.first?.similarity ?? 0) > 1 - 1e-5
            let place = nearest.startIndex + min(neighbours - (isAmongThem ? 0 : 1), nearest.count - 1)
            return nearest[place].similarity
        }
    }

    /// 1/σ, or 0 where the values do not differ by more than rounding.
    static func reciprocalDeviation(_ values: [Float]) -> Float {
        guard values.count > 1 else { return 0 }
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
        let rounding = 1e-5 * (values.map { Double(abs($0)) }.max() ?? 0)
        return variance > rounding * rounding ? Float(1 / variance.squareRoot()) : 0
    }

    /// An orthonormal basis in rows, from the eigenvectors of the smaller Gram matrix of the class means.
    private static func span(of rows: RowStatistics) throws -> Matrix<Double> {
        let centred = rows.presentMeans.adding(row: rows.mean.map { -$0 })
        let isWide = centred.rows <= centred.columns
        let eigen = try (isWide ? centred.multiplied(by: centred, .transposed) : centred.gram(scaledBy: 1)).symmetricEigen()
        // Directions beyond the rank have eigenvalues of the order of rounding.
        let floor = max(1e-10 * (eigen.values.last ?? 0), .leastNormalMagnitude)
        let kept = eigen.values.indices.filter { eigen.values[$0] > floor }
        let vectors = eigen.vectors.transposed().selectingRows(kept)
        return isWide ? vectors.multiplied(by: centred).normalizedRows() : vectors
    }
}

// MARK: - Storing

extension ContrastModel {
    public func write(to archive: inout ScoreArchive) throws {
        try classes.write(to: &archive)
        archive.set(span, as: "span")
        archive.set(spanOrigin, as: "span_origin")
        archive.set(search.bank, as: "bank")
        archive.set([neighbours], as: "neighbours")
        archive.set(weights, as: "weights")
    }

    public init(archive: ScoreArchive) throws {
        classes = try WhitenedClasses(archive: archive)
        let dimension = classes.origin.count
        span = try archive.matrix("span", columns: dimension)
        spanOrigin = try archive.vector("span_origin", count: span.rows)
        let bank = try archive.matrix("bank", columns: dimension)
        search = NeighbourSearch(bank: bank, similarity: .innerProduct)
        neighbours = try archive.integers("neighbours", count: 1)[0]
        guard neighbours >= 1, neighbours <= bank.rows else {
            throw archive.damaged("neighbours", "it is \(neighbours), expected 1 to \(bank.rows), the rows of 'bank'")
        }
        weights = try archive.vector("weights", count: 4)
    }
}
