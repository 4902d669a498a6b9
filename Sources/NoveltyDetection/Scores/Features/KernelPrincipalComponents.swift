import Foundation
import Matrices
import Prediction
import Probability

/// CoRP: the reconstruction error of kernel principal component analysis with a cosine and a Gaussian kernel, by random
/// Fourier features: ‖(I − QᵀQ)(φ(x) − m)‖, φ(x) = √(2/M)·cos(Ωx̂ + b), Ω ~ N(0, 2γ), x̂ of unit length (Fang et al. 2024,
/// arXiv:2402.02949, section 3.2; Rahimi and Recht 2007).
///
/// Q are the leading principal components that hold a share `explained` of the variance. O(M · (D + components)) a row;
/// the fit takes O(rows · M² + M³). The defaults were chosen on training rows of held-out classes.
public struct KernelPrincipalComponents: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "kernel-pca", summary: "Reconstruction error of principal components in a Gaussian kernel's space (CoRP)",
        source: "Fang et al. 2024, arXiv:2402.02949", needs: [.features, .fitting])

    /// γ of the kernel exp(−γ‖x̂ − ŷ‖²), above 0.
    public var gamma: Float
    /// M, the number of random features; 0 for 2·D, at most 2048.
    public var features: Int
    /// Above 0 and below 1.
    public var explained: Double

    public init(gamma: Float = 0.2, features: Int = 0, explained: Double = 0.7) {
        self.gamma = gamma
        self.features = features
        self.explained = explained
    }

    public func checkSettings() throws(NoveltyError) {
        try require(gamma > 0 && gamma.isFinite, "gamma", gamma, "a finite number above 0")
        try require(features >= 0 && features <= 65_536, "features", features, "0 to 65536")
        try require(explained > 0 && explained < 1, "explained", explained, "above 0 and below 1")
    }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        let size = features > 0 ? features : min(2 * rows.dimension, 2048)
        var noise = NormalNoise(seed: rows.seed, stream: 6)
        var frequencies: Matrix<Float> = .standardNormal(rows: size, columns: rows.dimension, noise: &noise)
        frequencies.scale(by: (2 * gamma).squareRoot())
        var random = RandomStream(seed: rows.seed).split(7)
        let phases = (0..<size).map { _ in Float(2 * Double.pi * random.uniform()) }
        let map = FourierFeatures(frequencies: frequencies, phases: phases)

        var mean = [Double](repeating: 0, count: size)
        try rows.forEachBlock { block in
            for (index, sum) in Matrix<Double>(map(block.features)).columnSums().enumerated() { mean[index] += sum }
        }
        let centre = mean.map { Float($0 / Double(rows.count)) }
        var covariance = Matrix<Double>(rows: size, columns: size)
        try rows.forEachBlock { block in
            let centred = map(block.features).adding(row: centre.map { -$0 })
            covariance += Matrix<Double>(centred.gram())
        }
        covariance.scale(by: 1 / Double(rows.count))
        let eigen = try covariance.symmetricEigen()
        let wanted = explained * eigen.values.reduce(0) { $0 + max(0, $1) }
        var (held, count) = (0.0, 0)
        while held < wanted, count < size - 1 {
            count += 1
            held += max(0, eigen.values[size - count])
        }
        let components = eigen.vectors.transposed().rows((size - count)..<size)
        return Model(map: map, centre: centre, components: Matrix<Float>(components))
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { block in
            let centred = model.map(block).adding(row: model.centre.map { -$0 })
            let inside = centred.multiplied(by: model.components, .transposed).rowSquaredNorms()
            return zip(centred.rowSquaredNorms(), inside).map { max(0, $0 - $1).squareRoot() }
        }
    }

    public struct Model: NoveltyModel {
        let map: FourierFeatures
        /// M.
        let centre: [Float]
        /// `[components, M]`.
        let components: Matrix<Float>

        init(map: FourierFeatures, centre: [Float], components: Matrix<Float>) {
            self.map = map
            self.centre = centre
            self.components = components
        }

        public func write(to archive: inout ScoreArchive) throws {
            archive.set(map.frequencies, as: "frequencies")
            archive.set(map.phases, as: "phases")
            archive.set(centre, as: "centre")
            archive.set(components, as: "components")
        }

        public init(archive: ScoreArchive) throws {
            let frequencies = try archive.matrix("frequencies", columns: archive.dimension)
            map = FourierFeatures(
                frequencies: frequencies, phases: try archive.vector("phases", count: frequencies.rows))
            centre = try archive.vector("centre", count: frequencies.rows)
            components = try archive.matrix("components", columns: frequencies.rows)
        }
    }
}

/// x ↦ √(2/M)·cos(Ωx̂ + b).
struct FourierFeatures: Sendable {
    /// Ω, `[M, D]`.
    let frequencies: Matrix<Float>
    /// b, M.
    let phases: [Float]

    /// `[rows, M]` of rows `[rows, D]`.
    func callAsFunction(_ rows: Matrix<Float>) -> Matrix<Float> {
        let scale = (2 / Float(frequencies.rows)).squareRoot()
        var result = rows.normalizedRows().multiplied(by: frequencies, .transposed).adding(row: phases)
        result.withUnsafeMutableElements { elements in
            nonisolated(unsafe) let elements = elements  // each piece writes its own part
            Parallelism.forEachRange(of: elements.count, size: 1 << 16) { range in
                for index in range { elements[index] = scale * cos(elements[index]) }
            }
        }
        return result
    }
}
