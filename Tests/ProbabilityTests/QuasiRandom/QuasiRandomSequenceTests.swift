import Foundation
import Matrices
import Probability
import TestSupport
import Testing

@Suite struct QuasiRandomSequenceTests {
    typealias Family = QuasiRandomSequence.Family

    static let scrambled: [(Family, Scrambling)] = Family.allCases.flatMap { family in
        Scrambling.allCases.filter { $0 != .none && (family.isBinary || !$0.isBinary) }.map { (family, $0) }
    }

    @Test func firstPointsAreThePublishedOnes() throws {
        var sobol = try QuasiRandomSequence(.sobol, dimension: 2)
        #expect(try sobol.points(4) == Matrix([[0.5, 0.5], [0.75, 0.25], [0.25, 0.75], [0.375, 0.375]]))
        var niederreiter = try QuasiRandomSequence(.niederreiter, dimension: 2)
        #expect(try niederreiter.points(3) == Matrix([[0.5, 0.5], [0.75, 0.25], [0.25, 0.75]]))
        var halton = try QuasiRandomSequence(.halton, dimension: 3)
        let third = 1.0 / 3
        let expected: [[Double]] = [[0.5, third, 0.2], [0.25, 2 * third, 0.4], [0.75, third / 3, 0.6]]
        expectClose(try halton.points(3), Matrix(expected), relative: 1e-15)
        var reversed = try QuasiRandomSequence(.reverseHalton, dimension: 2)
        expectClose(try reversed.next(), [0.5, 2 * third], relative: 1e-15)
    }

    @Test(arguments: zip(Family.allCases, [40, 12, 1229, 1229]))
    func dimensionsBeyondTheTablesAreRefused(family: Family, maximum: Int) throws {
        #expect(family.maximumDimension == maximum)
        var last = try QuasiRandomSequence(family, dimension: maximum)
        #expect(try last.next().allSatisfy { $0 > 0 && $0 < 1 })
        for dimension in [0, -1, maximum + 1] {
            #expect(throws: QuasiRandomError.dimension(family: family, found: dimension, maximum: maximum)) {
                try QuasiRandomSequence(family, dimension: dimension)
            }
        }
        var stream = RandomStream(seed: 1)
        if !family.isBinary {
            #expect(throws: QuasiRandomError.scrambling(family: family, scrambling: .owen)) {
                try QuasiRandomSequence(family, dimension: 2, scrambling: .owen, &stream)
            }
        }
    }

    /// The first 2^m points of Sobol's sequence have one point in each of 2^m equal intervals of every coordinate; of
    /// Niederreiter's 16 in each of 2^(m − 4), as its last coordinates have polynomials of degree 5. Scrambling keeps
    /// that.
    @Test(arguments: [Family.sobol, .niederreiter], [Scrambling.digitalShift, .owen])
    func netsStayNets(family: Family, scrambling: Scrambling) throws {
        var stream = RandomStream(seed: 71)
        let d = family.maximumDimension
        var sequence = try QuasiRandomSequence(family, dimension: d, scrambling: scrambling, &stream)
        let points = try sequence.points(1 << 12)
        let share = family == .sobol ? 1 : 16
        for k in 0..<d {
            var counts = [Int](repeating: 0, count: points.rows / share)
            for row in 0..<points.rows { counts[Int(points[row, k] * Double(counts.count))] += 1 }
            #expect(counts.allSatisfy { $0 == share }, "coordinate \(k)")
        }
    }

    /// Over 4000 scramblings the seventh point is uniform in each coordinate (Kolmogorov–Smirnov at 1e-4), and
    /// the two coordinates are uncorrelated (5 standard errors).
    @Test(arguments: scrambled)
    func scrambledPointsAreUniform(family: Family, scrambling: Scrambling) throws {
        let root = RandomStream(seed: 72)
        let n = 4000
        let points = try (0..<n).map { index in
            var stream = root.split(index)
            var sequence = try QuasiRandomSequence(family, dimension: 2, scrambling: scrambling, &stream)
            try sequence.skip(6)
            return try sequence.next()
        }
        for k in 0..<2 {
            #expect(Double(n).squareRoot() * Discrepancy.star(points.map { $0[k] }) < 2.2253)
            #expect(points.allSatisfy { $0[k] > 0 && $0[k] < 1 })
        }
        let correlation = 12 * points.reduce(0) { $0 + ($1[0] - 0.5) * ($1[1] - 0.5) } / Double(n)
        #expect(abs(correlation) < 5 / Double(n).squareRoot())
    }

    /// Below half the expected discrepancy of random points with 512 points in 4 dimensions.
    @Test(arguments: scrambled + Family.allCases.map { ($0, Scrambling.none) })
    func pointsAreEven(family: Family, scrambling: Scrambling) throws {
        var stream = RandomStream(seed: 73)
        var sequence = try QuasiRandomSequence(family, dimension: 4, scrambling: scrambling, &stream)
        let random = ((pow(2.0, -4) - pow(3.0, -4)) / 512).squareRoot()
        #expect(Discrepancy.l2Star(try sequence.points(512)) < 0.5 * random)
    }

    /// ∫ Π (1 + (x_k − ½)/2) dx = 1 in 6 dimensions: the root mean square error over 16 scramblings of 1024 points
    /// lies far below that of random points, √(((1 + 1/48)^6 − 1)/1024) = 0.0113; below a tenth for nets, a third else.
    @Test(arguments: scrambled)
    func integralsConverge(family: Family, scrambling: Scrambling) throws {
        let root = RandomStream(seed: 74)
        var square = 0.0
        for copy in 0..<16 {
            var stream = root.split(copy)
            var sequence = try QuasiRandomSequence(family, dimension: 6, scrambling: scrambling, &stream)
            let points = try sequence.points(1024)
            let mean = (0..<1024).reduce(0.0) { sum, row in
                sum + points.row(row).reduce(1) { $0 * (1 + ($1 - 0.5) / 2) } / 1024
            }
            square += (mean - 1) * (mean - 1) / 16
        }
        #expect(square.squareRoot() < (scrambling.isBinary ? 0.1 : 1.0 / 3) * 0.0113)
    }

    @Test func copiesAndSeedsAreIndependent() throws {
        var first = RandomStream(seed: 75)
        var same = RandomStream(seed: 75)
        var sequence = try QuasiRandomSequence(.sobol, dimension: 3, scrambling: .owen, &first)
        var twin = try QuasiRandomSequence(.sobol, dimension: 3, scrambling: .owen, &same)
        #expect(try sequence.points(10) == twin.points(10))
        var copy = sequence
        let next = try copy.next()
        #expect(try sequence.next() == next)
        var other = try QuasiRandomSequence(.sobol, dimension: 3, scrambling: .owen, &first)
        #expect(try other.next() != next)
    }

    /// Means and variances of normal coordinates: within a hundredth with 4096 points, where random ones would be
    /// within about 0.016 and 0.022 (one standard error).
    @Test func normalsComeByTheInverseDistributionFunction() throws {
        var stream = RandomStream(seed: 76)
        var sequence = try QuasiRandomSequence(.sobol, dimension: 10, scrambling: .owen, &stream)
        let z = try sequence.normals(4096)
        for k in 0..<10 {
            let column = (0..<z.rows).map { z[$0, k] }
            let mean = column.reduce(0, +) / 4096
            #expect(abs(mean) < 0.002)
            #expect(abs(column.reduce(0) { $0 + $1 * $1 } / 4096 - 1) < 0.01)
        }
        let marginals = try [Normal(mean: 5, standardDeviation: 2), Normal(mean: -1, standardDeviation: 0.1)]
        var pair = try QuasiRandomSequence(.halton, dimension: 2)
        let first = try pair.samples(1, from: marginals).row(0)
        expectClose(first, [5, -1 + 0.1 * Normal.standard.quantile(1.0 / 3)], relative: 1e-14)
    }
}

@Suite struct DiscrepancyTests {
    /// One point x on a line: ∫ (1[x < t] − t)² dt = 1/3 − (1 − x²) + (1 − x).
    @Test func onePoint() {
        for x in [0.0, 0.3, 1] {
            let square = 1.0 / 3 - (1 - x * x) + (1 - x)
            expectClose(Discrepancy.l2Star(Matrix([[x]])), square.squareRoot(), relative: 1e-14)
            expectClose(Discrepancy.star([x]), max(x, 1 - x), relative: 1e-15)
        }
    }

    /// The middles of n equal intervals are the best points on a line: 1/(2n), and 1/(n√12).
    @Test func middlesAreBest() {
        let middles = (0..<10).map { (Double($0) + 0.5) / 10 }
        expectClose(Discrepancy.star(middles), 0.05, relative: 1e-12)
        let points = Matrix(rows: 10, columns: 1, elements: middles)
        expectClose(Discrepancy.l2Star(points), 0.1 / 12.0.squareRoot(), relative: 1e-12)
        #expect(Discrepancy.star([]) == 1)
    }
}
