import Foundation
import Matrices
import Prediction

/// Gaussians with a covariance each, over components of the known rows: classes, tasks or clusters.
///
/// Each component has its own whitening, so a row costs a product with each: O(components · D²), and D² numbers are kept
/// for each.
public struct ComponentGaussians: NoveltyModel {
    /// `[components, D]`.
    let means: Matrix<Float>
    /// The components' L⁻¹, LLᵀ being the covariance, under one another: `[components · D, D]`.
    let whitening: Matrix<Float>
    /// log det of the covariances.
    let logDeterminants: [Float]
    /// Shares of the known rows.
    let shares: [Float]

    var components: Int { means.rows }
    var dimension: Int { means.columns }

    /// How a component's covariance is estimated from its own rows.
    enum Covariance: Sendable {
        /// Shrunk towards a target by the rule of Ledoit and Wolf.
        case shrunk(towards: Matrix<Double>)
        case estimate(CovarianceKind)
        /// Unbiased, plus a multiple of the identity.
        case ridged(Double)
    }

    /// - Parameters:
    ///   - count: the number of components; those without rows are left out.
    ///   - rows: read twice for every 64 MiB of covariances.
    ///   - assign: the component of each row of a block.
    init(
        _ rows: KnownRows, count: Int, unitLength: Bool = false, covariance: Covariance, score: String,
        notes: inout [String], assign: (KnownBlock) -> [Int]
    ) throws {
        let dimension = rows.dimension
        var sums = Matrix<Double>(rows: count, columns: dimension)
        var counts = [Int](repeating: 0, count: count)
        try rows.forEachBlock { block in
            let features = Matrix<Double>(unitLength ? block.features.normalizedRows() : block.features)
            let base = sums.mutablePointer()
            for (row, component) in assign(block).enumerated() {
                counts[component] += 1
                let own = base + component * dimension
                Double.Kernels.combine(own, 1, own, 1, features.pointer + row * dimension, dimension)
            }
        }
        let present = counts.indices.filter { counts[$0] > 0 }
        var means = sums.selectingRows(present)
        for row in 0..<present.count {
            for d in 0..<dimension { means[row, d] /= Double(counts[present[row]]) }
        }

        var (whitening, determinants): ([Matrix<Float>], [Float]) = ([], [])
        var fewest: CovarianceEstimate?
        let perPass = max(1, (64 << 20) / (8 * dimension * dimension))
        for start in stride(from: 0, to: present.count, by: perPass) {
            let chunk = Array(start..<min(start + perPass, present.count))
            let place = Dictionary(uniqueKeysWithValues: chunk.enumerated().map { (present[$1], $0) })
            var scatters = chunk.map { _ in Matrix<Double>(rows: dimension, columns: dimension) }
            var fourthMoments = [Double](repeating: 0, count: chunk.count)
            try rows.forEachBlock { block in
                let features = Matrix<Double>(unitLength ? block.features.normalizedRows() : block.features)
                var members = [[Int]](repeating: [], count: chunk.count)
                for (row, component) in assign(block).enumerated() {
                    if let index = place[component] { members[index].append(row) }
                }
                for (index, list) in members.enumerated() where !list.isEmpty {
                    let residuals = features.selectingRows(list).adding(row: means.row(chunk[index]).map { -$0 })
                    fourthMoments[index] += residuals.rowSquaredNorms().reduce(0) { $0 + $1 * $1 }
                    scatters[index].addGram(of: residuals)
                }
            }
            for (index, component) in chunk.enumerated() {
                let estimate = CovarianceEstimate(
                    scatter: scatters[index], count: counts[present[component]], fourthMoment: fourthMoments[index],
                    covariance)
                if estimate.degreesOfFreedom < fewest?.degreesOfFreedom ?? .max { fewest = estimate }
                let factor = try estimate.factorized(score: score)
                let identity = Matrix<Double>(diagonal: 1, size: dimension)
                whitening.append(Matrix<Float>(factor.solveFactor(identity)))
                determinants.append(Float(factor.logDeterminant))
            }
        }
        if let note = fewest?.note("\(score), component with the fewest rows") { notes.append(note) }
        self.means = Matrix<Float>(means)
        self.whitening = Matrix(stacking: whitening)
        logDeterminants = determinants
        shares = present.map { Float(Double(counts[$0]) / Double(rows.count)) }
    }

    /// (x − μ)ᵀΣ⁻¹(x − μ) of each row and component, `[rows, components]`.
    func squaredDistances(_ features: Matrix<Float>) -> Matrix<Float> {
        var result = Matrix<Float>(rows: features.rows, columns: components)
        var y = Matrix<Float>(rows: features.rows, columns: dimension)
        for component in 0..<components {
            let centred = features.adding(row: means.row(component).map { -$0 })
            Float.Kernels.gemm(
                .asStored, .transposed, features.rows, dimension, dimension, 1, centred.pointer, dimension,
                whitening.pointer + component * dimension * dimension, dimension, 0, y.mutablePointer(), dimension)
            for (row, square) in y.rowSquaredNorms().enumerated() { result[row, component] = square }
        }
        return result
    }

    /// log N(x; μ, Σ) of each row and component, `[rows, components]`.
    func logDensities(_ features: Matrix<Float>) -> Matrix<Float> {
        var result = squaredDistances(features)
        result.scale(by: -0.5)
        let constant = Float(dimension) * log(2 * Float.pi)
        return result.adding(row: logDeterminants.map { -($0 + constant) / 2 })
    }

    public func write(to archive: inout ScoreArchive) {
        archive.set(means, as: "means")
        archive.set(whitening, as: "whitening")
        archive.set(logDeterminants, as: "log_determinants")
        archive.set(shares, as: "shares")
    }

    public init(archive: ScoreArchive) throws {
        means = try archive.matrix("means", columns: archive.dimension)
        whitening = try archive.matrix("whitening", rows: means.rows * means.columns, columns: means.columns)
        logDeterminants = try archive.vector("log_determinants", count: means.rows)
        shares = try archive.vector("shares", count: means.rows)
        guard means.rows > 0, shares.allSatisfy({ $0 > 0 && $0 <= 1 }) else {
            throw archive.damaged("shares", "expected a share above 0 for each component")
        }
    }
}

extension CovarianceEstimate {
    fileprivate init(
        scatter: Matrix<Double>, count: Int, fourthMoment: Double, _ covariance: ComponentGaussians.Covariance
    ) {
        switch covariance {
        case .estimate(let kind):
            self.init(scatter: scatter, count: count, degreesOfFreedom: count - 1, fourthMoment: fourthMoment, kind)
        case .ridged(let ridge):
            self.init(
                scatter: scatter, count: max(count - 1, 1), degreesOfFreedom: count - 1, ridge: ridge)
        case .shrunk(let target):
            self.init(scatter: scatter, degreesOfFreedom: count - 1, fourthMoment: fourthMoment, target: target)
        }
    }
}
