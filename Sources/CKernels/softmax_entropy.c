// The entropy of the soft-max of each row, in one pass after the maximum and without writing the soft-max:
// H = ln Σ e^(z − max) − Σ (z − max)·e^(z − max) / Σ e^(z − max).

#include "CKernels.h"
#include "internal/clones.h"
#include "internal/lanes_f32.h"
#include <math.h>

#pragma clang fp contract(fast)
#include "internal/exponentials.h"

CLONES void credence_softmax_entropy_rows_f32(float *entropy, const float *x, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++, x += columns) {
    const float largest = max_row_f32(x, columns);
    block_f32 sums = 0, moments = 0, v;
    size_t i = 0;
    for (; i + lanes_f32 <= columns; i += lanes_f32) {
      load_f32(&v, x + i);
      exponentials(&v, largest, &sums, &moments);
    }
    if (i < columns) {
      load_tail_f32(&v, x, columns);
      keep_tail_f32(&v, columns, -INFINITY);
      exponentials(&v, largest, &sums, &moments);
    }
    const float sum = sum_lanes_f32(&sums);
    const float found = logf(sum) - sum_lanes_f32(&moments) / sum;
    entropy[row] = found < 0 ? 0 : found;
  }
}
