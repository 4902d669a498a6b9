import Matrices
import Testing

@Suite struct MatrixOperationTests {
    @Test func arithmetic() {
        let a = Matrix<Double>([[1, 2, 3], [4, 5, 6]]), b = Matrix<Double>([[10, 20, 30], [40, 50, 60]])
        #expect((a + b).elements == [11, 22, 33, 44, 55, 66])
        #expect((b - a).elements == [9, 18, 27, 36, 45, 54])
        #expect((-a)[1, 2] == -6 && (2 * a)[1, 0] == 8)
        #expect(a.multipliedElementwise(by: b)[1, 1] == 250 && b.dividedElementwise(by: a).elements == [Double](repeating: 10, count: 6))
        var c = a
        c.add(b, scaledBy: 0.5)
        #expect(c.elements == [6, 12, 18, 24, 30, 36])
        c.add(c)
        #expect(c[0, 0] == 12)
        #expect(a.elements == [1, 2, 3, 4, 5, 6])
        #expect(a.adding(row: [1, 0, -1]).elements == [2, 2, 2, 5, 5, 5])
        #expect(a.sum() == 21 && a.mean() == 3.5 && a.dot(a) == 91)
        #expect(a.columnMeans() == [2.5, 3.5, 4.5])
        #expect(Matrix<Double>(rows: 0, columns: 2).columnMeans().allSatisfy { $0.isNaN })
    }

    @Test func arrangement() {
        for (rows, columns) in [(0, 3), (1, 1), (3, 5), (17, 33), (40, 16)] {
            let a = Matrix<Float>.random(rows, columns, seed: 3)
            let t = a.transposed()
            #expect(t.rows == columns && t.columns == rows && t.transposed() == a)
            for row in 0..<rows { for column in 0..<columns { #expect(t[column, row] == a[row, column]) } }
        }
        let a = Matrix<Float>([[1, 2], [3, 4], [5, 6]])
        #expect(Matrix(stacking: [a, a.rows(1..<2)]).elements == [1, 2, 3, 4, 5, 6, 3, 4])
        #expect(Matrix<Float>(stacking: []).isEmpty)
        #expect(a.selectingRows([2, 0, 2]).elements == [5, 6, 1, 2, 5, 6])
    }

    @Test func equalityAndPrecision() {
        let a = Matrix<Float>([[1, 2], [3, 4]])
        #expect(a == a && a != a.transposed() && Matrix<Float>([[.nan]]) != Matrix<Float>([[.nan]]))
        #expect(Matrix<Float>([[1, 2]]) != Matrix<Float>([[1], [2]]))
        #expect(Matrix<Float>(Matrix<Double>(a)) == a)
        #expect(Matrix<Float>(Matrix<Double>([[0.1, 1e300]])).elements == [0.1, .infinity])
        #expect(a.description == "Matrix<Float> [2, 2]\n  1.0  2.0\n  3.0  4.0")
        #expect(Matrix<Float>(rows: 100, columns: 100).description.count < 400)
    }

    @Test func copiesAreIndependent() {
        let a = Matrix<Float>([[1, 2]])
        var b = a
        b.scale(by: 3)
        b[0, 0] = 7
        #expect(a.elements == [1, 2] && b.elements == [7, 6])
    }

    /// Large operations are cut among threads: any number of threads gives the same bits.
    @Test func threadsChangeNoBit() {
        let x = Matrix<Float>.random(700, 301, range: 6, seed: 9)
        func everything() -> [[UInt64]] {
            [
                x.gelu().bits, x.softmax().bits, (x + x).bits, x.normalizedRows().bits,
                x.columnSums().map { UInt64($0.bitPattern) }, x.logSumExp().map { UInt64($0.bitPattern) },
                x.layerNorm(scale: [Float](repeating: 2, count: 301), shift: [Float](repeating: 1, count: 301)).bits,
                x.rowArgmaxima().map { UInt64($0) }, x.gram().bits,
            ]
        }
        let one = Parallelism.withThreads(1) { everything() }
        for threads in [2, 3, 8] { #expect(Parallelism.withThreads(threads) { everything() } == one) }
    }

    /// A row's answer does not depend on how many rows stand around it.
    @Test func rowsDoNotDependOnTheirNeighbours() {
        let x = Matrix<Float>.random(600, 237, range: 6, seed: 10)
        let (softmax, gelu) = (x.softmax(), x.gelu())
        for row in [0, 1, 299, 599] {
            let alone = x.rows(row..<row + 1)
            #expect(alone.softmax().bits == softmax.rows(row..<row + 1).bits)
            #expect(alone.gelu().bits == gelu.rows(row..<row + 1).bits)
        }
    }
}
