// The generalised entropy of each row's soft-max p: Σ (p·(1 − p))^γ over its M largest elements. Two passes over a row in
// the cache, with one power of two a class in each and no logarithm: that of p is its exponent, that of 1 − p a polynomial
// in p ≤ ½ of all but the largest, whose 1 − p is the sum of the others.

#include "CKernels.h"
#include "internal/clones.h"
#include "internal/powers.h"

#pragma clang fp contract(fast)

// log₂(1 − p)/p in p on 0 ≤ p ≤ ½; 3e-8 once multiplied by p
static const float complement_terms[] = {-1.44269507f,   -0.721338499f, -0.481372501f, -0.351205988f, -0.381661487f,
                                         0.261952516f, -1.73846757f,  2.35189832f,   -2.03125215f};

typedef struct {
  float exponent, floor, ceiling;  // of the logarithms, base 2
} law;

INLINE void clamp(block_f32 *v, const law *of) {
  *v = *v < of->floor ? (block_f32)of->floor : *v;
  *v = *v > of->ceiling ? (block_f32)of->ceiling : *v;
}

// (p·q)^γ of log₂ p and log₂ q, which are overwritten.
INLINE void term_of_logs(block_f32 *term, block_f32 *p, block_f32 *q, const law *of) {
  clamp(p, of);
  clamp(q, of);
  block_f32 t = of->exponent * (*p + *q), fraction, power;
  power_of_two(&fraction, &power, &t);
  *term = fraction * power;
}

// Of p ≤ ½ and log₂ p, which is overwritten.
INLINE void term_of_share(block_f32 *term, const block_f32 *p, block_f32 *log_p, const law *of) {
  block_f32 q = (block_f32)complement_terms[8];
#pragma clang loop unroll(full)
  for (int i = 7; i >= 0; i--) q = q * *p + complement_terms[i];
  q *= *p;
  term_of_logs(term, log_p, &q, of);
}

INLINE void log2_of(block_f32 *v) {
  log_f32(v);
  *v *= LOG2_OF_E;
}

// The k-th smallest (k ≥ 1) of n numbers from 0, n a multiple of the lanes, bit by bit from the highest; how many are
// below it.
INLINE float smallest(const float *x, size_t n, size_t k, size_t *below) {
  uint32_t found = 0;
  size_t less = 0;
  for (uint32_t bit = 1u << 30; bit; bit >>= 1) {
    const uint32_t candidate = found | bit;
    signed_block_f32 counts = 0;
    for (size_t i = 0; i < n; i += lanes_f32) {
      const signed_block_f32 v = *(const signed_block_f32 *)(x + i);
      counts -= v < (int32_t)candidate;
    }
    const size_t count = (size_t)__builtin_reduce_add(counts);
    if (count < k) {
      found = candidate;
      less = count;
    }
  }
  *below = less;
  float value;
  __builtin_memcpy(&value, &found, sizeof value);
  return value;
}

// What of a row must outlive its first pass.
typedef struct {
  float others[GROUP_ROWS];      // Σ 2^−distance of all but the largest elements
  float maxima[GROUP_ROWS];      // the number of those
  float edges[GROUP_ROWS];       // the distance of the M-th largest element
  float at_edge[GROUP_ROWS];     // how many of that distance are among the M; 0 where all elements are
  int32_t limits[GROUP_ROWS];    // bits of the distance below which an element is among the M whatever its ties
} group_state;

enum { ABOVE_INFINITY = 0x7f800001 };

// Distances from the largest element in powers of two, and 2 to the minus that, 0 for the largest itself. Lanes beyond the
// row hold NaN, which as bits is above every distance, and 0.
INLINE void first_pass(group_state *group, size_t row, float *distances, float *powers, const float *x,
                       const row_shape *shape, size_t padded, size_t most) {
  block_f32 sum = 0, equal = 0, v, tail = -__builtin_inff();
  if (shape->whole < shape->columns) load_own_tail(&tail, x, shape);
  const float largest = largest_of_row(x, &tail, shape);
  for (size_t i = 0; i < padded; i += lanes_f32) {
    const int is_whole = i < shape->whole;
    if (is_whole) {
      load_f32(&v, x + i);
    } else {
      v = tail;
    }
    v = (largest - v) * LOG2_OF_E;
    block_f32 t = -v, fraction, power;
    power_of_two(&fraction, &power, &t);
    fraction *= power;
    fraction = v == 0 ? (block_f32)0 : fraction;
    equal += v == 0 ? (block_f32)1 : (block_f32)0;
    if (!is_whole) {
      v = shape->kept ? v : (block_f32)__builtin_nanf("");
      fraction = shape->kept ? fraction : (block_f32)0;
    }
    store_f32(distances + i, &v);
    store_f32(powers + i, &fraction);
    sum += fraction;
  }
  group->others[row] = sum_lanes_f32(&sum);
  group->maxima[row] = sum_lanes_f32(&equal);
  group->edges[row] = __builtin_inff();
  group->at_edge[row] = 0;
  group->limits[row] = ABOVE_INFINITY;
  if (most >= shape->columns) return;
  size_t below;
  group->edges[row] = smallest(distances, padded, most, &below);
  group->at_edge[row] = (float)(most - below);
  __builtin_memcpy(&group->limits[row], &group->edges[row], sizeof(float));
}

// The terms of all elements below the limit but the largest.
INLINE float second_pass(const float *distances, const float *powers, size_t padded, float log_sum, float factor,
                         int32_t limit, const law *of) {
  block_f32 sum = 0, distance, p, term;
  for (size_t i = 0; i < padded; i += lanes_f32) {
    load_f32(&distance, distances + i);
    load_f32(&p, powers + i);
    p *= factor;
    const signed_block_f32 bits = (signed_block_f32)distance, counts = (bits > 0) & (bits < limit);
    distance = -distance - log_sum;
    term_of_share(&term, &p, &distance, of);
    sum += counts ? term : (block_f32)0;
  }
  return sum_lanes_f32(&sum);
}

size_t credence_generalized_entropy_scratch(size_t columns) {
  return 2 * GROUP_ROWS * ((columns + lanes_f32 - 1) / lanes_f32 * lanes_f32);
}

CLONES void credence_generalized_entropy_rows_f32(float *out, const float *x, float exponent, size_t most,
                                                  float smallest_probability, float *scratch, size_t rows,
                                                  size_t columns) {
  const row_shape shape = shape_of_rows(columns);
  const size_t padded = (columns + lanes_f32 - 1) / lanes_f32 * lanes_f32;
  law of = {exponent, -__builtin_inff(), __builtin_inff()};
  if (smallest_probability > 0) {
    block_f32 limits = 1 - smallest_probability;
    limits[0] = smallest_probability;
    log2_of(&limits);
    of.floor = limits[0];
    of.ceiling = limits[1];
  }
  float *const distances = scratch, *const powers = scratch + GROUP_ROWS * padded;
  for (size_t start = 0; start < rows; start += GROUP_ROWS, x += GROUP_ROWS * columns) {
    const size_t count = rows - start < GROUP_ROWS ? rows - start : GROUP_ROWS;
    group_state group;
    for (size_t row = 0; row < count; row++)
      first_pass(&group, row, distances + row * padded, powers + row * padded, x + row * columns, &shape, padded, most);
    for (size_t row = count; row < GROUP_ROWS; row++) {
      group.others[row] = group.maxima[row] = group.edges[row] = 1;
      group.at_edge[row] = 0;
    }

    block_f32 others, maxima, edge, at_edge, term, result;
    load_f32(&others, group.others);
    load_f32(&maxima, group.maxima);
    load_f32(&edge, group.edges);
    load_f32(&at_edge, group.at_edge);
    const block_f32 total = others + maxima, inverse = 1 / total;
    block_f32 log_total = total, complement = others + (maxima - 1);
    log2_of(&log_total);
    log2_of(&complement);
    block_f32 log_p = -log_total;
    complement -= log_total;
    term_of_logs(&term, &log_p, &complement, &of);
    // Where the largest elements are more than M, M of them.
    result = term * (edge == 0 ? at_edge : maxima);
    block_f32 t = -edge, fraction, power;
    power_of_two(&fraction, &power, &t);
    t = -edge;
    const block_f32 share = fraction * power * inverse;
    log_p = t - log_total;
    term_of_share(&term, &share, &log_p, &of);
    const signed_block_f32 has_edge = (at_edge > 0) & (edge > 0);
    result += has_edge ? at_edge * term : (block_f32)0;

    float log_totals[GROUP_ROWS], factors[GROUP_ROWS], sums[GROUP_ROWS] = {0};
    store_f32(log_totals, &log_total);
    store_f32(factors, &inverse);
    for (size_t row = 0; row < count; row++) {
      sums[row] = second_pass(
          distances + row * padded, powers + row * padded, padded, log_totals[row], factors[row], group.limits[row], &of);
    }
    load_f32(&others, sums);
    result += others;
    store_rows(out + start, &result, count);
  }
}
