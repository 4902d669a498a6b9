// Inverted dropout whose mask is a function of (seed, stream, position) by Philox4x32-10 (Salmon et al. 2011), so the
// backward pass computes the mask again instead of reading it.

#include "CKernels.h"
#include "internal/clones.h"

enum { LANES = 16 };

// LANES consecutive blocks at once: words[w][lane] is word w of block first + lane.
static inline __attribute__((always_inline)) void philox_lanes(uint32_t words[4][LANES], uint64_t first, uint64_t stream,
                                                               uint64_t seed) {
  uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
  for (int i = 0; i < LANES; i++) {
    c0[i] = (uint32_t)(first + (uint64_t)i);
    c1[i] = (uint32_t)((first + (uint64_t)i) >> 32);
    c2[i] = (uint32_t)stream;
    // The top bit keeps these counters apart from those of the normal noise of the same seed and stream.
    c3[i] = (uint32_t)(stream >> 32) | 0x80000000u;
  }
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < LANES; i++) {
      uint64_t a = (uint64_t)0xD2511F53u * c0[i], b = (uint64_t)0xCD9E8D57u * c2[i];
      uint32_t n0 = (uint32_t)(b >> 32) ^ c1[i] ^ k0, n2 = (uint32_t)(a >> 32) ^ c3[i] ^ k1;
      c1[i] = (uint32_t)b;
      c3[i] = (uint32_t)a;
      c0[i] = n0;
      c2[i] = n2;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < LANES; i++) {
    words[0][i] = c0[i];
    words[1][i] = c1[i];
    words[2][i] = c2[i];
    words[3][i] = c3[i];
  }
}

// Half a word an element: the rate is rounded to a multiple of 2⁻¹⁶, and what is kept is scaled by exactly the inverse of
// the share that is. Elements i and i + 4·LANES of a group of 8·LANES use the low and the high half of one word.
#define DROPOUT(REAL, S)                                                                                               \
  CLONES void credence_dropout_##S(REAL *y, const REAL *x, size_t n, REAL rate, uint64_t seed, uint64_t stream) {      \
    const uint32_t threshold = (uint32_t)((double)rate * 65536.0 + 0.5);                                               \
    const REAL keep = (REAL)(65536.0 / (65536.0 - (double)threshold));                                                 \
    enum { HALF = 4 * LANES };                                                                                         \
    for (size_t start = 0; start < n; start += 2 * HALF) {                                                             \
      uint32_t words[4][LANES];                                                                                        \
      philox_lanes(words, start / 8, stream, seed);                                                                    \
      const uint32_t *flat = &words[0][0];                                                                             \
      if (n - start >= 2 * HALF) {                                                                                     \
        for (size_t i = 0; i < HALF; i++) {                                                                            \
          y[start + i] = (flat[i] & 0xFFFFu) < threshold ? (REAL)0 : x[start + i] * keep;                              \
          y[start + HALF + i] = (flat[i] >> 16) < threshold ? (REAL)0 : x[start + HALF + i] * keep;                    \
        }                                                                                                              \
      } else {                                                                                                         \
        for (size_t i = 0; i < n - start; i++) {                                                                       \
          const uint32_t half = i < HALF ? flat[i] & 0xFFFFu : flat[i - HALF] >> 16;                                   \
          y[start + i] = half < threshold ? (REAL)0 : x[start + i] * keep;                                             \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }

DROPOUT(float, f32)
DROPOUT(double, f64)
