import Credence

/// The squared distance to the nearest class mean: far from all that is known is novel. O(classes · D) a row.
struct NearestMeanDistance: FittableNoveltyScore {
    static let about = ScoreDescription(
        name: "nearest-mean-distance", summary: "Squared distance to the nearest class mean", source: "an example",
        needs: [.features, .fitting, .labels])

    /// One pass over the known rows, block by block: memory does not grow with them.
    func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        var sums = Matrix<Double>(rows: rows.classNames.count, columns: rows.dimension)
        var counts = [Int](repeating: 0, count: rows.classNames.count)
        try rows.forEachBlock { block in
            for (row, label) in block.labels.enumerated() {
                counts[label] += 1
                for (column, value) in block.features.row(row).enumerated() { sums[label, column] += Double(value) }
            }
        }
        let present = counts.indices.filter { counts[$0] > 0 }
        if present.count < counts.count { notes.append("\(counts.count - present.count) classes have no row") }
        return Model(
            means: Matrix(present.map { k in sums.row(k).map { Float($0 / Double(counts[k])) } }))
    }

    /// ‖x − m‖² = ‖x‖² − 2·x·m + ‖m‖², so that all distances are one matrix product.
    func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        let features = try input.features(for: self)
        let offsets = model.means.rowSquaredNorms().map { -$0 }
        let nearness = features.multiplied(by: model.means, .transposed, scaledBy: 2).adding(row: offsets).rowMaxima()
        return zip(features.rowSquaredNorms(), nearness).map { max(0, $0 - $1) }
    }

    /// What was learnt, stored in the model's file or in a detector's own.
    struct Model: NoveltyModel {
        /// `[classes with rows, D]`.
        let means: Matrix<Float>

        init(means: Matrix<Float>) { self.means = means }

        func write(to archive: inout ScoreArchive) throws { archive.set(means, as: "means") }
        init(archive: ScoreArchive) throws { means = try archive.matrix("means", columns: archive.dimension) }
    }
}
