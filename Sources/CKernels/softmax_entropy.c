// Measures of the soft-max of each row, in one pass after the maximum and without writing the soft-max: its entropy
// H = ln Σ e^(z − max) − Σ (z − max)·e^(z − max) / Σ e^(z − max), and what is left beside its largest
// element, 1 − 1/Σ e^(z − max).

#include "CKernels.h"
#include "internal/clones.h"
#include "internal/lanes_f32.h"
#include <math.h>

#pragma clang fp contract(fast)

// Adds the block at `v`, which is overwritten; with `tail` the tail of a row of so many elements.
INLINE void add(block_f32 *sums, block_f32 *moments, block_f32 *v, float largest, size_t tail) {
  // A class that cannot win (−∞) must not make 0·∞.
  const block_f32 shifted = __builtin_elementwise_max(*v - largest, (block_f32)-200.0f);
  *v = shifted;
  exp_of_nonpositive_f32(v);
  if (tail) keep_tail_f32(v, tail, 0);
  *sums += *v;
  *moments += *v * shifted;
}

CLONES void credence_softmax_entropy_rows_f32(float *entropy, const float *x, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++, x += columns) {
    const float largest = max_row_f32(x, columns);
    block_f32 sums = 0, moments = 0, v;
    size_t i = 0;
    for (; i + lanes_f32 <= columns; i += lanes_f32) {
      load_f32(&v, x + i);
      add(&sums, &moments, &v, largest, 0);
    }
    if (i < columns) {
      load_tail_f32(&v, x, columns);
      add(&sums, &moments, &v, largest, columns);
    }
    const float sum = sum_lanes_f32(&sums);
    const float found = logf(sum) - sum_lanes_f32(&moments) / sum;
    entropy[row] = found < 0 ? 0 : found;
  }
}

CLONES void credence_softmax_remainder_rows_f32(float *remainder, const float *x, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++, x += columns) {
    const float largest = max_row_f32(x, columns);
    block_f32 sums = 0, v;
    size_t i = 0;
    for (; i + lanes_f32 <= columns; i += lanes_f32) {
      load_f32(&v, x + i);
      v -= largest;
      exp_of_nonpositive_f32(&v);
      sums += v;
    }
    if (i < columns) {
      load_tail_f32(&v, x, columns);
      v -= largest;
      exp_of_nonpositive_f32(&v);
      keep_tail_f32(&v, columns, 0);
      sums += v;
    }
    const float sum = sum_lanes_f32(&sums);
    remainder[row] = (sum - 1) / sum;
  }
}
