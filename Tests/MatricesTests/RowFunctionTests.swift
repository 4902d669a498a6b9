import CKernels
import Foundation
import Matrices
import Testing

/// Row kernels against sums in Double, over every number of columns up to several blocks and both scalars.
@Suite struct RowFunctionTests {
    static func checkSoftmax<S: MatrixScalar>(_: S.Type, tolerance: Double) {
        for columns in [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 33, 64, 100, 129] {
            let x = Matrix<S>.random(5, columns, range: 8, seed: UInt64(columns))
            let (p, l, lse) = (x.softmax(), x.logSoftmax(), x.logSumExp())
            for row in 0..<5 {
                let values = x.row(row).map { Double($0) }
                let total = values.map { exp($0) }.reduce(0, +)
                #expect(abs(Double(lse[row]) - log(total)) <= 16 * tolerance)
                #expect(abs(p.row(row).map { Double($0) }.reduce(0, +) - 1) <= 4 * tolerance)
                for column in 0..<columns {
                    #expect(abs(Double(p[row, column]) - exp(values[column]) / total) <= tolerance)
                    #expect(abs(Double(l[row, column]) - (values[column] - log(total))) <= 16 * tolerance)
                }
            }
        }
    }
    @Test func softmaxFloat() { Self.checkSoftmax(Float.self, tolerance: 3e-7) }
    @Test func softmaxDouble() { Self.checkSoftmax(Double.self, tolerance: 6e-16) }

    @Test func softmaxOfExtremeRows() {
        let inf = Float.infinity
        let x = Matrix<Float>([
            [1e30, -1e30, 0], [-1e30, -1e30, -1e30], [0, -inf, 0], [-inf, -inf, -inf], [1, .nan, 2], [inf, 0, 0],
        ])
        let (p, l, lse) = (x.softmax(), x.logSoftmax(), x.logSumExp())
        #expect(p.row(0) == [1, 0, 0])
        #expect(p.row(1).allSatisfy { abs($0 - 1 / 3) < 1e-7 })
        #expect(p.row(2) == [0.5, 0, 0.5])
        #expect(l[2, 1] == -inf && abs(l[2, 0] + log(2)) < 1e-7)
        for row in 3...5 { #expect(p.row(row).contains { $0.isNaN }) }
        #expect(p.row(3).allSatisfy { $0.isNaN } && p.row(4).allSatisfy { $0.isNaN })
        #expect(lse[0] == 1e30 && lse[1] == -1e30 && lse[3] == -inf && lse[4].isNaN && lse[5] == inf)
        #expect(Matrix<Float>(rows: 2, columns: 0).logSumExp() == [-inf, -inf])
        #expect(Matrix<Float>(rows: 2, columns: 0).softmax().isEmpty)
        #expect(Matrix<Float>([[7]]).softmax().elements == [1])
        // A shift of the row changes nothing but rounding.
        let y = Matrix<Double>.random(3, 20, range: 5, seed: 1)
        #expect(y.softmax().distance(to: y.map { $0 + 1024 }.softmax()) < 1e-12)
    }

    @Test func crossEntropyAndItsGradient() {
        for columns in [1, 3, 10, 16, 100] {
            var logits = Matrix<Double>.random(4, columns, range: 6, seed: UInt64(columns))
            let (log, p) = (logits.logSoftmax(), logits.softmax())
            let labels: [Int32] = [0, Int32(columns - 1), Int32(columns / 2), 0]
            var loss = [Double](repeating: 0, count: 4)
            logits.withUnsafeMutableElements {
                credence_cross_entropy_rows_f64(&loss, $0.baseAddress, labels, 0.25, 4, columns)
            }
            for row in 0..<4 {
                #expect(abs(loss[row] + log[row, Int(labels[row])]) < 1e-14)
                for column in 0..<columns {
                    let expected = 0.25 * (p[row, column] - (column == Int(labels[row]) ? 1 : 0))
                    #expect(abs(logits[row, column] - expected) < 1e-15)
                }
            }
        }
    }

    static func checkLayerNorm<S: MatrixScalar>(_: S.Type, tolerance: Double) {
        for columns in [2, 3, 8, 10, 16, 19, 100, 515] {
            let x = Matrix<S>.random(3, columns, range: 4, seed: UInt64(columns))
            let scale = Matrix<S>.random(1, columns, seed: 5).elements, shift = Matrix<S>.random(1, columns, seed: 6).elements
            let y = x.layerNorm(scale: scale, shift: shift, epsilon: 1e-5)
            for row in 0..<3 {
                let values = x.row(row).map { Double($0) }
                let mean = values.reduce(0, +) / Double(columns)
                let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(columns)
                for column in 0..<columns {
                    let expected =
                        (values[column] - mean) / (variance + Double(S(1e-5))).squareRoot() * Double(scale[column])
                        + Double(shift[column])
                    #expect(abs(Double(y[row, column]) - expected) <= tolerance)
                }
            }
        }
    }
    @Test func layerNormFloat() { Self.checkLayerNorm(Float.self, tolerance: 3e-6) }
    @Test func layerNormDouble() { Self.checkLayerNorm(Double.self, tolerance: 1e-14) }

    @Test func normsOfHugeTinyAndZeroRows() {
        let smallest = Float.leastNonzeroMagnitude
        let x = Matrix<Float>([[3e30, 4e30], [30_000 * smallest, 40_000 * smallest], [0, 0], [3, 4], [smallest, 0]])
        let norms = x.rowNorms()
        #expect(abs(norms[0] / 5e30 - 1) < 1e-6 && norms[1] == 50_000 * smallest)
        #expect(norms[2] == 0 && norms[3] == 5 && norms[4] == smallest)
        let unit = x.normalizedRows()
        #expect(abs(unit[0, 0] - 0.6) < 1e-6 && abs(unit[1, 1] - 0.8) < 1e-4)
        #expect(unit.row(2) == [0, 0] && abs(unit[3, 1] - 0.8) < 1e-7 && unit.row(4) == [1, 0])
        let wide = Matrix<Double>([[3e300, 4e300], [3e-300, 4e-300]])
        #expect(abs(wide.normalizedRows()[0, 0] - 0.6) < 1e-15 && abs(wide.normalizedRows()[1, 1] - 0.8) < 1e-15)
    }

    @Test func sumsAndMaxima() {
        for columns in [0, 1, 2, 3, 5, 8, 13, 16, 17, 40, 65, 70, 200] {
            for rows in [0, 1, 3, 130, 300] {
                let x = Matrix<Float>.random(rows, columns, range: 2, seed: UInt64(columns * 1000 + rows))
                let wide = Matrix<Double>(x)
                var columnSums = [Double](repeating: 0, count: columns), columnSquares = columnSums
                var total = 0.0
                let (sums, squares, maxima, indices) = (x.rowSums(), x.rowSquaredNorms(), x.rowMaxima(), x.rowArgmaxima())
                for row in 0..<rows {
                    let values = wide.row(row)
                    let sum = values.reduce(0, +), square = values.map { $0 * $0 }.reduce(0, +)
                    total += sum
                    #expect(abs(Double(sums[row]) - sum) < 1e-5 && abs(Double(squares[row]) - square) < 1e-4)
                    #expect(Double(maxima[row]) == values.max() ?? -.infinity)
                    #expect(indices[row] == values.firstIndex(of: values.max() ?? 0) ?? 0)
                    for column in 0..<columns {
                        columnSums[column] += values[column]
                        columnSquares[column] += values[column] * values[column]
                    }
                }
                #expect(abs(Double(x.sum()) - total) < 1e-3)
                #expect(zip(x.columnSums(), columnSums).allSatisfy { abs(Double($0) - $1) < 1e-4 })
                #expect(zip(x.columnSquaredNorms(), columnSquares).allSatisfy { abs(Double($0) - $1) < 1e-3 })
            }
        }
        let ties = Matrix<Float>([[1, 5, 5], [.nan, 2, 1], [.nan, .nan, .nan], [-.infinity, -.infinity, -1e38]])
        #expect(ties.rowArgmaxima() == [1, 1, 0, 2])
        #expect(ties.rowMaxima() == [5, 2, -.infinity, -1e38])
    }

    @Test func firstNonfiniteElement() {
        for count in [1, 15, 16, 1023, 1024, 1025, 5000] {
            var x = Matrix<Float>(rows: 1, columns: count, repeating: 3e38)
            #expect(x.isFinite)
            x[0, count - 1] = .nan
            #expect(x.firstNonfinite == count - 1)
            x[0, count / 2] = -.infinity
            #expect(x.firstNonfinite == count / 2)
        }
    }
}
