/// How a row's features lie in a store.
public enum FeatureEncoding: Sendable, Hashable {
    /// 4 bytes an element, exact.
    case float32
    /// 2 bytes an element (IEEE half): relative error at most 2⁻¹¹ for ordinary numbers.
    case float16
    /// One byte for each of so many parts of the row: the nearest of 256 centroids (`ProductQuantizer`).
    case productQuantization(bytes: Int)

    /// Product quantisation to a quarter byte an element, or less where the length has no such divisor.
    public static func productQuantization(dimension: Int) -> FeatureEncoding {
        let most = max(1, dimension / 4)
        return .productQuantization(bytes: stride(from: most, through: 1, by: -1).first { dimension % $0 == 0 } ?? 1)
    }

    /// Bytes of a row.
    public func byteCount(dimension: Int) -> Int {
        switch self {
        case .float32: 4 * dimension
        case .float16: 2 * dimension
        case .productQuantization(let bytes): bytes
        }
    }

    /// `f32`, `f16` or `pq`.
    public var name: String {
        switch self {
        case .float32: "f32"
        case .float16: "f16"
        case .productQuantization: "pq"
        }
    }

    init?(name: String, bytes: Int) {
        switch name {
        case "f32": self = .float32
        case "f16": self = .float16
        case "pq": self = .productQuantization(bytes: bytes)
        default: return nil
        }
    }
}

extension FeatureEncoding: CustomStringConvertible {
    public var description: String {
        if case .productQuantization(let bytes) = self { return "pq (\(bytes) bytes a row)" }
        return name
    }
}
