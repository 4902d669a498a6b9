#ifndef CREDENCE_COPENBLAS_H
#define CREDENCE_COPENBLAS_H

// Row-major BLAS level 3 and LAPACK on OpenBLAS. Only Fortran symbols are called: GSL's own CBLAS library exports
// the cblas_* names too, and which of the two a binary gets would depend on link order; it does not export these.

#include <stdint.h>

/// OpenBLAS's build configuration, e.g. "OpenBLAS 0.3.21 … Haswell".
const char *credence_openblas_configuration(void);
/// The name of the processor whose kernels OpenBLAS chose, e.g. "Zen" or "SkylakeX".
const char *credence_openblas_core(void);
/// The path of the library from which the program gets `symbol`, or NULL.
const char *credence_library_of_symbol(const char *symbol);
/// The number of threads OpenBLAS itself uses; 1, because Matrices splits large products in a fixed way of its own.
int credence_openblas_threads(void);

// C[m,n] = alpha·op(A)·op(B) + beta·C, row-major with leading dimensions (elements per stored row).
void credence_sgemm(int trans_a, int trans_b, int32_t m, int32_t n, int32_t k, float alpha, const float *a, int32_t lda,
                    const float *b, int32_t ldb, float beta, float *c, int32_t ldc);
void credence_dgemm(int trans_a, int trans_b, int32_t m, int32_t n, int32_t k, double alpha, const double *a,
                    int32_t lda, const double *b, int32_t ldb, double beta, double *c, int32_t ldc);

// LAPACK, row-major. Functions that return an int32_t return LAPACK's info: 0, −i where argument i is bad, or a
// positive number that says how the computation failed.
#define CREDENCE_LAPACK(P, REAL)                                                                                       \
  /* Lower triangle of C[n,n] = alpha·op(A)·op(A)ᵀ + beta·C; A is [n,k], or [k,n] with trans. */                       \
  void credence_##P##syrk(int trans, int32_t n, int32_t k, REAL alpha, const REAL *a, int32_t lda, REAL beta, REAL *c, \
                          int32_t ldc);                                                                                \
  /* B[m,n] = alpha·op(A)⁻¹·B, A [m,m] triangular. */                                                                  \
  void credence_##P##trsm(int lower, int trans, int32_t m, int32_t n, REAL alpha, const REAL *a, int32_t lda, REAL *b, \
                          int32_t ldb);                                                                                \
  /* B[m,n] = alpha·B·op(A)⁻¹, A [n,n] triangular. */                                                                  \
  void credence_##P##trsm_right(int lower, int trans, int32_t m, int32_t n, REAL alpha, const REAL *a, int32_t lda,    \
                                REAL *b, int32_t ldb);                                                                 \
  /* Lower Cholesky factor in place of the lower triangle of A[n,n]; info > 0: that leading minor is not positive. */  \
  int32_t credence_##P##potrf(int32_t n, REAL *a, int32_t lda);                                                        \
  /* Lower triangle of the inverse from the lower Cholesky factor, in place. */                                        \
  int32_t credence_##P##potri(int32_t n, REAL *a, int32_t lda);                                                        \
  /* Eigenvalues of symmetric A[n,n] (its lower triangle) ascending in w; with vectors they replace A, one a row.      \
     lwork −1 asks for the sizes of work and iwork, returned in their first elements. */                               \
  int32_t credence_##P##syevd(int vectors, int32_t n, REAL *a, int32_t lda, REAL *w, REAL *work, int32_t lwork,        \
                              int32_t *iwork, int32_t liwork);                                                         \
  /* Singular values of A[m,n] (destroyed) descending in s[k], k = min(m,n); with vectors u[m,k] and vt[k,n];          \
     iwork has 8k elements; lwork −1 as above. */                                                                      \
  int32_t credence_##P##gesdd(int vectors, int32_t m, int32_t n, REAL *a, REAL *s, REAL *u, REAL *vt, REAL *work,      \
                              int32_t lwork, int32_t *iwork);

CREDENCE_LAPACK(s, float)
CREDENCE_LAPACK(d, double)

#endif
