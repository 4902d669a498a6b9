import FeatureData
import Foundation
import Matrices

/// One tensor of a model file, in memory: its values as a matrix (all dimensions but the last are the rows) or integers.
public struct ArchivedTensor: Sendable {
    public enum Values: Sendable {
        case single(Matrix<Float>)
        case double(Matrix<Double>)
        case integers([Int])
    }

    public let values: Values
    public let shape: [Int]
    /// How the values are stored; reading half floats gives Float.
    public let elementType: ElementType

    /// A matrix `[rows, columns]`, or of a shape with as many elements and the same last dimension.
    public init(_ matrix: Matrix<Float>, shape: [Int]? = nil, as elementType: ElementType = .float32) {
        self.init(.single(matrix), shape ?? [matrix.rows, matrix.columns], elementType, matrix.count)
    }

    public init(_ matrix: Matrix<Double>, shape: [Int]? = nil, as elementType: ElementType = .float64) {
        self.init(.double(matrix), shape ?? [matrix.rows, matrix.columns], elementType, matrix.count)
    }

    public init(_ integers: [Int], shape: [Int]? = nil, as elementType: ElementType = .int64) {
        self.init(.integers(integers), shape ?? [integers.count], elementType, integers.count)
    }

    /// A vector `[n]`.
    public init(vector: [Float], as elementType: ElementType = .float32) {
        self.init(Matrix(rows: 1, columns: vector.count, elements: vector), shape: [vector.count], as: elementType)
    }

    /// Bytes in the file.
    public var byteCount: Int { shape.reduce(1, *) * elementType.byteCount }

    private init(_ values: Values, _ shape: [Int], _ elementType: ElementType, _ count: Int) {
        precondition(shape.reduce(1, *) == count, "the shape \(shape) for \(count) elements")
        if case .integers = values {
            precondition(!elementType.isFloatingPoint, "integers stored as \(elementType.rawValue)")
        } else {
            precondition(elementType.isFloatingPoint, "floats stored as \(elementType.rawValue)")
        }
        self.values = values
        self.shape = shape
        self.elementType = elementType
    }

    init(_ stored: StoredTensor) throws {
        shape = stored.shape
        elementType = stored.elementType
        values =
            switch stored.elementType {
            case .float64: .double(try stored.matrix())
            case .float16, .bfloat16, .float32: .single(try stored.matrix())
            default: .integers(try stored.integers())
            }
    }
}

extension ModelArchive {
    /// A matrix of Floats under a name.
    ///
    /// - Parameters:
    ///   - rows: the expected number of rows, all dimensions but the last together; nil accepts any.
    ///   - columns: the expected last dimension; nil accepts any.
    /// - Throws: `ModelArchiveError` for a missing tensor, integers or another shape.
    public func matrix(_ name: String, rows: Int? = nil, columns: Int? = nil) throws -> Matrix<Float> {
        switch try tensor(name).values {
        case .single(let matrix): return try checked(matrix, name, rows, columns)
        case .double(let matrix): return try checked(matrix, name, rows, columns).converted()
        case .integers: throw ModelArchiveError.elementType(file: path, tensor: name, expected: "floats")
        }
    }

    /// As `matrix`, in Double.
    public func doubleMatrix(_ name: String, rows: Int? = nil, columns: Int? = nil) throws -> Matrix<Double> {
        switch try tensor(name).values {
        case .single(let matrix): return try checked(matrix, name, rows, columns).converted()
        case .double(let matrix): return try checked(matrix, name, rows, columns)
        case .integers: throw ModelArchiveError.elementType(file: path, tensor: name, expected: "floats")
        }
    }

    /// A vector of Floats: a tensor of any shape with `count` elements.
    public func vector(_ name: String, count: Int? = nil) throws -> [Float] {
        let matrix = try matrix(name)
        if let count, matrix.count != count {
            throw ModelArchiveError.shape(file: path, tensor: name, found: try tensor(name).shape, expected: "[\(count)]")
        }
        return matrix.elements
    }

    /// Integers under a name.
    public func integers(_ name: String, count: Int? = nil) throws -> [Int] {
        guard case .integers(let integers) = try tensor(name).values else {
            throw ModelArchiveError.elementType(file: path, tensor: name, expected: "integers")
        }
        if let count, integers.count != count {
            throw ModelArchiveError.shape(file: path, tensor: name, found: try tensor(name).shape, expected: "[\(count)]")
        }
        return integers
    }

    /// - Throws: `ModelArchiveError.missingTensor`.
    public func tensor(_ name: String) throws -> ArchivedTensor {
        guard let tensor = tensors[name] else { throw ModelArchiveError.missingTensor(file: path, tensor: name) }
        return tensor
    }

    private func checked<Scalar>(
        _ matrix: Matrix<Scalar>, _ name: String, _ rows: Int?, _ columns: Int?
    ) throws -> Matrix<Scalar> {
        guard rows ?? matrix.rows == matrix.rows, columns ?? matrix.columns == matrix.columns else {
            let expected = "[\(rows.map(String.init) ?? "any"), \(columns.map(String.init) ?? "any")]"
            throw ModelArchiveError.shape(file: path, tensor: name, found: try tensor(name).shape, expected: expected)
        }
        return matrix
    }
}

extension ArchivedTensor {
    /// The bytes as the file holds them.
    ///
    /// - Throws: `FeatureDataError.badData` for a number that the element type cannot hold.
    func withStoredBytes(of name: String, at url: URL, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        switch values {
        case .single(let matrix): try elementType.withEncoded(matrix, name, url, body)
        case .double(let matrix): try elementType.withEncoded(matrix, name, url, body)
        case .integers(let integers): try elementType.withEncoded(integers, name, url, body)
        }
    }
}

extension Matrix {
    /// The elements in another precision.
    func converted<Other: MatrixScalar>() -> Matrix<Other> {
        var result = Matrix<Other>(uninitialized: rows, columns)
        let target = result.mutablePointer()
        for index in 0..<count { target[index] = Other(pointer[index]) }
        return result
    }
}
