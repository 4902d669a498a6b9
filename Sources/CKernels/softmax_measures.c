// Measures of each row's soft-max at a temperature, in one pass after the maximum and without writing the soft-max: with
// t = (x − max)/T its entropy ln Σ eᵗ − Σ t·eᵗ/Σ eᵗ, what is left beside its largest element, 1 − 1/Σ eᵗ, and the free
// energy −max − T·ln Σ eᵗ.

#include "CKernels.h"
#include "internal/clones.h"
#include "internal/powers.h"

#pragma clang fp contract(fast)

// Sums of the rows of a group: 2ᵗ, or 2ᵗ and t·2ᵗ, or 2ᵗ of all but the largest elements and the number of those.
typedef enum { POWERS, MOMENTS, REMAINDERS } measure;
typedef struct {
  float largest[GROUP_ROWS], sums[GROUP_ROWS], others[GROUP_ROWS];
} group_sums;

INLINE void add(block_f32 *sum, block_f32 *other, const block_f32 *x, float largest, float scale, measure what) {
  const block_f32 below = *x - largest;
  block_f32 t = below * scale, fraction, power;
  power_of_two(&fraction, &power, &t);
  if (what == POWERS) {
    *sum += fraction * power;
  } else if (what == MOMENTS) {
    const block_f32 value = fraction * power;
    *sum += value;
    *other += value * t;
  } else {
    // Counted, not added: what is small beside 1 keeps its digits. A NaN is no maximum.
    const block_f32 value = fraction * power;
    *sum += below == 0 ? (block_f32)0 : value;
    *other += below == 0 ? (block_f32)1 : (block_f32)0;
  }
}

INLINE void sum_group(group_sums *group, const float *x, size_t rows, const row_shape *shape, float scale, measure what) {
  for (size_t row = 0; row < rows; row++, x += shape->columns) {
    block_f32 sum = 0, other = 0, v, tail = -__builtin_inff();
    if (shape->whole < shape->columns) load_own_tail(&tail, x, shape);
    const float largest = largest_of_row(x, &tail, shape);
    for (size_t i = 0; i < shape->whole; i += lanes_f32) {
      load_f32(&v, x + i);
      add(&sum, &other, &v, largest, scale, what);
    }
    if (shape->whole < shape->columns) add(&sum, &other, &tail, largest, scale, what);
    group->largest[row] = largest;
    group->sums[row] = sum_lanes_f32(&sum);
    if (what != POWERS) group->others[row] = sum_lanes_f32(&other);
  }
  for (size_t row = rows; row < GROUP_ROWS; row++) group->largest[row] = group->sums[row] = group->others[row] = 1;
}

CLONES void credence_free_energy_rows_f32(float *energy, const float *x, float temperature, size_t rows, size_t columns) {
  const row_shape shape = shape_of_rows(columns);
  for (size_t start = 0; start < rows; start += GROUP_ROWS, x += GROUP_ROWS * columns) {
    const size_t count = rows - start < GROUP_ROWS ? rows - start : GROUP_ROWS;
    group_sums group;
    sum_group(&group, x, count, &shape, LOG2_OF_E / temperature, POWERS);
    block_f32 largest, logs, found;
    load_f32(&largest, group.largest);
    load_f32(&logs, group.sums);
    log_f32(&logs);
    found = -largest - temperature * logs;
    store_rows(energy + start, &found, count);
    for (size_t row = 0; row < count; row++) {
      if (!__builtin_isinf(group.largest[row])) continue;
      // −∞: every entry is −∞ or NaN; +∞: the sum is.
      float worst = -group.largest[row];
      for (size_t i = 0; i < columns; i++) {
        const float value = x[row * columns + i];
        if (value != value) worst = value;
      }
      energy[start + row] = worst;
    }
  }
}

CLONES void credence_softmax_entropy_rows_f32(float *entropy, const float *x, size_t rows, size_t columns) {
  const row_shape shape = shape_of_rows(columns);
  for (size_t start = 0; start < rows; start += GROUP_ROWS, x += GROUP_ROWS * columns) {
    const size_t count = rows - start < GROUP_ROWS ? rows - start : GROUP_ROWS;
    group_sums group;
    sum_group(&group, x, count, &shape, LOG2_OF_E, MOMENTS);
    block_f32 sums, moments, found;
    load_f32(&sums, group.sums);
    load_f32(&moments, group.others);
    found = sums;
    log_f32(&found);
    found -= LN_2 * moments / sums;
    found = found < 0 ? (block_f32)0 : found;
    store_rows(entropy + start, &found, count);
  }
}

CLONES void credence_softmax_remainder_rows_f32(float *remainder, const float *x, float temperature, size_t rows,
                                                size_t columns) {
  const row_shape shape = shape_of_rows(columns);
  for (size_t start = 0; start < rows; start += GROUP_ROWS, x += GROUP_ROWS * columns) {
    const size_t count = rows - start < GROUP_ROWS ? rows - start : GROUP_ROWS;
    group_sums group;
    sum_group(&group, x, count, &shape, LOG2_OF_E / temperature, REMAINDERS);
    block_f32 others, maxima, found;
    load_f32(&others, group.sums);
    load_f32(&maxima, group.others);
    found = (others + (maxima - 1)) / (others + maxima);
    store_rows(remainder + start, &found, count);
  }
}
