import Matrices
import Testing

@Suite struct ProductTests {
    @Test func productOfSmallMatrices() {
        let a = Matrix<Double>([[1, 2], [3, 4]])
        #expect(a.multiplied(by: a).elements == [7, 10, 15, 22])
        #expect(a.multiplied(.transposed, by: a).elements == [10, 14, 14, 20])
    }

    static func naive<S>(_ a: Matrix<S>, _ aOperand: Operand, _ b: Matrix<S>, _ bOperand: Operand) -> Matrix<Double> {
        let (m, k) = aOperand == .asStored ? (a.rows, a.columns) : (a.columns, a.rows)
        let n = bOperand == .asStored ? b.columns : b.rows
        var c = Matrix<Double>(rows: m, columns: n)
        for i in 0..<m {
            for j in 0..<n {
                var sum = 0.0
                for l in 0..<k {
                    sum += Double(aOperand == .asStored ? a[i, l] : a[l, i]) * Double(bOperand == .asStored ? b[l, j] : b[j, l])
                }
                c[i, j] = sum
            }
        }
        return c
    }

    static let shapes = [
        (1, 1, 1), (1, 7, 3), (5, 1, 9), (17, 33, 5), (64, 64, 64), (31, 100, 50), (130, 3, 70), (0, 4, 3), (4, 0, 3),
        (3, 4, 0), (0, 0, 0),
        // Few rows with a large matrix: a kernel of their own.
        (10, 260, 523), (16, 131, 600), (1, 70_000, 1),
    ]

    static func check<S: MatrixScalar>(_: S.Type, epsilon: Double) {
        for (m, n, k) in shapes {
            for aOperand in [Operand.asStored, .transposed] {
                for bOperand in [Operand.asStored, .transposed] {
                    let a = aOperand == .asStored ? Matrix<S>.random(m, k, seed: 1) : .random(k, m, seed: 1)
                    let b = bOperand == .asStored ? Matrix<S>.random(k, n, seed: 2) : .random(n, k, seed: 2)
                    let expected = naive(a, aOperand, b, bOperand)
                    // |error| ≤ k·ε·Σ|a||b|, and the elements are at most 1.
                    let bound = Double(k * k + 1) * epsilon
                    let product = a.multiplied(aOperand, by: b, bOperand)
                    #expect(product.rows == m && product.columns == n)
                    for (value, want) in zip(product.elements, expected.elements) { #expect(abs(Double(value) - want) <= bound) }
                    var c = Matrix<S>(rows: m, columns: n, repeating: 1)
                    c.setToProduct(a, aOperand, b, bOperand, alpha: 2, beta: 3)
                    for (value, want) in zip(c.elements, expected.elements) {
                        #expect(abs(Double(value) - (2 * want + 3)) <= 2 * bound + 4 * epsilon)
                    }
                }
            }
        }
    }
    @Test func againstLoopsInDoubleFloat() { Self.check(Float.self, epsilon: Double(Float.ulpOfOne)) }
    @Test func againstLoopsInDouble() { Self.check(Double.self, epsilon: Double.ulpOfOne) }

    @Test func oldElementsAreNotReadWithBetaZero() {
        var c = Matrix<Float>(rows: 2, columns: 2, repeating: .nan)
        c.setToProduct(Matrix([[1, 2], [3, 4]]), .asStored, Matrix([[1, 0], [0, 1]]))
        #expect(c.elements == [1, 2, 3, 4])
    }

    @Test func anOperandMayBeTheResult() {
        var c = Matrix<Double>([[1, 2], [3, 4]])
        c.setToProduct(c, .asStored, c)
        #expect(c.elements == [7, 10, 15, 22])
    }

    /// Shapes on both sides of every cut, tall, wide and square.
    @Test(arguments: [(700, 300, 40), (300, 1300, 33), (1100, 64, 300), (2100, 700, 17), (512, 512, 100), (100, 2048, 64), (256, 256, 64)])
    func threadsChangeNoBit(_ shape: (Int, Int, Int)) {
        let (m, n, k) = shape
        for (aOperand, bOperand) in [(Operand.asStored, Operand.asStored), (.asStored, .transposed), (.transposed, .asStored)] {
            let a = aOperand == .asStored ? Matrix<Float>.random(m, k, seed: 3) : .random(k, m, seed: 3)
            let b = bOperand == .asStored ? Matrix<Float>.random(k, n, seed: 4) : .random(n, k, seed: 4)
            let one = Parallelism.withThreads(1) { a.multiplied(aOperand, by: b, bOperand) }
            for threads in [2, 3, 8] {
                let other = Parallelism.withThreads(threads) { a.multiplied(aOperand, by: b, bOperand) }
                #expect(other.bits == one.bits)
            }
        }
        let a = Matrix<Double>.random(m, k, seed: 5), b = Matrix<Double>.random(k, n, seed: 6)
        let one = Parallelism.withThreads(1) { a.multiplied(by: b) }
        #expect(Parallelism.withThreads(2) { a.multiplied(by: b) }.bits == one.bits)
    }
}
