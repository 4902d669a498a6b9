// Fused elementwise steps of training.

#include "CKernels.h"
#include "internal/clones.h"
#include <math.h>

#pragma clang fp contract(fast)

#define TRAINING(REAL, S)                                                                                              \
  CLONES void credence_location_scale_##S(REAL *z, const REAL *location, const REAL *scale, const REAL *noise,         \
                                          size_t n) {                                                                  \
    for (size_t i = 0; i < n; i++) z[i] = location[i] + scale[i] * noise[i];                                           \
  }                                                                                                                    \
  CLONES void credence_adam_##S(REAL *value, REAL *mean, REAL *square, const REAL *gradient, REAL beta1, REAL beta2,   \
                                REAL rate, REAL square_correction, REAL epsilon, REAL shrink, size_t n) {              \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      REAL g = gradient[i];                                                                                            \
      REAL m = beta1 * mean[i] + (1 - beta1) * g;                                                                      \
      REAL v = beta2 * square[i] + (1 - beta2) * g * g;                                                                \
      mean[i] = m;                                                                                                     \
      square[i] = v;                                                                                                   \
      value[i] = shrink * value[i] - rate * m / (__builtin_elementwise_sqrt(v) * square_correction + epsilon);         \
    }                                                                                                                  \
  }

TRAINING(float, f32)
TRAINING(double, f64)
