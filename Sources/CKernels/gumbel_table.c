// E[softmax(z)] and E[entropy] of independent Gaussian logits in single precision, from a table of the Gumbel
// distribution convolved with Gaussians: the integrals of gumbel_max.c on a fixed grid, some twenty times as fast.
//
// φ(x, τ) = E[G(x − √(2τ)·t)] satisfies the heat equation ∂φ/∂τ = ∂²φ/∂x², so that a Taylor series in both arguments
// needs derivatives in x alone: φ(x + δ, τ + ε) = Σ cₙ φ⁽ⁿ⁾(x, τ), the cₙ being those of exp(δ·D + ε·D²). The table
// holds 1 − φ and its derivatives on the nodes of the integral in `phases` shifts, so that the nodes of a class are
// consecutive elements. Stored is 1 − φ, not φ, which keeps the digits of improbable classes.

#include "CKernels.h"
#include "internal/clones.h"
#include "internal/lanes_f32.h"
#include <math.h>
#include <string.h>

#pragma clang fp contract(fast)
#include "internal/exponentials.h"

enum {
  nodes = 8,  // in a chunk
  orders = CREDENCE_GUMBEL_TABLE_ORDERS,
  phases = CREDENCE_GUMBEL_TABLE_PHASES,
  length = CREDENCE_GUMBEL_TABLE_LENGTH,
  first = CREDENCE_GUMBEL_TABLE_FIRST,
  chunks = CREDENCE_GUMBEL_TABLE_CHUNKS,
};
static const float step = CREDENCE_GUMBEL_TABLE_STEP;
// The integral goes from where the distribution of the maximum is `bottom` to where it is 1 − `top`; the rest
// above is added in a form that holds to second order, the rest below left out. With wide logits the entropy multiplies
// errors by their variance.
INLINE float bottom(float widest) { return widest > 6 ? 1e-8f : 1e-6f; }
INLINE float top(float widest) { return widest > 16 ? 1e-5f : widest > 6 ? 1e-4f : 1e-3f; }

typedef float chunk_f32 __attribute__((ext_vector_type(8), aligned(sizeof(float))));
typedef float half_chunk_f32 __attribute__((ext_vector_type(4), aligned(sizeof(float))));

INLINE float sum_chunk(const chunk_f32 *v) {
  const half_chunk_f32 half = v->lo + v->hi;
  return (half[0] + half[2]) + (half[1] + half[3]);
}

typedef struct {
  // [padded], coefficients [orders, padded]; the last three at the last node: 1 − φ, ψ/φ and ψ'/φ.
  float *difference, *variance, *coefficients, *winner, *move, *above, *hazard, *slope;
  int32_t *cell, *shift;
  float *ratios;  // [chunks, classes, 2, nodes]: ψ/φ and ψ'/φ
  size_t padded;
} workspace;

INLINE workspace lay_out(float *scratch, size_t classes) {
  const size_t padded = (classes + lanes_f32 - 1) / lanes_f32 * lanes_f32;
  workspace w;
  w.padded = padded;
  w.difference = scratch;
  w.variance = scratch + padded;
  w.winner = scratch + 2 * padded;
  w.move = scratch + 3 * padded;
  w.above = scratch + 4 * padded;
  w.hazard = scratch + 5 * padded;
  w.slope = scratch + 6 * padded;
  w.cell = (int32_t *)(scratch + 7 * padded);
  w.shift = (int32_t *)(scratch + 8 * padded);
  w.coefficients = scratch + 9 * padded;
  w.ratios = w.coefficients + orders * padded;
  return w;
}

// Where P(max > u) ≤ top(widest), in logits above the largest mean: Chernoff's bound over all classes for a few exponents.
INLINE float upper_end(const workspace *w, float widest) {
  static const float exponents[3] = {1, 0.5f, 0.25f};
  static const float log_gamma[3] = {0, 0.5723649429f, 0.2032809514f};  // ln Γ(1 − exponent); of 1: 1 − G(x) ≤ e^−x
  float least = 0;
  for (int i = 0; i < (widest > 4 ? 3 : 1); i++) {
    const float t = exponents[i], spread = 0.5f * t * t;
    block_f32 d, v, largest = (block_f32)-INFINITY, sum = 0;
    for (size_t k = 0; k < w->padded; k += lanes_f32) {
      load_f32(&d, w->difference + k);
      load_f32(&v, w->variance + k);
      largest = __builtin_elementwise_max(largest, d * t + v * spread);
    }
    const float high = max_lanes_f32(&largest);
    for (size_t k = 0; k < w->padded; k += lanes_f32) {
      load_f32(&d, w->difference + k);
      load_f32(&v, w->variance + k);
      d = d * t + v * spread - high;
      exp_of_nonpositive_f32(&d);
      sum += d;
    }
    const float end = (high + logf(sum_lanes_f32(&sum)) + log_gamma[i] - logf(top(widest))) / t;
    least = i == 0 || end < least ? end : least;
  }
  return least;
}

// Cells and series of all classes.
INLINE void place_classes(const workspace *w) {
  float *restrict c1 = w->coefficients, *restrict c2 = c1 + w->padded, *restrict c3 = c2 + w->padded,
                  *restrict c4 = c3 + w->padded, *restrict c5 = c4 + w->padded, *restrict c6 = c5 + w->padded;
  const float *restrict differences = w->difference, *restrict variances = w->variance;
  int32_t *restrict cells = w->cell, *restrict shifts = w->shift;
  for (size_t k = 0; k < w->padded; k++) {
    const float tau = 0.5f * variances[k], place = tau + CREDENCE_GUMBEL_TABLE_OFFSET;
    uint32_t bits;
    memcpy(&bits, &place, 4);
    const uint32_t cell = bits >> CREDENCE_GUMBEL_TABLE_BITS;
    const uint32_t middle = (cell << CREDENCE_GUMBEL_TABLE_BITS) | (1u << (CREDENCE_GUMBEL_TABLE_BITS - 1));
    float centre;
    memcpy(&centre, &middle, 4);
    const float e = place - centre;
    const float steps = -differences[k] * (phases / step), whole = rintf(steps);
    const float d = (steps - whole) * (step / phases);
    const int32_t n = (int32_t)whole;
    cells[k] = (int32_t)(cell - CREDENCE_GUMBEL_TABLE_BASE) * phases + (n & (phases - 1));
    shifts[k] = n >> CREDENCE_GUMBEL_TABLE_PHASE_BITS;
    const float dd = d * d;
    c1[k] = d;
    c2[k] = 0.5f * dd + e;
    c3[k] = d * (dd * (1.0f / 6) + e);
    c4[k] = dd * dd * (1.0f / 24) + 0.5f * e * (dd + e);
    c5[k] = d * (dd * dd * (1.0f / 120) + e * (dd * (1.0f / 6) + 0.5f * e));
    c6[k] = dd * dd * dd * (1.0f / 720) + e * (dd * dd * (1.0f / 24) + e * (0.25f * dd + e * (1.0f / 6)));
  }
}

// ψ/φ and ψ'/φ of one class at the nodes (lowest … lowest + 7)·step; multiplies the product by φ, and tells 1 − φ at the
// last node.
INLINE float add_class(chunk_f32 *product, float *ratios, const workspace *w, const float *table, const float *decays,
                       int32_t lowest, size_t k) {
  int32_t index = lowest + w->shift[k] - first;
  float scale = 1;
  if (index > length - nodes) {  // beyond the table all is proportional to e^−x
    const int32_t excess = index - (length - nodes);
    scale = excess < CREDENCE_GUMBEL_TABLE_DECAYS ? decays[excess] : 0;
    index = length - nodes;
  }
  index = index < 0 ? 0 : index;
  const float *at = table + (size_t)w->cell[k] * orders * length + (size_t)index;
  const float *c = w->coefficients + k;
  const size_t p = w->padded;
  chunk_f32 a[orders];
#pragma clang loop unroll(full)
  for (int n = 0; n < orders; n++) a[n] = *(const chunk_f32 *)(at + n * length);
  const float c1 = c[0], c2 = c[p], c3 = c[2 * p], c4 = c[3 * p], c5 = c[4 * p], c6 = c[5 * p];
  const chunk_f32 tail = (a[0] + c1 * a[1] + c2 * a[2] + c3 * a[3] + (c4 * a[4] + c5 * a[5] + c6 * a[6])) * scale;
  const chunk_f32 density = (a[1] + c1 * a[2] + c2 * a[3] + (c3 * a[4] + c4 * a[5] + c5 * a[6])) * -scale;
  const chunk_f32 slope = (a[2] + c1 * a[3] + c2 * a[4] + (c3 * a[5] + c4 * a[6])) * -scale;
  // Far below, where the series may end beneath 0, the product is nothing anyway.
  const chunk_f32 phi = __builtin_elementwise_max((chunk_f32)1.0f - tail, (chunk_f32)1e-12f);
  const chunk_f32 inverse = (chunk_f32)1.0f / phi;
  *product *= phi;
  *(chunk_f32 *)ratios = density * inverse;
  *(chunk_f32 *)(ratios + nodes) = slope * inverse;
  return tail[nodes - 1];
}

// The first two chunks of all classes at once: their nodes share lines of the cache.
INLINE void add_two_chunks(chunk_f32 *products, const workspace *w, const float *table, const float *decays,
                           int32_t end, size_t classes) {
  chunk_f32 upper = 1, lower = 1;
  for (size_t k = 0; k < classes; k++) {
    float *ratios = w->ratios + k * 2 * nodes;
    w->above[k] = add_class(&upper, ratios, w, table, decays, end - nodes + 1, k);
    w->hazard[k] = ratios[nodes - 1];
    w->slope[k] = ratios[2 * nodes - 1];
    add_class(&lower, ratios + classes * 2 * nodes, w, table, decays, end - 2 * nodes + 1, k);
  }
  products[0] = upper;
  products[1] = lower;
}

INLINE void add_chunk(chunk_f32 *product, float *ratios, const workspace *w, const float *table, const float *decays,
                      int32_t lowest, size_t classes) {
  chunk_f32 result = 1;
  for (size_t k = 0; k < classes; k++) add_class(&result, ratios + k * 2 * nodes, w, table, decays, lowest, k);
  *product = result;
}

// The softmax itself, for logits without variance.
INLINE void known_row(float *p, float *entropy, const workspace *w, size_t classes) {
  block_f32 e, sums = 0, moments = 0;
  for (size_t k = 0; k < w->padded; k += lanes_f32) {
    load_f32(&e, w->difference + k);
    exponentials(&e, 0, &sums, &moments);
    store_f32(w->winner + k, &e);
  }
  const float sum = sum_lanes_f32(&sums), scale = 1 / sum;
  for (size_t k = 0; k < classes; k++) p[k] = w->winner[k] * scale;
  const float found = logf(sum) - sum_lanes_f32(&moments) * scale;
  *entropy = found < 0 ? 0 : found;
}

INLINE int predict_row(float *p, float *total_entropy, float *expected_entropy, const float *means,
                       const float *variances, const float *table, const float *decays, const workspace *w,
                       size_t classes) {
  float largest = -INFINITY, widest = 0;
  int sound = 1;
  for (size_t k = 0; k < classes; k++) {
    sound &= means[k] < INFINITY && variances[k] >= 0 && variances[k] <= CREDENCE_GUMBEL_TABLE_WIDEST;
    largest = means[k] > largest ? means[k] : largest;
    widest = variances[k] > widest ? variances[k] : widest;
  }
  if (!sound || largest == -INFINITY) return 0;
  for (size_t k = 0; k < w->padded; k++) {
    const float d = k < classes ? means[k] - largest : -1e5f;
    w->difference[k] = d < -1e5f ? -1e5f : d;
    w->variance[k] = k < classes ? variances[k] : 0;
  }
  if (widest == 0) {
    known_row(p, total_entropy, w, classes);
    *expected_entropy = *total_entropy;
    return 1;
  }
  const int32_t end = (int32_t)ceilf(upper_end(w, widest) / step);
  place_classes(w);

  chunk_f32 products[chunks];
  int count = 2;
  add_two_chunks(products, w, table, decays, end, classes);
  while (products[count - 1][0] > bottom(widest)) {
    if (count == chunks) return 0;
    add_chunk(&products[count], w->ratios + (size_t)count * classes * 2 * nodes, w, table, decays,
              end - nodes * (count + 1) + 1, classes);
    count++;
  }

  // The trapezoidal rule's last weight is a half, and its first correction by Euler and Maclaurin is added.
  const float correction = step * step / 12, last = products[0][nodes - 1];
  chunk_f32 nodes_sum = 0;
  for (int c = 0; c < count; c++) {
    products[c] *= step;
    if (c == 0) products[0][nodes - 1] *= 0.5f;
    nodes_sum += products[c];
  }
  for (size_t k = 0; k < classes; k++) {
    chunk_f32 wins = 0, moves = 0;
    for (int c = 0; c < count; c++) {
      const float *chunk = w->ratios + ((size_t)c * classes + k) * 2 * nodes;
      wins += *(const chunk_f32 *)chunk * products[c];
      moves += *(const chunk_f32 *)(chunk + nodes) * products[c];
    }
    w->winner[k] = sum_chunk(&wins);
    w->move[k] = sum_chunk(&moves);
  }
  for (size_t k = classes; k < w->padded; k++) w->winner[k] = w->move[k] = w->above[k] = w->hazard[k] = w->slope[k] = 0;

  // What happens above the last node needs the sums over classes there.
  block_f32 hazards = 0, bends = 0, tails = 0, r, q, a, v;
  for (size_t k = 0; k < w->padded; k += lanes_f32) {
    load_f32(&r, w->hazard + k);
    load_f32(&q, w->slope + k);
    load_f32(&a, w->above + k);
    hazards += r;
    bends += q - r * r;
    tails += a;
  }
  const float hazard = sum_lanes_f32(&hazards), bend = sum_lanes_f32(&bends), beyond = sum_lanes_f32(&tails);
  block_f32 sums = 0;
  wide_block_f32 moments = 0;
  for (size_t k = 0; k < w->padded; k += lanes_f32) {
    block_f32 winner, move, d;
    load_f32(&r, w->hazard + k);
    load_f32(&q, w->slope + k);
    load_f32(&a, w->above + k);
    load_f32(&winner, w->winner + k);
    load_f32(&move, w->move + k);
    load_f32(&d, w->difference + k);
    load_f32(&v, w->variance + k);
    winner += a * (1 - 0.5f * (beyond - a)) - correction * last * (q + r * (hazard - r));
    winner = __builtin_elementwise_max(winner, (block_f32)0.0f);
    move = last * (r + correction * q * (q / __builtin_elementwise_max(r, (block_f32)1e-30f))) - move;
    sums += winner;
    moments += __builtin_convertvector(d * winner + v * move, wide_block_f32);
    store_f32(w->winner + k, &winner);
  }
  const float scale = 1 / sum_lanes_f32(&sums);
  for (size_t k = 0; k < classes; k++) p[k] = w->winner[k] * scale;
  // E[max] from the distribution's integral; above the last node 1 − Π φ falls at a slowly growing rate.
  const float rest = 1 - last, fall = last * hazard, change = last * (hazard * hazard + bend);
  const float rate = fall / rest, growth = change / rest + rate * rate;
  const float tail = rest > 0 && rate > 0 ? rest / rate * (1 - growth / (rate * rate)) : 0;
  const float below = sum_chunk(&nodes_sum) - correction * fall;
  const double height = (double)((float)end * step) + (double)tail - (double)below;
  block_f32 entropies = 0;
  for (size_t k = 0; k < w->padded; k += lanes_f32) {
    block_f32 share, logarithm;
    load_f32(&share, w->winner + k);
    share *= scale;
    logarithm = __builtin_elementwise_max(share, (block_f32)1.17549435e-38f);
    log_f32(&logarithm);
    entropies -= share * logarithm;
  }
  const double entropy = (double)sum_lanes_f32(&entropies);
  const double expected = height - 0.57721566490153286 - sum_wide_f32(&moments) * (double)scale;
  *total_entropy = (float)(entropy < 0 ? 0 : entropy);
  *expected_entropy = expected < 0 ? 0 : expected > entropy ? *total_entropy : (float)expected;
  return 1;
}

size_t credence_gumbel_table_scratch(size_t classes) {
  const size_t padded = (classes + lanes_f32 - 1) / lanes_f32 * lanes_f32;
  return (9 + orders) * padded + 2 * (size_t)chunks * classes * nodes;
}

CLONES void credence_gumbel_table_rows_f32(float *probabilities, float *total_entropy, float *expected_entropy,
                                           uint8_t *done, const float *mean, const float *variance, const float *table,
                                           const float *decays, float *scratch, size_t rows, size_t classes) {
  const workspace w = lay_out(scratch, classes);
  for (size_t row = 0; row < rows; row++) {
    done[row] = (uint8_t)predict_row(probabilities + row * classes, total_entropy + row, expected_entropy + row,
                                     mean + row * classes, variance + row * classes, table, decays, &w, classes);
  }
}
