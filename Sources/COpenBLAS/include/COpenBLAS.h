#ifndef CREDENCE_COPENBLAS_H
#define CREDENCE_COPENBLAS_H

// Row-major BLAS level 3 and LAPACK on OpenBLAS. Only Fortran symbols are called: GSL's own CBLAS library exports
// the cblas_* names too, and which of the two a binary gets would depend on link order; it does not export these.

#include <stdint.h>

/// OpenBLAS's build configuration, e.g. "OpenBLAS 0.3.21 … Haswell".
const char *credence_openblas_configuration(void);
/// The number of threads OpenBLAS itself uses; 1, because Matrices splits large products in a fixed way of its own.
int credence_openblas_threads(void);

// C[m,n] = alpha·op(A)·op(B) + beta·C, row-major with leading dimensions (elements per stored row).
void credence_sgemm(int trans_a, int trans_b, int32_t m, int32_t n, int32_t k, float alpha, const float *a, int32_t lda,
                    const float *b, int32_t ldb, float beta, float *c, int32_t ldc);
void credence_dgemm(int trans_a, int trans_b, int32_t m, int32_t n, int32_t k, double alpha, const double *a,
                    int32_t lda, const double *b, int32_t ldb, double beta, double *c, int32_t ldc);

#endif
