/// A dense row-major matrix of `Float` or `Double` with value semantics (copy on write).
///
/// Shapes are written `[rows, columns]`. Operations whose operands do not fit together are programming errors and stop
/// the program with the two shapes, as an array does on a bad index; data from outside is checked where it is read.
/// A matrix may have zero rows or columns.
public struct Matrix<Scalar: MatrixScalar>: Sendable {
    public let rows: Int
    public let columns: Int
    var storage: MatrixStorage<Scalar>

    /// The number of elements.
    public var count: Int { rows * columns }
    public var isEmpty: Bool { count == 0 }

    /// A matrix whose elements are not set; every caller must fill all of them. O(1).
    package init(uninitialized rows: Int, _ columns: Int) {
        precondition(rows >= 0 && columns >= 0, "a matrix cannot have the shape [\(rows), \(columns)]")
        self.rows = rows
        self.columns = columns
        storage = MatrixStorage(uninitialized: rows * columns)
    }

    /// A matrix with every element `value`.
    public init(rows: Int, columns: Int, repeating value: Scalar = 0) {
        self.init(uninitialized: rows, columns)
        if value == 0, value.sign == .plus {
            // All bits are zero: filling bytes is the library's memset, which generic code would not reach.
            UnsafeMutableRawPointer(storage.base).initializeMemory(
                as: UInt8.self, repeating: 0, count: count * MemoryLayout<Scalar>.stride)
        } else {
            storage.base.initialize(repeating: value, count: count)
        }
    }

    /// A matrix from its elements in row-major order; `elements.count` must be `rows * columns`.
    public init(rows: Int, columns: Int, elements: [Scalar]) {
        precondition(
            elements.count == rows * columns, "\(elements.count) elements for a matrix [\(rows), \(columns)]")
        self.init(uninitialized: rows, columns)
        elements.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { storage.base.initialize(from: first, count: count) }
        }
    }

    /// A matrix from its rows, all of one length.
    public init(_ rows: [[Scalar]]) {
        let columns = rows.first?.count ?? 0
        precondition(rows.allSatisfy { $0.count == columns }, "rows of different lengths")
        self.init(rows: rows.count, columns: columns, elements: rows.flatMap { $0 })
    }

    /// The element in `row`, `column`.
    public subscript(row: Int, column: Int) -> Scalar {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns, "index out of range")
            return storage.base[row * columns + column]
        }
        set {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns, "index out of range")
            makeUnique()
            storage.base[row * columns + column] = newValue
        }
    }

    /// The elements in row-major order, copied.
    public var elements: [Scalar] { Array(UnsafeBufferPointer(start: storage.base, count: count)) }

    /// The elements of one row, copied.
    public func row(_ index: Int) -> [Scalar] {
        precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
        return Array(UnsafeBufferPointer(start: storage.base + index * columns, count: columns))
    }

    /// Calls `body` with the elements in row-major order.
    public func withUnsafeElements<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeBufferPointer(start: storage.base, count: count))
    }

    /// Calls `body` with the elements in row-major order, for writing.
    public mutating func withUnsafeMutableElements<Result, Failure: Error>(
        _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        makeUnique()
        return try body(UnsafeMutableBufferPointer(start: storage.base, count: count))
    }

    /// The elements for kernels of this package; valid while the matrix lives.
    package var pointer: UnsafePointer<Scalar> { UnsafePointer(storage.base) }

    /// The elements for kernels of this package that write; copies first when the memory is shared.
    package mutating func mutablePointer() -> UnsafeMutablePointer<Scalar> {
        makeUnique()
        return storage.base
    }

    mutating func makeUnique() {
        guard !isKnownUniquelyReferenced(&storage) else { return }
        let copy = MatrixStorage<Scalar>(uninitialized: count)
        copy.base.initialize(from: storage.base, count: count)
        storage = copy
    }
}
