import CGSL
import Matrices

/// A quasi-random (low-discrepancy) sequence of points in the unit cube, through GSL (`gsl_qrng`), plain or scrambled.
///
/// Averages of smooth functions over n of its points err by about 1/n, those over random points by 1/√n. A plain
/// sequence is deterministic and says nothing of its own error; scrambled ones have points that are each uniformly
/// distributed, so that averages are unbiased and a few independently scrambled copies give a standard error.
///
/// ```swift
/// var stream = RandomStream(seed: 7)
/// var sequence = try QuasiRandomSequence(.sobol, dimension: 5, scrambling: .owen, &stream)
/// let points = try sequence.points(1024)      // [1024, 5], all in (0, 1)
/// let z = try sequence.normals(1024)          // standard normal, by the inverse distribution function
/// ```
///
/// Value semantics: a copy goes on by itself from the same point.
public struct QuasiRandomSequence: Sendable {
    /// Which sequence.
    public enum Family: String, Sendable, Hashable, CaseIterable {
        /// Sobol's in base 2, up to 40 dimensions (Bratley and Fox 1988, with Antonov and Saleev's order). Take powers
        /// of 2 of points.
        case sobol
        /// Niederreiter's in base 2, up to 12 dimensions (Bratley, Fox and Niederreiter 1992). Take powers of 2.
        case niederreiter
        /// Halton's in the first primes as bases, up to 1229 dimensions; beyond about 10 scramble it.
        case halton
        /// Halton's with reversed digits (Vandewoestyne and Cools 2006), up to 1229 dimensions.
        case reverseHalton

        var type: UnsafePointer<gsl_qrng_type> {
            switch self {
            case .sobol: credence_gsl_qrng_sobol()
            case .niederreiter: credence_gsl_qrng_niederreiter_2()
            case .halton: credence_gsl_qrng_halton()
            case .reverseHalton: credence_gsl_qrng_reversehalton()
            }
        }

        /// The largest dimension that GSL has tables for.
        public var maximumDimension: Int { Int(type.pointee.max_dimension) }

        /// Whether coordinates are fractions of powers of 2, so that binary digits can be scrambled.
        public var isBinary: Bool { self == .sobol || self == .niederreiter }

        /// GSL leaves the origin out of every sequence but Niederreiter's.
        var startsAtOrigin: Bool { self == .niederreiter }
    }

    public let family: Family
    public let dimension: Int
    public let scrambling: Scrambling
    private let keys: [UInt64]
    private var storage: SequenceStorage
    private var originIsDue: Bool

    /// The plain sequence from its first point behind the origin, so that no coordinate is 0.
    ///
    /// - Throws: `QuasiRandomError.dimension`.
    public init(_ family: Family, dimension: Int) throws(QuasiRandomError) {
        try self.init(family, dimension: dimension, scrambling: .none, keys: [])
    }

    /// The sequence from the origin, scrambled by numbers drawn from `stream`, one 64-bit word a dimension.
    ///
    /// The origin belongs to it: without it the first 2^m points of a base-2 sequence are no net (Owen 2022).
    /// - Throws: `QuasiRandomError` for a dimension that GSL does not have, or binary scrambling of another base.
    public init(
        _ family: Family, dimension: Int, scrambling: Scrambling, _ stream: inout RandomStream
    ) throws(QuasiRandomError) {
        guard family.isBinary || !scrambling.isBinary else {
            throw .scrambling(family: family, scrambling: scrambling)
        }
        let count = scrambling == .none ? 0 : max(0, min(dimension, family.maximumDimension))
        try self.init(
            family, dimension: dimension, scrambling: scrambling, keys: (0..<count).map { _ in stream.next() })
    }

    private init(
        _ family: Family, dimension: Int, scrambling: Scrambling, keys: [UInt64]
    ) throws(QuasiRandomError) {
        // GSL itself makes a sequence of a dimension beyond its tables, of wrong points.
        guard dimension >= 1, dimension <= family.maximumDimension else {
            throw .dimension(family: family, found: dimension, maximum: family.maximumDimension)
        }
        self.family = family
        self.dimension = dimension
        self.scrambling = scrambling
        self.keys = keys
        storage = SequenceStorage(family, dimension: dimension)
        originIsDue = scrambling != .none && !family.startsAtOrigin
        if scrambling == .none && family.startsAtOrigin {
            var origin = [Double](repeating: 0, count: dimension)
            _ = storage.next(&origin)
        }
    }

    /// The next point.
    ///
    /// - Throws: `GSLError` after the last one: 2^30 points of Sobol's sequence, 2^31 of the others.
    public mutating func next() throws(GSLError) -> [Double] {
        var point = [Double](repeating: 0, count: dimension)
        if originIsDue {
            originIsDue = false
        } else {
            if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
            let status = storage.next(&point)
            guard status == 0 else { throw GSLError(status: status, function: "gsl_qrng_get") }
        }
        for d in keys.indices { point[d] = scrambling.apply(to: point[d], key: keys[d]) }
        return point
    }

    /// The next `count` points, `[count, dimension]`.
    ///
    /// - Throws: as `next`.
    public mutating func points(_ count: Int) throws(GSLError) -> Matrix<Double> {
        var elements: [Double] = []
        elements.reserveCapacity(count * dimension)
        for _ in 0..<count { elements += try next() }
        return Matrix(rows: count, columns: dimension, elements: elements)
    }

    /// The next `count` points carried to independent standard normal coordinates, `[count, dimension]`.
    ///
    /// - Throws: as `next`.
    public mutating func normals(_ count: Int) throws(GSLError) -> Matrix<Double> {
        try points(count).mappingColumns { _, u in Normal.standard.quantile(u) }
    }

    /// The next `count` points with coordinate d carried to `marginals[d]` by its quantile, `[count, dimension]`.
    ///
    /// - Throws: as `next`.
    public mutating func samples(
        _ count: Int, from marginals: [any ContinuousDistribution]
    ) throws(GSLError) -> Matrix<Double> {
        precondition(marginals.count == dimension, "\(marginals.count) marginals for \(dimension) dimensions")
        return try points(count).mappingColumns { marginals[$0].quantile($1) }
    }

    /// Leaves out the next `count` points. O(count): GSL's sequences cannot jump.
    ///
    /// - Throws: as `next`.
    public mutating func skip(_ count: Int) throws(GSLError) {
        for _ in 0..<count { _ = try next() }
    }
}

/// Why there is no such sequence.
public enum QuasiRandomError: Error, Hashable, Sendable, CustomStringConvertible {
    case dimension(family: QuasiRandomSequence.Family, found: Int, maximum: Int)
    case scrambling(family: QuasiRandomSequence.Family, scrambling: Scrambling)

    public var description: String {
        switch self {
        case .dimension(let family, let found, let maximum):
            "quasi-random sequence: dimension is \(found), expected 1 to \(maximum) for \(family.rawValue)"
        case .scrambling(let family, let scrambling):
            "quasi-random sequence: \(scrambling.rawValue) scrambles binary digits, which \(family.rawValue) has not; "
                + "expected \(Scrambling.randomShift.rawValue)"
        }
    }
}

/// One GSL sequence, freed with its last owner.
///
/// `@unchecked Sendable`: it is advanced only through `QuasiRandomSequence`, which copies it first unless it holds the
/// only reference, so no two threads ever see a change.
private final class SequenceStorage: @unchecked Sendable {
    private let pointer: UnsafeMutablePointer<gsl_qrng>

    init(_ family: QuasiRandomSequence.Family, dimension: Int) {
        GSL.prepare()
        guard let pointer = gsl_qrng_alloc(family.type, UInt32(dimension)) else { preconditionFailure("out of memory") }
        self.pointer = pointer
    }

    private init(_ pointer: UnsafeMutablePointer<gsl_qrng>) { self.pointer = pointer }

    func copy() -> SequenceStorage {
        guard let copy = gsl_qrng_clone(pointer) else { preconditionFailure("out of memory") }
        return SequenceStorage(copy)
    }

    func next(_ point: inout [Double]) -> Int32 { gsl_qrng_get(pointer, &point) }

    deinit { gsl_qrng_free(pointer) }
}

extension Matrix<Double> {
    fileprivate func mappingColumns(_ map: (Int, Double) -> Double) -> Matrix {
        Matrix(rows: rows, columns: columns, elements: elements.enumerated().map { map($0 % columns, $1) })
    }
}
