import Matrices

/// Some columns of a variable: the queries, keys or values inside one stacked projection.
public struct ColumnBlock<Scalar: MatrixScalar> {
    public let variable: Variable<Scalar>
    /// The first of the columns.
    public let offset: Int

    public init(_ variable: Variable<Scalar>, offset: Int = 0) {
        self.variable = variable
        self.offset = offset
    }
}

/// Scaled dot-product attention, softmax(Q·Kᵀ/√d + mask)·V, per sequence and head (Vaswani et al. 2017, eq. 1), as one
/// operation with an exact backward pass.
public struct AttentionOperation<Scalar: MatrixScalar> {
    /// The width of queries, keys and values over all heads.
    public var width: Int
    public var heads = 1
    /// Sequences in the batch: queries `[sequences · queryLength, …]`, keys and values likewise, one after another.
    public var sequences = 1
    /// `[queryLength, keyLength]`, added to the scores; −∞ blocks. The same for every sequence and head.
    public var mask: Matrix<Scalar>?
    /// Dropout on the attention weights, already drawn; nil for none.
    var dropout: DropoutMask?

    public init(width: Int, heads: Int = 1, sequences: Int = 1, mask: Matrix<Scalar>? = nil) {
        precondition(heads > 0 && width % heads == 0, "width \(width) in \(heads) heads")
        self.width = width
        self.heads = heads
        self.sequences = sequences
        self.mask = mask
    }

    /// `[sequences · queryLength, width]`.
    public func callAsFunction(
        queries: ColumnBlock<Scalar>, keys: ColumnBlock<Scalar>, values: ColumnBlock<Scalar>
    ) -> Variable<Scalar> {
        let tape = queries.variable.tape
        let (q, k, v) = (queries.variable.value, keys.variable.value, values.variable.value)
        precondition(
            q.rows % sequences == 0 && k.rows % sequences == 0 && k.rows == v.rows, "rows of \(sequences) sequences")
        let (queryLength, keyLength) = (q.rows / sequences, k.rows / sequences)
        precondition(
            mask.map { $0.rows == queryLength && $0.columns == keyLength } ?? true, "a mask of another shape")
        let plan = self
        let depth = width / heads
        let scale = 1 / Scalar(depth).squareRoot()
        let block = queryLength * keyLength
        // Attention weights before dropout, kept for the backward pass: one block a sequence and head.
        var weights = Matrix<Scalar>(uninitialized: sequences * heads * queryLength, keyLength)
        let p = weights.mutablePointer()
        for unit in 0..<sequences * heads {
            let (sequence, head) = (unit / heads, unit % heads)
            Product.run(
                .asStored, .transposed, m: queryLength, n: keyLength, k: depth, alpha: scale,
                a: q.pointer + sequence * queryLength * q.columns + queries.offset + head * depth, lda: q.columns,
                b: k.pointer + sequence * keyLength * k.columns + keys.offset + head * depth, ldb: k.columns, beta: 0,
                c: p + unit * block, ldc: keyLength)
            if let mask {
                Scalar.Kernels.combine(p + unit * block, 1, p + unit * block, 1, mask.pointer, block)
            }
        }
        Scalar.Kernels.softmaxRows(p, p, weights.rows, keyLength)
        let kept = weights
        if let dropout { weights = dropout.applied(to: kept) }
        var result = Matrix<Scalar>(uninitialized: q.rows, width)
        let y = result.mutablePointer()
        for unit in 0..<sequences * heads {
            let (sequence, head) = (unit / heads, unit % heads)
            Product.run(
                .asStored, .asStored, m: queryLength, n: depth, k: keyLength, alpha: 1,
                a: weights.pointer + unit * block, lda: keyLength,
                b: v.pointer + sequence * keyLength * v.columns + values.offset + head * depth, ldb: v.columns, beta: 0,
                c: y + sequence * queryLength * width + head * depth, ldc: width)
        }
        let operands = [queries.variable, keys.variable, values.variable]
        return tape.record(result, from: operands) { tape, gradient in
            plan.backward(
                tape, gradient, attention: kept, queries: queries, keys: keys, values: values, scale: scale)
        }
    }

    private func backward(
        _ tape: Tape<Scalar>, _ gradient: Matrix<Scalar>, attention: Matrix<Scalar>, queries: ColumnBlock<Scalar>,
        keys: ColumnBlock<Scalar>, values: ColumnBlock<Scalar>, scale: Scalar
    ) {
        let (q, k, v) = (queries.variable.value, keys.variable.value, values.variable.value)
        let (queryLength, keyLength) = (q.rows / sequences, k.rows / sequences)
        let depth = width / heads
        let block = queryLength * keyLength
        if values.variable.requiresGradient {
            let dropped = dropout?.applied(to: attention) ?? attention
            tape.withGradientTarget(of: values.variable, rows: 0..<v.rows) { target, factor in
                let dv = target.mutablePointer()
                for unit in 0..<sequences * heads {
                    let (sequence, head) = (unit / heads, unit % heads)
                    Product.run(
                        .transposed, .asStored, m: keyLength, n: depth, k: queryLength, alpha: factor,
                        a: dropped.pointer + unit * block, lda: keyLength,
                        b: gradient.pointer + sequence * queryLength * width + head * depth, ldb: width, beta: 1,
                        c: dv + sequence * keyLength * v.columns + values.offset + head * depth, ldc: v.columns)
                }
            }
        }
        guard queries.variable.requiresGradient || keys.variable.requiresGradient else { return }
        var scores = Matrix<Scalar>(uninitialized: attention.rows, keyLength)
        let ds = scores.mutablePointer()
        for unit in 0..<sequences * heads {
            let (sequence, head) = (unit / heads, unit % heads)
            Product.run(
                .asStored, .transposed, m: queryLength, n: keyLength, k: depth, alpha: 1,
                a: gradient.pointer + sequence * queryLength * width + head * depth, lda: width,
                b: v.pointer + sequence * keyLength * v.columns + values.offset + head * depth, ldb: v.columns, beta: 0,
                c: ds + unit * block, ldc: keyLength)
        }
        if let dropout { dropout.apply(to: ds, count: scores.count) }
        Scalar.Kernels.softmaxRowsBackward(ds, attention.pointer, ds, attention.rows, keyLength)
        tape.withGradientTarget(of: queries.variable, rows: 0..<q.rows) { target, factor in
            let dq = target.mutablePointer()
            for unit in 0..<sequences * heads {
                let (sequence, head) = (unit / heads, unit % heads)
                Product.run(
                    .asStored, .asStored, m: queryLength, n: depth, k: keyLength, alpha: factor * scale,
                    a: ds + unit * block, lda: keyLength,
                    b: k.pointer + sequence * keyLength * k.columns + keys.offset + head * depth, ldb: k.columns,
                    beta: 1, c: dq + sequence * queryLength * q.columns + queries.offset + head * depth,
                    ldc: q.columns)
            }
        }
        tape.withGradientTarget(of: keys.variable, rows: 0..<k.rows) { target, factor in
            let dk = target.mutablePointer()
            for unit in 0..<sequences * heads {
                let (sequence, head) = (unit / heads, unit % heads)
                Product.run(
                    .transposed, .asStored, m: keyLength, n: depth, k: queryLength, alpha: factor * scale,
                    a: ds + unit * block, lda: keyLength,
                    b: q.pointer + sequence * queryLength * q.columns + queries.offset + head * depth, ldb: q.columns,
                    beta: 1, c: dk + sequence * keyLength * k.columns + keys.offset + head * depth, ldc: k.columns)
            }
        }
    }
}
