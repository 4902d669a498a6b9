/// Values packed one after another into bytes, for messages between the processes of one run: of the same program, on
/// machines of the same byte order. Not a file format.
public struct ByteRecord: Sendable {
    public private(set) var bytes: [UInt8]
    private var position = 0

    public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    /// Whether everything that was packed has been read.
    public var isAtEnd: Bool { position == bytes.count }

    /// Appends a number of elements and the elements themselves.
    public mutating func append<Element: BitwiseCopyable>(_ values: [Element]) {
        withUnsafeBytes(of: values.count) { bytes.append(contentsOf: $0) }
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    public mutating func append<Scalar: MatrixScalar & BitwiseCopyable>(_ matrix: Matrix<Scalar>) {
        append([matrix.rows, matrix.columns])
        matrix.withUnsafeElements { bytes.append(contentsOf: UnsafeRawBufferPointer($0)) }
    }

    public mutating func append(_ value: Int) { append([value]) }

    /// The next values, in the order in which they were appended.
    public mutating func next<Element: BitwiseCopyable>(_ type: Element.Type = Element.self) -> [Element] {
        let count = load(Int.self, count: 1)[0]
        return load(Element.self, count: count)
    }

    public mutating func nextMatrix<Scalar: MatrixScalar & BitwiseCopyable>(
        _ type: Scalar.Type = Scalar.self
    ) -> Matrix<Scalar> {
        let shape = next(Int.self)
        return Matrix(rows: shape[0], columns: shape[1], elements: load(Scalar.self, count: shape[0] * shape[1]))
    }

    public mutating func nextInt() -> Int { next(Int.self)[0] }

    private mutating func load<Element: BitwiseCopyable>(_ type: Element.Type, count: Int) -> [Element] {
        let size = count * MemoryLayout<Element>.stride
        precondition(position + size <= bytes.count, "a record is read as it was written")
        defer { position += size }
        return bytes.withUnsafeBytes { raw in
            [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: raw[position..<position + size]))
                initialized = count
            }
        }
    }
}

extension RankGroup {
    /// Shares out `items` pieces of work in turn: `make` runs on the rank whose turn a piece is, and the first rank takes
    /// what was made, in the order of pieces. Collective. Memory: what one piece makes, on the first rank that of `count`.
    ///
    /// - Throws: what `make`, `take` and the communication throw.
    public func inTurns(
        _ items: Int, make: (Int) throws -> [UInt8], take: (Int, [UInt8]) throws -> Void
    ) throws {
        for first in stride(from: 0, to: items, by: count) {
            let own = first + rank
            for (place, bytes) in try gather(own < items ? make(own) : [], at: 0).enumerated()
            where first + place < items {
                try take(first + place, bytes)
            }
        }
    }
}
