import Foundation
import Matrices
import Testing

@Suite struct LinearAlgebraTests {
    /// A well-conditioned symmetric positive definite matrix.
    static func positiveDefinite<S: MatrixScalar>(_ n: Int, _: S.Type = S.self) -> Matrix<S> {
        var a = Matrix<S>.random(n + 5, n, seed: UInt64(n)).gram()
        for index in 0..<n { a[index, index] += S(n) / 4 + 1 }
        return a
    }

    static func identity<S: MatrixScalar>(_ n: Int) -> Matrix<S> {
        var result = Matrix<S>(rows: n, columns: n)
        for index in 0..<n { result[index, index] = 1 }
        return result
    }

    static func checkCholesky<S: MatrixScalar>(_: S.Type, tolerance: Double) throws {
        for n in [1, 2, 5, 33, 130, 300] {
            let a: Matrix<S> = positiveDefinite(n)
            let cholesky = try CholeskyFactorization(a)
            let l = cholesky.factor
            for row in 0..<n { for column in row + 1..<max(n, row + 1) { #expect(l[row, column] == 0) } }
            let scale = tolerance * Double(n)
            #expect(l.multiplied(by: l, .transposed).distance(to: a) < scale)
            let b = Matrix<S>.random(n, 150, seed: 8)
            #expect(a.multiplied(by: cholesky.solve(b)).distance(to: b) < scale)
            let inverse = cholesky.inverse()
            #expect(inverse == inverse.transposed())
            #expect(a.multiplied(by: inverse).distance(to: identity(n)) < scale)
            let logDeterminant = try a.symmetricEigenvalues().map { log(Double($0)) }.reduce(0, +)
            #expect(abs(cholesky.logDeterminant - logDeterminant) < scale)
            #expect(l.multiplied(by: cholesky.solveFactor(b)).distance(to: b) < scale)
        }
    }
    @Test func choleskyFloat() throws { try Self.checkCholesky(Float.self, tolerance: 2e-6) }
    @Test func choleskyDouble() throws { try Self.checkCholesky(Double.self, tolerance: 4e-15) }

    @Test func refusals() {
        #expect(throws: LinearAlgebraError.notPositiveDefinite(leadingMinor: 2)) {
            try Matrix<Double>([[1, 2, 0], [2, 1, 0], [0, 0, 1]]).choleskyFactor()
        }
        #expect(throws: LinearAlgebraError.notSquare(rows: 1, columns: 2)) { try Matrix<Float>([[1, 2]]).choleskyFactor() }
        let nan = Matrix<Float>([[1, 0], [.nan, 1]])
        #expect(throws: LinearAlgebraError.notFinite(row: 1, column: 0)) { try nan.choleskyFactor() }
        #expect(throws: LinearAlgebraError.notFinite(row: 1, column: 0)) { try nan.symmetricEigen() }
        #expect(throws: LinearAlgebraError.notFinite(row: 1, column: 0)) { try nan.singularValueDecomposition() }
        #expect(throws: LinearAlgebraError.singular(index: 1)) {
            try Matrix<Float>([[1, 0], [1, 0]]).solvingTriangle(.lower, .asStored, Matrix([[1], [1]]))
        }
        #expect(LinearAlgebraError.notPositiveDefinite(leadingMinor: 2).description.contains("order 2"))
    }

    @Test func triangularSolves() throws {
        let full = Self.positiveDefinite(70, Double.self)
        let b = Matrix<Double>.random(70, 9, seed: 2)
        var lower = full, upper = full
        for row in 0..<70 { for column in 0..<70 where row != column { if column > row { lower[row, column] = 0 } else { upper[row, column] = 0 } } }
        for (triangle, matrix) in [(Triangle.lower, lower), (.upper, upper)] {
            for operand in [Operand.asStored, .transposed] {
                // The other triangle of `full` must not be read.
                let x = try full.solvingTriangle(triangle, operand, b)
                #expect(matrix.multiplied(operand, by: x).distance(to: b) < 1e-12)
            }
        }
    }

    static func checkEigen<S: MatrixScalar>(_: S.Type, tolerance: Double) throws {
        for n in [0, 1, 2, 7, 60, 150] {
            let r = Matrix<S>.random(n, n, seed: UInt64(n))
            let a = r + r.transposed()
            let eigen = try a.symmetricEigen()
            #expect(eigen.values == eigen.values.sorted() && eigen.values.count == n)
            let scaled = eigen.vectors.multipliedElementwise(
                by: Matrix(rows: n, columns: n, elements: (0..<n).flatMap { _ in eigen.values }))
            #expect(scaled.multiplied(by: eigen.vectors, .transposed).distance(to: a) < tolerance * Double(n + 1))
            #expect(eigen.vectors.gram().distance(to: identity(n)) < tolerance * Double(n + 1))
            let alone = try a.symmetricEigenvalues()
            #expect(zip(alone, eigen.values).allSatisfy { abs(Double($0) - Double($1)) < tolerance * Double(n + 1) })
        }
    }
    @Test func symmetricEigenFloat() throws { try Self.checkEigen(Float.self, tolerance: 2e-6) }
    @Test func symmetricEigenDouble() throws { try Self.checkEigen(Double.self, tolerance: 4e-15) }

    static func checkSVD<S: MatrixScalar>(_: S.Type, tolerance: Double) throws {
        for (m, n) in [(1, 1), (5, 3), (3, 5), (60, 20), (20, 60), (100, 100), (0, 3), (3, 0)] {
            let a = Matrix<S>.random(m, n, seed: UInt64(m * 100 + n))
            let svd = try a.singularValueDecomposition()
            let k = min(m, n)
            #expect(svd.left.rows == m && svd.left.columns == k && svd.rightTransposed.rows == k && svd.rightTransposed.columns == n)
            #expect(svd.values == svd.values.sorted(by: >) && svd.values.count == k && svd.values.allSatisfy { $0 >= 0 })
            let scaled = svd.left.multipliedElementwise(
                by: Matrix(rows: m, columns: k, elements: (0..<m).flatMap { _ in svd.values }))
            let bound = tolerance * Double(m + n)
            #expect(scaled.multiplied(by: svd.rightTransposed).distance(to: a) < bound)
            #expect(svd.left.gram().distance(to: identity(k)) < bound)
            #expect(svd.rightTransposed.gram(.transposed).distance(to: identity(k)) < bound)
            let alone = try a.singularValues()
            #expect(zip(alone, svd.values).allSatisfy { abs(Double($0) - Double($1)) < bound })
        }
    }
    @Test func singularValuesFloat() throws { try Self.checkSVD(Float.self, tolerance: 2e-6) }
    @Test func singularValuesDouble() throws { try Self.checkSVD(Double.self, tolerance: 4e-15) }

    @Test func gramEqualsTheProduct() {
        for (rows, columns) in [(1, 1), (7, 3), (40, 300), (20, 700), (0, 4), (4, 0)] {
            let a = Matrix<Double>.random(rows, columns, seed: 4)
            #expect(a.gram().distance(to: a.multiplied(.transposed, by: a)) < 1e-12)
            #expect(a.gram(.transposed).distance(to: a.multiplied(by: a, .transposed)) < 1e-12)
            #expect(a.gram() == a.gram().transposed())
            var sum = a.gram()
            sum.addGram(of: a, scaledBy: 2)
            #expect(sum.distance(to: 3 * a.gram()) < 1e-11)
        }
    }
}
