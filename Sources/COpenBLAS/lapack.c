#include "COpenBLAS.h"

#include <stddef.h>

// Fortran passes the length of every character argument after the others.
#define ONE (size_t)1

// Row-major by transposition: what is stored as a lower triangle row by row is an upper triangle column by column.
#define CREDENCE_DEFINE(P, REAL)                                                                                       \
  extern void P##syrk_(const char *, const char *, const int32_t *, const int32_t *, const REAL *, const REAL *,       \
                       const int32_t *, const REAL *, REAL *, const int32_t *, size_t, size_t);                        \
  extern void P##trsm_(const char *, const char *, const char *, const char *, const int32_t *, const int32_t *,       \
                       const REAL *, const REAL *, const int32_t *, REAL *, const int32_t *, size_t, size_t, size_t,   \
                       size_t);                                                                                        \
  extern void P##potrf_(const char *, const int32_t *, REAL *, const int32_t *, int32_t *, size_t);                    \
  extern void P##potri_(const char *, const int32_t *, REAL *, const int32_t *, int32_t *, size_t);                    \
  extern void P##syevd_(const char *, const char *, const int32_t *, REAL *, const int32_t *, REAL *, REAL *,          \
                        const int32_t *, int32_t *, const int32_t *, int32_t *, size_t, size_t);                       \
  extern void P##gesdd_(const char *, const int32_t *, const int32_t *, REAL *, const int32_t *, REAL *, REAL *,       \
                        const int32_t *, REAL *, const int32_t *, REAL *, const int32_t *, int32_t *, int32_t *,       \
                        size_t);                                                                                       \
                                                                                                                       \
  void credence_##P##syrk(int trans, int32_t n, int32_t k, REAL alpha, const REAL *a, int32_t lda, REAL beta, REAL *c, \
                          int32_t ldc) {                                                                               \
    P##syrk_("U", trans ? "N" : "T", &n, &k, &alpha, a, &lda, &beta, c, &ldc, ONE, ONE);                               \
  }                                                                                                                    \
                                                                                                                       \
  void credence_##P##trsm(int lower, int trans, int32_t m, int32_t n, REAL alpha, const REAL *a, int32_t lda, REAL *b, \
                          int32_t ldb) {                                                                               \
    P##trsm_("R", lower ? "U" : "L", trans ? "T" : "N", "N", &n, &m, &alpha, a, &lda, b, &ldb, ONE, ONE, ONE, ONE);    \
  }                                                                                                                    \
                                                                                                                       \
  void credence_##P##trsm_right(int lower, int trans, int32_t m, int32_t n, REAL alpha, const REAL *a, int32_t lda,    \
                                REAL *b, int32_t ldb) {                                                                \
    P##trsm_("L", lower ? "U" : "L", trans ? "T" : "N", "N", &n, &m, &alpha, a, &lda, b, &ldb, ONE, ONE, ONE, ONE);    \
  }                                                                                                                    \
                                                                                                                       \
  int32_t credence_##P##potrf(int32_t n, REAL *a, int32_t lda) {                                                       \
    int32_t info = 0;                                                                                                  \
    P##potrf_("U", &n, a, &lda, &info, ONE);                                                                           \
    return info;                                                                                                       \
  }                                                                                                                    \
                                                                                                                       \
  int32_t credence_##P##potri(int32_t n, REAL *a, int32_t lda) {                                                       \
    int32_t info = 0;                                                                                                  \
    P##potri_("U", &n, a, &lda, &info, ONE);                                                                           \
    return info;                                                                                                       \
  }                                                                                                                    \
                                                                                                                       \
  int32_t credence_##P##syevd(int vectors, int32_t n, REAL *a, int32_t lda, REAL *w, REAL *work, int32_t lwork,        \
                              int32_t *iwork, int32_t liwork) {                                                        \
    int32_t info = 0;                                                                                                  \
    P##syevd_(vectors ? "V" : "N", "U", &n, a, &lda, w, work, &lwork, iwork, &liwork, &info, ONE, ONE);                \
    return info;                                                                                                       \
  }                                                                                                                    \
                                                                                                                       \
  int32_t credence_##P##gesdd(int vectors, int32_t m, int32_t n, REAL *a, REAL *s, REAL *u, REAL *vt, REAL *work,      \
                              int32_t lwork, int32_t *iwork) {                                                         \
    /* Aᵀ = V·S·Uᵀ: the two sides change places. */                                                                    \
    int32_t info = 0, k = m < n ? m : n, one = 1;                                                                      \
    const int32_t *rank = vectors ? &k : &one;                                                                         \
    const int32_t *width = vectors ? &n : &one;                                                                        \
    P##gesdd_(vectors ? "S" : "N", &n, &m, a, &n, s, vt, width, u, rank, work, &lwork, iwork, &info, ONE);             \
    return info;                                                                                                       \
  }

CREDENCE_DEFINE(s, float)
CREDENCE_DEFINE(d, double)
