/// Sums over ranks of many buffers, in place, in messages of about a megabyte: a message for each would cost more in waiting
/// than in sending.
///
/// A buffer that was added must stay where it is until `flush`, which must come last. Sums have the bits that `RankGroup.sum`
/// gives, however buffers are batched.
package struct BatchedSum<Scalar: MatrixScalar> {
    private let ranks: any RankGroup
    private let capacity: Int
    private var pending: [UnsafeMutableBufferPointer<Scalar>] = []
    private var size = 0

    package init(over ranks: any RankGroup, elements: Int = 1 << 18) {
        (self.ranks, capacity) = (ranks, elements)
    }

    package mutating func add(_ buffer: UnsafeMutableBufferPointer<Scalar>) throws {
        pending.append(buffer)
        size += buffer.count
        if size >= capacity { try flush() }
    }

    package mutating func flush() throws {
        guard size > 0 else { return }
        var batch = Matrix<Scalar>(uninitialized: 1, size)
        var next = batch.mutablePointer()
        for buffer in pending {
            if let base = buffer.baseAddress { next.update(from: base, count: buffer.count) }
            next += buffer.count
        }
        try ranks.sum(&batch)
        var sum = batch.pointer
        for buffer in pending {
            buffer.baseAddress?.update(from: sum, count: buffer.count)
            sum += buffer.count
        }
        withExtendedLifetime(batch) {}
        pending.removeAll(keepingCapacity: true)
        size = 0
    }
}
