/// Whether an operand of a product is taken as stored or transposed.
public enum Operand: Sendable {
    case asStored
    case transposed
}

extension Matrix {
    /// `alpha · op(self) · op(other)`, a new `[m, n]` matrix. 2·m·n·k operations through OpenBLAS.
    public func multiplied(
        _ operand: Operand = .asStored, by other: Matrix, _ otherOperand: Operand = .asStored, scaledBy alpha: Scalar = 1
    ) -> Matrix {
        let m = operand == .asStored ? rows : columns
        let n = otherOperand == .asStored ? other.columns : other.rows
        var result = Matrix(uninitialized: m, n)
        result.setToProduct(self, operand, other, otherOperand, alpha: alpha, beta: 0)
        return result
    }

    /// `self = alpha · op(a) · op(b) + beta · self` (BLAS `gemm`); with `beta` 0 the old elements are not read.
    public mutating func setToProduct(
        _ a: Matrix, _ aOperand: Operand = .asStored, _ b: Matrix, _ bOperand: Operand = .asStored,
        alpha: Scalar = 1, beta: Scalar = 0
    ) {
        let (m, k) = aOperand == .asStored ? (a.rows, a.columns) : (a.columns, a.rows)
        let (kb, n) = bOperand == .asStored ? (b.rows, b.columns) : (b.columns, b.rows)
        precondition(
            k == kb && rows == m && columns == n,
            "product [\(m), \(k)] × [\(kb), \(n)] into [\(rows), \(columns)]")
        let c = mutablePointer()
        Product<Scalar>.run(
            aOperand, bOperand, m: m, n: n, k: k, alpha: alpha, a: a.pointer, lda: a.columns, b: b.pointer,
            ldb: b.columns, beta: beta, c: c, ldc: n)
    }
}

/// A product on raw blocks, cut into pieces by its shape alone so that the number of threads changes no bit.
package enum Product<Scalar: MatrixScalar> {
    /// Pieces are at least this wide: every piece packs the shared operand again, which at 2048³ costs 1 % for 2 pieces,
    /// 4 % for 4 and 8 % for 8. Shapes too short for two such pieces may be cut into two narrower ones.
    static var preferredWidth: Int { 1024 }
    static var minimumWidth: Int { 256 }
    /// They have at least this many multiply-adds, some 30 µs of work.
    static var minimumWork: Int { 2_000_000 }
    static var maximumPieces: Int { 16 }

    /// `c[m, n] = alpha · op(a) · op(b) + beta · c`, row-major with leading dimensions.
    package static func run(
        _ aOperand: Operand, _ bOperand: Operand, m: Int, n: Int, k: Int, alpha: Scalar,
        a: UnsafePointer<Scalar>, lda: Int, b: UnsafePointer<Scalar>, ldb: Int, beta: Scalar,
        c: UnsafeMutablePointer<Scalar>, ldc: Int
    ) {
        guard m > 0, n > 0 else { return }
        let longer = max(m, n)
        let fitting = longer >= 2 * preferredWidth ? longer / preferredWidth : min(longer / minimumWidth, 2)
        let pieces = min(fitting, m * n * max(k, 1) / minimumWork, maximumPieces)
        guard pieces > 1 else {
            Scalar.Kernels.gemm(aOperand, bOperand, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
            return
        }
        // Multiples of 16 keep every piece but the last on the micro-kernel's full tiles.
        let width = ((longer + pieces - 1) / pieces + 15) / 16 * 16
        let splitRows = m >= n
        nonisolated(unsafe) let (a, b, c) = (a, b, c)  // each piece writes its own part of c
        Parallelism.forEach(pieces: (longer + width - 1) / width) { piece in
            let start = piece * width
            let size = min(width, longer - start)
            if splitRows {
                let part = a + (aOperand == .asStored ? start * lda : start)
                Scalar.Kernels.gemm(
                    aOperand, bOperand, size, n, k, alpha, part, lda, b, ldb, beta, c + start * ldc, ldc)
            } else {
                let part = b + (bOperand == .asStored ? start : start * ldb)
                Scalar.Kernels.gemm(aOperand, bOperand, m, size, k, alpha, a, lda, part, ldb, beta, c + start, ldc)
            }
        }
    }
}
