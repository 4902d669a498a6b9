import Matrices
import Testing

@Suite struct ProductTests {
    @Test func productOfSmallMatrices() {
        let a = Matrix<Double>([[1, 2], [3, 4]])
        #expect(a.multiplied(by: a).elements == [7, 10, 15, 22])
        #expect(a.multiplied(.transposed, by: a).elements == [10, 14, 14, 20])
    }
}
