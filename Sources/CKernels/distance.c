// The squared distance of two rows, from differences.

#include "CKernels.h"
#include "internal/clones.h"

#pragma clang fp contract(fast)

typedef float lanes16 __attribute__((vector_size(64), aligned(4), may_alias));

CLONES float credence_squared_distance_f32(const float *x, const float *y, size_t n) {
  lanes16 sum[4] = {0};
  size_t i = 0;
  for (; i + 64 <= n; i += 64)
    for (size_t j = 0; j < 4; j++) {
      lanes16 difference = *(const lanes16 *)(x + i + 16 * j) - *(const lanes16 *)(y + i + 16 * j);
      sum[j] += difference * difference;
    }
  float rest = 0;
  for (; i < n; i++) rest += (x[i] - y[i]) * (x[i] - y[i]);
  lanes16 all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  for (size_t j = 0; j < 16; j++) rest += all[j];
  return rest;
}
