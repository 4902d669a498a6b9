import Matrices
import Testing

@Suite struct ByteRecordTests {
    @Test func valuesComeBackInOrder() {
        var record = ByteRecord()
        record.append([1.5 as Float, -0, .infinity])
        record.append(42)
        record.append([Int]())
        record.append(Matrix<Double>(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6]))
        record.append([7.25, .leastNonzeroMagnitude])

        var read = ByteRecord(record.bytes)
        #expect(read.next(Float.self) == [1.5, 0, .infinity])
        #expect(read.nextInt() == 42)
        #expect(read.next(Int.self).isEmpty)
        let matrix = read.nextMatrix(Double.self)
        #expect(matrix.rows == 2 && matrix.columns == 3)
        #expect(matrix.elements == [1, 2, 3, 4, 5, 6])
        #expect(!read.isAtEnd)
        #expect(read.next(Double.self) == [7.25, .leastNonzeroMagnitude])
        #expect(read.isAtEnd)
    }
}
