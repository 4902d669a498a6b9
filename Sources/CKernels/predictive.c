// Predictive probabilities of Gaussian logits: by Monte Carlo with antithetic pairs from a shared noise table, and the
// scaled logits of the mean-field approximation.

#include "CKernels.h"
#include "internal/clones.h"
#include "internal/lanes_f32.h"
#include <math.h>

#pragma clang fp contract(fast)
#include "internal/exponentials.h"

// What the samples' entropies add up to: H = ln Σ − Σ e·(z − max)/Σ. The sums of exponentials are multiplied, and their
// logarithm taken together; both parts are at least 0, as Σ ≥ 1.
typedef struct {
  double product, logarithms, moments;
} entropy_sum;

INLINE void add_entropy(entropy_sum *h, double sum, double moment) {
  h->product *= sum;
  if (h->product > 1e200) {
    h->logarithms += log(h->product);
    h->product = 1;
  }
  h->moments -= moment / sum;
}

// Adds the probabilities of the pair mean ± deviation·noise to `sums` and its entropies to `h`. Every pointer spans n
// elements, n a multiple of the lanes, `work` twice as many; `work` is overwritten.
INLINE void add_pair(float *sums, entropy_sum *h, float *work, const float *mean, const float *deviation,
                     const float *noise, size_t n) {
  block_f32 m, d, s, up, down, top, bottom;
  for (size_t i = 0; i < n; i += lanes_f32) {
    load_f32(&m, mean + i);
    load_f32(&d, deviation + i);
    load_f32(&s, noise + i);
    d *= s;
    up = m + d;
    down = m - d;
    store_f32(work + i, &up);
    store_f32(work + n + i, &down);
    top = i == 0 ? up : __builtin_elementwise_max(top, up);
    bottom = i == 0 ? down : __builtin_elementwise_max(bottom, down);
  }
  const float first = max_lanes_f32(&top), second = max_lanes_f32(&bottom);
  block_f32 totals[2] = {0, 0}, moments[2] = {0, 0};
  for (size_t i = 0; i < n; i += lanes_f32) {
    load_f32(&up, work + i);
    load_f32(&down, work + n + i);
    exponentials(&up, first, &totals[0], &moments[0]);
    exponentials(&down, second, &totals[1], &moments[1]);
    store_f32(work + i, &up);
    store_f32(work + n + i, &down);
  }
  const float sum = sum_lanes_f32(&totals[0]), other = sum_lanes_f32(&totals[1]);
  const float scale = 1 / sum, other_scale = 1 / other;
  for (size_t i = 0; i < n; i += lanes_f32) {
    load_f32(&s, sums + i);
    load_f32(&up, work + i);
    load_f32(&down, work + n + i);
    s += up * scale + down * other_scale;
    store_f32(sums + i, &s);
  }
  add_entropy(h, (double)sum, (double)sum_lanes_f32(&moments[0]));
  add_entropy(h, (double)other, (double)sum_lanes_f32(&moments[1]));
}

CLONES void credence_monte_carlo_rows_f32(float *probabilities, float *total_entropy, float *expected_entropy,
                                          const float *mean, const float *variance, const float *noise, float *scratch,
                                          size_t rows, size_t classes, size_t pairs) {
  const size_t n = (classes + lanes_f32 - 1) / lanes_f32 * lanes_f32;
  float *means = scratch, *deviations = scratch + n, *sums = scratch + 2 * n, *work = scratch + 3 * n;
  for (size_t row = 0; row < rows; row++) {
    int spread = 0;
    for (size_t k = 0; k < n; k++) {
      means[k] = k < classes ? mean[row * classes + k] : -INFINITY;
      deviations[k] = k < classes ? sqrtf(variance[row * classes + k]) : 0;
      sums[k] = 0;
      spread |= deviations[k] != 0;
    }
    // Without variance every sample is the same.
    entropy_sum h = {1, 0, 0};
    const size_t drawn = spread ? pairs : 1;
    for (size_t pair = 0; pair < drawn; pair++)
      add_pair(sums, &h, work, means, deviations, noise + pair * n, n);
    const double entropy = (h.logarithms + log(h.product) + h.moments) / (2.0 * (double)drawn);
    double norm = 0, total = 0;
    for (size_t k = 0; k < classes; k++) norm += sums[k];
    const float scale = (float)(1 / norm);
    for (size_t i = 0; i < n; i += lanes_f32) {
      block_f32 p, l;
      load_f32(&p, sums + i);
      p *= scale;
      store_f32(sums + i, &p);
      l = __builtin_elementwise_max(p, (block_f32)0x1p-126f);
      log_f32(&l);
      l *= p;
      total -= (double)sum_lanes_f32(&l);
    }
    for (size_t k = 0; k < classes; k++) probabilities[row * classes + k] = sums[k];
    // The mean's entropy is at least the mean entropy (Jensen); what rounding makes of it is cut off.
    expected_entropy[row] = (float)entropy;
    total_entropy[row] = (float)(total < entropy ? entropy : total);
  }
}

CLONES void credence_mean_field_rows_f32(float *y, const float *mean, const float *variance, const float *centre,
                                         size_t rows, size_t classes) {
  for (size_t row = 0; row < rows; row++) {
    const float own = centre[row];
    for (size_t k = 0; k < classes; k++) {
      const size_t i = row * classes + k;
      y[i] = (mean[i] - own) / __builtin_elementwise_sqrt(1.0f + 0.39269908f * variance[i]);
    }
  }
}
