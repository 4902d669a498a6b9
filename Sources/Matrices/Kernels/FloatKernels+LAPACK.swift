import COpenBLAS

extension FloatKernels {
    public static func syrk(
        _ transposed: Bool, _ n: Int, _ k: Int, _ alpha: S, _ a: C, _ lda: Int, _ beta: S, _ c: P, _ ldc: Int
    ) {
        credence_ssyrk(
            transposed ? 1 : 0, Int32(n), Int32(k), alpha, a, Int32(max(1, lda)), beta, c, Int32(max(1, ldc)))
    }
    public static func trsm(
        _ lower: Bool, _ transposed: Bool, _ m: Int, _ n: Int, _ alpha: S, _ a: C, _ lda: Int, _ b: P, _ ldb: Int
    ) {
        credence_strsm(
            lower ? 1 : 0, transposed ? 1 : 0, Int32(m), Int32(n), alpha, a, Int32(max(1, lda)), b, Int32(max(1, ldb)))
    }
    public static func trsmRight(
        _ lower: Bool, _ transposed: Bool, _ m: Int, _ n: Int, _ alpha: S, _ a: C, _ lda: Int, _ b: P, _ ldb: Int
    ) {
        credence_strsm_right(
            lower ? 1 : 0, transposed ? 1 : 0, Int32(m), Int32(n), alpha, a, Int32(max(1, lda)), b, Int32(max(1, ldb)))
    }
    public static func potrf(_ n: Int, _ a: P, _ lda: Int) -> Int {
        Int(credence_spotrf(Int32(n), a, Int32(max(1, lda))))
    }
    public static func potri(_ n: Int, _ a: P, _ lda: Int) -> Int {
        Int(credence_spotri(Int32(n), a, Int32(max(1, lda))))
    }
    public static func syevd(
        _ vectors: Bool, _ n: Int, _ a: P, _ w: P, _ work: P, _ lwork: Int, _ iwork: UnsafeMutablePointer<Int32>,
        _ liwork: Int
    ) -> Int {
        Int(
            credence_ssyevd(
                vectors ? 1 : 0, Int32(n), a, Int32(max(1, n)), w, work, Int32(lwork), iwork, Int32(liwork)))
    }
    public static func gesdd(
        _ vectors: Bool, _ m: Int, _ n: Int, _ a: P, _ s: P, _ u: P, _ vt: P, _ work: P, _ lwork: Int,
        _ iwork: UnsafeMutablePointer<Int32>
    ) -> Int {
        Int(credence_sgesdd(vectors ? 1 : 0, Int32(m), Int32(n), a, s, u, vt, work, Int32(lwork), iwork))
    }
}
