// Predictive probabilities of Gaussian logits by Monte Carlo with antithetic pairs from a shared noise table.

#include "CKernels.h"
#include "internal/lanes_f32.h"
#include <math.h>

#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
#pragma clang fp contract(fast)

// Adds one sample's probabilities to `sums` and returns its entropy. Every pointer spans n elements, n a multiple of
// the lanes; `work` is overwritten.
INLINE double add_sample(float *sums, float *work, const float *mean, const float *deviation, const float *noise,
                         float sign, size_t n) {
  block_f32 top = 0, v, e, z;
  for (size_t i = 0; i < n; i += lanes_f32) {
    block_f32 m, d, s;
    load_f32(&m, mean + i);
    load_f32(&d, deviation + i);
    load_f32(&s, noise + i);
    z = m + (sign * d) * s;
    store_f32(work + i, &z);
    top = i == 0 ? z : __builtin_elementwise_max(top, z);
  }
  const float largest = max_lanes_f32(&top);
  block_f32 total = 0, moment = 0;
  for (size_t i = 0; i < n; i += lanes_f32) {
    load_f32(&z, work + i);
    // Below −200 the exponential is 0, and a masked class (−∞) must not make 0·∞.
    z = __builtin_elementwise_max(z - largest, (block_f32)-200.0f);
    e = z;
    exp_of_nonpositive_f32(&e);
    store_f32(work + i, &e);
    total += e;
    moment += e * z;
  }
  const float sum = sum_lanes_f32(&total), scale = 1 / sum;
  for (size_t i = 0; i < n; i += lanes_f32) {
    load_f32(&v, sums + i);
    load_f32(&e, work + i);
    v += e * scale;
    store_f32(sums + i, &v);
  }
  // H = ln Σ − Σ e·(z − max)/Σ; both parts are at least 0, as Σ ≥ 1.
  return log((double)sum) - (double)sum_lanes_f32(&moment) / sum;
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
    double entropy = 0, samples = 1;
    if (spread) {
      samples = 2.0 * (double)pairs;
      for (size_t pair = 0; pair < pairs; pair++) {
        entropy += add_sample(sums, work, means, deviations, noise + pair * n, 1, n);
        entropy += add_sample(sums, work, means, deviations, noise + pair * n, -1, n);
      }
    } else {
      entropy = add_sample(sums, work, means, deviations, noise, 1, n);
    }
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
    entropy /= samples;
    expected_entropy[row] = (float)entropy;
    total_entropy[row] = (float)(total < entropy ? entropy : total);
  }
}
