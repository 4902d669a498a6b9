#define _GNU_SOURCE
#include "COpenBLAS.h"

#include <dlfcn.h>
#include <stddef.h>

extern char *openblas_get_config(void);
extern char *openblas_get_corename(void);
extern void openblas_set_num_threads(int);
extern int openblas_get_num_threads(void);

extern void sgemm_(const char *, const char *, const int32_t *, const int32_t *, const int32_t *, const float *,
                   const float *, const int32_t *, const float *, const int32_t *, const float *, float *,
                   const int32_t *);
extern void dgemm_(const char *, const char *, const int32_t *, const int32_t *, const int32_t *, const double *,
                   const double *, const int32_t *, const double *, const int32_t *, const double *, double *,
                   const int32_t *);

// OpenBLAS's own threads are switched off before any product runs: its split depends on the thread count, and so
// would the rounding. Matrices splits by shape alone instead.
__attribute__((constructor)) static void credence_openblas_start(void) { openblas_set_num_threads(1); }

const char *credence_openblas_configuration(void) { return openblas_get_config(); }
const char *credence_openblas_core(void) { return openblas_get_corename(); }
const char *credence_library_of_symbol(const char *symbol) {
  void *address = dlsym(RTLD_DEFAULT, symbol);
  Dl_info info;
  return address && dladdr(address, &info) ? info.dli_fname : NULL;
}
int credence_openblas_threads(void) { return openblas_get_num_threads(); }

// A row-major product is the column-major product of the transposes: Cᵀ = op(B)ᵀ·op(A)ᵀ.
void credence_sgemm(int trans_a, int trans_b, int32_t m, int32_t n, int32_t k, float alpha, const float *a, int32_t lda,
                    const float *b, int32_t ldb, float beta, float *c, int32_t ldc) {
  sgemm_(trans_b ? "T" : "N", trans_a ? "T" : "N", &n, &m, &k, &alpha, b, &ldb, a, &lda, &beta, c, &ldc);
}

void credence_dgemm(int trans_a, int trans_b, int32_t m, int32_t n, int32_t k, double alpha, const double *a,
                    int32_t lda, const double *b, int32_t ldb, double beta, double *c, int32_t ldc) {
  dgemm_(trans_b ? "T" : "N", trans_a ? "T" : "N", &n, &m, &k, &alpha, b, &ldb, a, &lda, &beta, c, &ldc);
}
