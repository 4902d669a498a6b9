import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@Suite struct TransformTests {
    static let scalars: [any ScalarTransform] = (try? [
        AffineTransform(location: 2, scale: -3), ExpTransform(), SoftplusTransform(), SigmoidTransform(),
        SigmoidTransform(lower: -1, upper: 4), ComposedTransform(AffineTransform(location: 1, scale: 0.5), then: ExpTransform()),
        InverseTransform(AffineTransform(location: 2, scale: 4)), IdentityTransform(),
        ComposedTransform(AffineTransform(location: 1, scale: 0.5), then: SigmoidTransform()),
    ] as [any ScalarTransform]) ?? []
    static let vectors: [(any VectorTransform, Int)] = (try? [
        (StickBreakingTransform(dimension: 4), 3), (SimplexTransform(dimension: 4), 3), (OrderedTransform(dimension: 3), 3),
        (LowerCholeskyTransform(size: 3), 6), (CorrelationCholeskyTransform(size: 3), 3), (ElementwiseTransform(SoftplusTransform(), dimension: 3), 3),
    ] as [(any VectorTransform, Int)]) ?? []

    @Test func allAreThere() { #expect(Self.scalars.count == 9 && Self.vectors.count == 6) }

    @Test(arguments: scalars.indices)
    func scalarMaps(index: Int) {
        let map = Self.scalars[index]
        for x in [-30, -3, -0.4, 0, 0.7, 2.5, 8.0] {
            let y = map.forward(x)
            #expect(map.image.contains(y), "\(map) at \(x)")
            expectClose(map.inverse(y), x, absolute: 1e-9 * max(1, abs(x)) + y.ulp / abs(map.slope(x)), "\(map) at \(x)")
            let step = 1e-5
            let slope = (map.forward(x + step) - map.forward(x - step)) / (2 * step)
            expectClose(map.slope(x), slope, absolute: 1e-9 * max(1, abs(slope)) + 1e-10, "\(map) at \(x)")
            expectClose(exp(map.logDeterminant(x)), abs(map.slope(x)), relative: 1e-13, "\(map) at \(x)")
            #expect((map.forward(x + 0.1) > y) == map.isIncreasing)
            let bend = (map.logDeterminant(x + step) - map.logDeterminant(x - step)) / (2 * step)
            expectClose(map.logDeterminantSlope(x), bend, absolute: 1e-9 * max(1, abs(x)), "\(map) at \(x)")
        }
    }

    /// The determinant of central differences, by elimination.
    @Test(arguments: vectors.indices)
    func vectorMaps(index: Int) throws {
        let (map, dimension) = Self.vectors[index]
        var stream = RandomStream(seed: 5).split(index)
        for scale in [0.3, 1, 3.0] {
            let x = (0..<dimension).map { _ in scale * stream.gaussian() }
            let y = map.forward(x)
            #expect(y.count == map.outputDimension(dimension) && map.image.contains(y), "\(map)")
            expectClose(map.inverse(y), x, absolute: 1e-10, "\(map)")
            let step = 1e-5
            var jacobian = (0..<dimension).map { _ in [Double](repeating: 0, count: dimension) }
            for column in 0..<dimension {
                var (above, below) = (x, x)
                above[column] += step
                below[column] -= step
                let (up, down) = (free(map.forward(above), map), free(map.forward(below), map))
                for row in 0..<dimension { jacobian[row][column] = (up[row] - down[row]) / (2 * step) }
            }
            expectClose(map.logDeterminant(x), logDeterminant(jacobian), absolute: 1e-6, "\(map) at \(x)")
        }
    }

    /// The coordinates that volume is measured in: not the diagonal of a correlation matrix's factor.
    private func free(_ y: [Double], _ map: any VectorTransform) -> [Double] {
        guard let map = map as? CorrelationCholeskyTransform else { return y }
        let diagonal = Set((0..<map.size).map { $0 * ($0 + 3) / 2 })
        return y.indices.filter { !diagonal.contains($0) }.map { y[$0] }
    }

    /// The gradient of cᵀ·f(x) + w·ln |det| against central differences.
    @Test(arguments: vectors.indices)
    func pullbacks(index: Int) {
        let (map, dimension) = Self.vectors[index]
        var stream = RandomStream(seed: 6).split(index)
        for (scale, weight) in [(0.5, 0.0), (1, 1), (3, -2.5)] {
            let x = (0..<dimension).map { _ in scale * stream.gaussian() }
            let cotangent = (0..<map.outputDimension(dimension)).map { _ in stream.gaussian() }
            let gradient = map.pullback(x, cotangent: cotangent, logDeterminantWeight: weight)
            func value(_ x: [Double]) -> Double {
                zip(map.forward(x), cotangent).reduce(weight * map.logDeterminant(x)) { $0 + $1.0 * $1.1 }
            }
            for k in x.indices {
                var (above, below) = (x, x)
                above[k] += 1e-5
                below[k] -= 1e-5
                let slope = (value(above) - value(below)) / 2e-5
                expectClose(gradient[k], slope, absolute: 1e-8 * max(1, abs(slope)), "\(map), \(k)")
            }
        }
    }

    @Test func extremeCorrelations() throws {
        let map = try CorrelationCholeskyTransform(size: 3)
        let y = map.forward([40, -200, 3])
        #expect(y[1] == 1 && y[2] > 0 && y[3] == -1 && y[5] > 0)
        #expect(map.logDeterminant([40, -200, 3]).isFinite)
        let gradient = map.pullback([40, -200, 3], cotangent: Array(repeating: 1, count: 6), logDeterminantWeight: 1)
        #expect(gradient.allSatisfy { $0.isFinite })
        expectClose(map.inverse(y), [40, -200, 3], relative: 1e-12)
        #expect(map.matrix(map.forward([0, 0, 0])) == Matrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]]))
        #expect(throws: DistributionError.self) { try CorrelationCholeskyTransform(size: 1) }
    }

    private func logDeterminant(_ matrix: [[Double]]) -> Double {
        var (a, sum) = (matrix, 0.0)
        for column in a.indices {
            let pivot = (column..<a.count).max { abs(a[$0][column]) < abs(a[$1][column]) } ?? column
            a.swapAt(column, pivot)
            sum += log(abs(a[column][column]))
            for row in (column + 1)..<max(column + 1, a.count) {
                let factor = a[row][column] / a[column][column]
                for k in column..<a.count { a[row][k] -= factor * a[column][k] }
            }
        }
        return sum
    }

    @Test func extremeStickBreaking() throws {
        let map = try StickBreakingTransform(dimension: 3)
        expectClose(map.forward([0, 0]), [1.0 / 3, 1.0 / 3, 1.0 / 3], absolute: 1e-15)
        let y = map.forward([-500, 300])
        #expect(y[0] > 0 && y[1] == 1 && y[2] > 0)
        expectClose(map.inverse(y), [-500, 300], absolute: 1e-9)
    }

    /// Transformed distributions against the families that they are.
    @Test func transformedDistributions() throws {
        let base = try Normal(mean: 0.3, standardDeviation: 0.7)
        let transformed = Transformed(base, ExpTransform())
        let family = try LogNormal(location: 0.3, scale: 0.7)
        for p in [1e-9, 0.01, 0.3, 0.5, 0.8, 0.999] {
            let x = family.quantile(p)
            expectClose(transformed.quantile(p), x, relative: 1e-14)
            expectClose(transformed.upperQuantile(p), family.upperQuantile(p), relative: 1e-14)
            expectClose(transformed.logDensity(x), family.logDensity(x), absolute: 1e-13)
            expectClose(transformed.logCdf(x), family.logCdf(x), relative: 1e-12)
            expectClose(transformed.logSurvival(x), family.logSurvival(x), relative: 1e-12)
        }
        #expect(transformed.logDensity(-1) == -.infinity && transformed.cdf(-1) == 0 && transformed.survival(-1) == 1)
        expectClose(transformed.mean, family.mean, relative: 1e-10)
        expectClose(transformed.variance, family.variance, relative: 1e-9)
        expectClose(transformed.entropy, family.entropy, absolute: 1e-10)
        expectClose(transformed.mode, family.mode, relative: 1e-6)
        expectClose(
            transformed.pathwiseGradient(at: 2, cotangent: 1.5).flatMap { $0 },
            family.pathwiseGradient(at: 2, cotangent: 1.5).flatMap { $0 }, relative: 1e-14)
        // A falling map swaps the tails.
        let mirrored = Transformed(try Gumbel(location: 1, scale: 2), try AffineTransform(location: 0, scale: -1))
        expectClose(mirrored.cdf(-3), try Gumbel(location: 1, scale: 2).survival(3), relative: 1e-14)
        expectClose(mirrored.quantile(0.2), -(try Gumbel(location: 1, scale: 2).upperQuantile(0.2)), relative: 1e-14)
        let logitNormal = Transformed(base, SigmoidTransform())
        #expect(logitNormal.support == .interval(lower: 0, upper: 1))
        var stream = RandomStream(seed: 8)
        let draws = logitNormal.sample(20_000, &stream)
        #expect(draws.allSatisfy { $0 > 0 && $0 < 1 })
        expectClose(draws.reduce(0, +) / 20_000, logitNormal.mean, absolute: 5 * logitNormal.standardDeviation / 141)
        // Vectors: a logistic normal on the simplex, its density integrated over a triangle.
        let simplex = Transformed(
            try DiagonalNormal(mean: [0.2, -0.3], standardDeviation: [0.8, 0.6]), try StickBreakingTransform(dimension: 3))
        var mass = 0.0
        let cells = 400
        for i in 0..<cells {
            for j in 0..<(cells - i - 1) {
                let (a, b) = ((Double(i) + 0.5) / Double(cells), (Double(j) + 0.5) / Double(cells))
                mass += exp(simplex.logDensity([a, b, 1 - a - b])) / Double(cells * cells)
            }
        }
        expectClose(mass, 1, absolute: 5e-3)
        #expect(simplex.logDensity([0.5, 0.6, -0.1]) == -.infinity)
    }

    @Test func invalidParametersAreNamed() {
        #expect(
            throws: DistributionError.invalidParameter(
                distribution: "AffineTransform", parameter: "scale", value: 0, expected: .nonzero)
        ) { try AffineTransform(location: 0, scale: 0) }
        #expect(throws: DistributionError.self) { try SigmoidTransform(lower: 1, upper: 1) }
        #expect(throws: DistributionError.self) { try StickBreakingTransform(dimension: 1) }
        #expect(throws: DistributionError.self) { try SimplexTransform(dimension: 1) }
        #expect(throws: DistributionError.self) { try OrderedTransform(dimension: 0) }
        #expect(throws: DistributionError.self) { try LowerCholeskyTransform(size: 0) }
    }
}
