/// The memory behind a matrix: one aligned block, freed with its last owner.
///
/// `@unchecked Sendable`: a block is written only through `Matrix`, which copies it first unless it holds the only
/// reference, so no two threads ever see a write.
final class MatrixStorage<Scalar>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Scalar>
    let count: Int

    /// 64 bytes: one cache line and one AVX-512 register.
    static var alignment: Int { 64 }

    init(uninitialized count: Int) {
        self.count = count
        let bytes = max(count, 1) * MemoryLayout<Scalar>.stride
        base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
            .bindMemory(to: Scalar.self, capacity: max(count, 1))
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }
}
