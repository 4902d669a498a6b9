/// The C kernels of one element type, as Swift functions on raw blocks; see `CKernels.h` for what each computes.
public protocol MatrixKernels {
    associatedtype Scalar
    typealias S = Scalar
    typealias P = UnsafeMutablePointer<Scalar>
    typealias C = UnsafePointer<Scalar>

    static func gemm(
        _ aOperand: Operand, _ bOperand: Operand, _ m: Int, _ n: Int, _ k: Int, _ alpha: S, _ a: C, _ lda: Int, _ b: C,
        _ ldb: Int, _ beta: S, _ c: P, _ ldc: Int)
    static func exp(_ y: P, _ x: C, _ n: Int)
    static func tanh(_ y: P, _ x: C, _ n: Int)
    static func sigmoid(_ y: P, _ x: C, _ n: Int)
    static func softplus(_ y: P, _ x: C, _ n: Int)
    static func gelu(_ y: P, _ x: C, _ n: Int)
    static func geluBackward(_ dx: P, _ x: C, _ dy: C, _ n: Int)
    static func combine(_ z: P, _ alpha: S, _ x: C, _ beta: S, _ y: C, _ n: Int)
    static func multiply(_ z: P, _ x: C, _ y: C, _ n: Int)
    static func multiplyAdd(_ z: P, _ alpha: S, _ x: C, _ y: C, _ n: Int)
    static func scale(_ x: P, _ alpha: S, _ n: Int)
    static func sum(_ x: C, _ n: Int) -> S
    static func dot(_ x: C, _ y: C, _ n: Int) -> S
    static func squaredDistanceRows(_ y: P, _ rowNorms: C, _ columnNorms: C, _ rows: Int, _ columns: Int)
    static func sumOfExcess(_ x: C, _ y: C, _ n: Int) -> Double
    static func softmaxRows(_ y: P, _ x: C, _ rows: Int, _ columns: Int)
    static func logSoftmaxRows(_ y: P, _ x: C, _ rows: Int, _ columns: Int)
    static func logSumExpRows(_ out: P, _ x: C, _ rows: Int, _ columns: Int)
    static func softmaxRowsBackward(_ dx: P, _ y: C, _ dy: C, _ rows: Int, _ columns: Int)
    static func crossEntropyRows(_ loss: P, _ logits: P, _ labels: UnsafePointer<Int32>, _ scale: S, _ rows: Int, _ columns: Int)
    static func normalCrossEntropyRows(
        _ loss: P, _ mean: P, _ deviation: P, _ noise: C, _ labels: UnsafePointer<Int32>, _ scale: S, _ rows: Int,
        _ columns: Int, _ draws: Int, _ antithetic: Bool, _ scratch: P)
    static func layerNorm(_ y: P, _ mean: P, _ rstd: P, _ x: C, _ gamma: C, _ beta: C, _ epsilon: S, _ rows: Int, _ columns: Int)
    static func layerNormBackward(_ dx: P, _ dgamma: P?, _ dbeta: P?, _ x: C, _ mean: C, _ rstd: C, _ gamma: C, _ dy: C, _ rows: Int, _ columns: Int)
    static func addRow(_ y: P, _ x: C, _ bias: C, _ rows: Int, _ columns: Int)
    static func addColumnSums(_ out: P, _ alpha: S, _ x: C, _ rows: Int, _ columns: Int)
    static func rowSquaredNorms(_ out: P, _ x: C, _ rows: Int, _ columns: Int)
    static func normalizeRows(_ y: P, _ norms: P?, _ x: C, _ rows: Int, _ columns: Int)
    static func firstNonfinite(_ x: C, _ n: Int) -> Int
    static func philoxNormal(_ y: P, _ n: Int, _ seed: UInt64, _ stream: UInt64, _ offset: UInt64)
    static func dropout(_ y: P, _ x: C, _ n: Int, _ rate: S, _ seed: UInt64, _ stream: UInt64)
    static func locationScale(_ z: P, _ location: C, _ scale: C, _ noise: C, _ n: Int)
    static func adam(
        _ value: P, _ mean: P, _ square: P, _ gradient: C, _ beta1: S, _ beta2: S, _ rate: S, _ squareCorrection: S,
        _ epsilon: S, _ shrink: S, _ n: Int)
    static func log(_ y: P, _ x: C, _ n: Int)
    static func log1p(_ y: P, _ x: C, _ n: Int)
    static func erf(_ y: P, _ x: C, _ n: Int)
    static func squareRoot(_ y: P, _ x: C, _ n: Int)
    static func absolute(_ y: P, _ x: C, _ n: Int)
    static func divide(_ z: P, _ x: C, _ y: C, _ n: Int)
    static func rowSums(_ out: P, _ x: C, _ rows: Int, _ columns: Int)
    static func rowMaxima(_ out: P, _ x: C, _ rows: Int, _ columns: Int)
    static func rowArgmaxima(_ out: UnsafeMutablePointer<Int32>, _ x: C, _ rows: Int, _ columns: Int)
    static func addColumnSquares(_ out: P, _ alpha: S, _ x: C, _ rows: Int, _ columns: Int)
    static func transpose(_ y: P, _ x: C, _ rows: Int, _ columns: Int)

    // LAPACK on row-major blocks; see `COpenBLAS.h`. Those that can fail return LAPACK's info.
    static func syrk(_ transposed: Bool, _ n: Int, _ k: Int, _ alpha: S, _ a: C, _ lda: Int, _ beta: S, _ c: P, _ ldc: Int)
    static func trsm(_ lower: Bool, _ transposed: Bool, _ m: Int, _ n: Int, _ alpha: S, _ a: C, _ lda: Int, _ b: P, _ ldb: Int)
    static func trsmRight(
        _ lower: Bool, _ transposed: Bool, _ m: Int, _ n: Int, _ alpha: S, _ a: C, _ lda: Int, _ b: P, _ ldb: Int)
    static func potrf(_ n: Int, _ a: P, _ lda: Int) -> Int
    static func potri(_ n: Int, _ a: P, _ lda: Int) -> Int
    static func syevd(
        _ vectors: Bool, _ n: Int, _ a: P, _ w: P, _ work: P, _ lwork: Int, _ iwork: UnsafeMutablePointer<Int32>,
        _ liwork: Int) -> Int
    static func gesdd(
        _ vectors: Bool, _ m: Int, _ n: Int, _ a: P, _ s: P, _ u: P, _ vt: P, _ work: P, _ lwork: Int,
        _ iwork: UnsafeMutablePointer<Int32>) -> Int
}
