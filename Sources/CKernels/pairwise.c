// From products of rows with rows to distances, and what they gain over the nearest so far.

#include "CKernels.h"
#include "internal/clones.h"

#define PAIRWISE(REAL, S)                                                                                              \
  CLONES void credence_squared_distance_rows_##S(REAL *restrict y, const REAL *restrict row_norms,                    \
                                                 const REAL *restrict column_norms, size_t rows, size_t columns) {     \
    for (size_t row = 0; row < rows; row++, y += columns) {                                                            \
      const REAL own = row_norms[row];                                                                                 \
      for (size_t i = 0; i < columns; i++) {                                                                           \
        const REAL distance = y[i] + own + column_norms[i];                                                            \
        y[i] = distance > 0 ? distance : 0;                                                                            \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
                                                                                                                       \
  CLONES double credence_sum_of_excess_##S(const REAL *restrict x, const REAL *restrict y, size_t n) {                 \
    enum { LANES = 32 };                                                                                               \
    double sums[LANES] = {0};                                                                                          \
    size_t i = 0;                                                                                                      \
    for (; i + LANES <= n; i += LANES)                                                                                 \
      for (size_t lane = 0; lane < LANES; lane++) {                                                                    \
        const REAL excess = x[i + lane] - y[i + lane];                                                                 \
        sums[lane] += excess > 0 ? excess : 0;                                                                         \
      }                                                                                                                \
    for (; i < n; i++) sums[0] += x[i] > y[i] ? x[i] - y[i] : 0;                                                       \
    for (size_t lane = 1; lane < LANES; lane++) sums[0] += sums[lane];                                                 \
    return sums[0];                                                                                                    \
  }

PAIRWISE(float, f32)
PAIRWISE(double, f64)
