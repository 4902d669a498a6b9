import CGSL

/// A stream of random numbers from a GSL generator, with value semantics: a copy goes on from the same state, on its
/// own.
///
/// A stream is named by its seed and the numbers it was split by, so work that gives each piece `stream.split(piece)`
/// has the same result whatever the number of threads and the order of the pieces. It is not for secrets.
///
/// ```swift
/// var stream = RandomStream(seed: 7)
/// let order = stream.permutation(100)
/// var second = stream.split(2)        // the same whatever `stream` has drawn
/// let z = second.gaussian()
/// ```
public struct RandomStream: Sendable, RandomNumberGenerator {
    /// The generator that the stream stands on.
    public let generator: RandomGenerator
    let key: StreamKey
    private var storage: GeneratorStorage

    /// The stream of `seed`. All 64 bits of the seed count, whatever the generator's own seeding takes.
    public init(seed: UInt64, generator: RandomGenerator = .mt19937) {
        self.init(key: StreamKey(seed: seed, stream: 0), generator: generator)
    }

    init(key: StreamKey, generator: RandomGenerator) {
        self.generator = generator
        self.key = key
        storage = GeneratorStorage(generator)
        generator.seed(storage.pointer, from: key)
    }

    init(key: StreamKey, generator: RandomGenerator, storage: GeneratorStorage) {
        self.generator = generator
        self.key = key
        self.storage = storage
    }

    /// The independent stream with number `index` below this one, at its beginning. It depends on this stream's seed
    /// and splits, not on what has been drawn. 2^64 of them; two streams are the same with probability 2^-128 a pair.
    public func split(_ index: UInt64) -> RandomStream {
        RandomStream(key: key.child(index), generator: generator)
    }

    /// `split(index)` for a number that is not negative.
    public func split(_ index: Int) -> RandomStream {
        precondition(index >= 0, "stream number \(index)")
        return split(UInt64(index))
    }

    /// The bulk Gaussian noise that belongs to this stream.
    public var noise: NormalNoise {
        let child = key.child(.max)
        return NormalNoise(seed: child.seed, stream: child.stream)
    }

    /// The GSL generator, for samplers of this module; copied first where another stream shares it.
    mutating func withGenerator<Result>(_ body: (UnsafeMutablePointer<gsl_rng>) throws -> Result) rethrows -> Result {
        if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
        return try body(storage.pointer)
    }

    /// The generator's state as it lies in memory.
    func withState<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: gsl_rng_state(storage.pointer), count: gsl_rng_size(storage.pointer)))
    }
}

/// One GSL generator, freed with its last owner.
///
/// `@unchecked Sendable`: it is drawn from only through `RandomStream`, which copies it first unless it holds the only
/// reference, so no two threads ever see a change.
final class GeneratorStorage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<gsl_rng>
    private let generator: RandomGenerator

    init(_ generator: RandomGenerator) {
        GSL.prepare()
        guard let pointer = gsl_rng_alloc(generator.type) else { preconditionFailure("out of memory") }
        self.pointer = pointer
        self.generator = generator
    }

    func copy() -> GeneratorStorage {
        let copy = GeneratorStorage(generator)
        gsl_rng_memcpy(copy.pointer, pointer)
        return copy
    }

    deinit { gsl_rng_free(pointer) }
}
