import Matrices

/// Sums of ΦᵀΦ in the lower triangle of a square, the part above the diagonal left as it is.
enum GramStrips<Scalar: MatrixScalar, Product: MatrixScalar> {
    /// Rows of the triangle that one piece works on.
    private static var strip: Int { 256 }

    /// Adds ΦᵀΦ of `features` `[rows, n]` to the lower triangle of `square` `[n, n]`. Strips of the triangle are cut by its
    /// shape alone; where the products are in another precision than the sums, a strip of them is made apart and added.
    static func add(_ features: Matrix<Product>, to square: UnsafeMutablePointer<Scalar>, _ n: Int) {
        let rows = features.rows
        guard rows > 0, n > 0 else { return }
        nonisolated(unsafe) let (a, c) = (features.pointer, square)  // each piece writes its own rows
        Parallelism.forEachRange(of: n, size: strip) { range in
            let (start, size) = (range.lowerBound, range.count)
            if let c = c as? UnsafeMutablePointer<Product> {
                add(a, rows, n, start: start, size: size, beta: 1, to: c + start * n, leadingDimension: n)
            } else {
                let width = start + size
                let products = UnsafeMutablePointer<Product>.allocate(capacity: size * width)
                defer { products.deallocate() }
                add(a, rows, n, start: start, size: size, beta: 0, to: products, leadingDimension: width)
                for row in 0..<size {
                    let (from, to) = (products + row * width, c + (start + row) * n)
                    for column in 0...(start + row) { to[column] += Scalar(from[column]) }
                }
            }
        }
        withExtendedLifetime(features) {}
    }

    /// Rows `start..<start + size` of ΦᵀΦ up to the diagonal: a product left of the diagonal block, a symmetric one on it.
    private static func add(
        _ a: UnsafePointer<Product>, _ rows: Int, _ n: Int, start: Int, size: Int, beta: Product,
        to c: UnsafeMutablePointer<Product>, leadingDimension: Int
    ) {
        Product.Kernels.syrk(true, size, rows, 1, a + start, n, beta, c + start, leadingDimension)
        guard start > 0 else { return }
        Product.Kernels.gemm(
            .transposed, .asStored, size, start, rows, 1, a + start, n, a, n, beta, c, leadingDimension)
    }
}
