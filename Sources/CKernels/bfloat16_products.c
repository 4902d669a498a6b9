// Products of rows with panels of 64 others, both rounded to bfloat16 and summed in float: the quick first look of an exact
// neighbour search. OpenBLAS has no such product in the builds that distributions ship.
//
// A panel holds, for each pair of neighbouring columns, that pair of its 64 rows side by side, so that one instruction
// multiplies a pair of one row with those of sixteen others and no sum runs across lanes.

#include "CKernels.h"

#include <string.h>

void credence_bfloat16_pack_panels(uint16_t *panels, const uint16_t *rows, size_t count, size_t columns) {
  size_t pairs = (columns + 1) / 2;
  for (size_t start = 0; start < count; start += 64, panels += pairs * 128) {
    size_t size = count - start < 64 ? count - start : 64;
    memset(panels, 0, pairs * 128 * sizeof *panels);
    for (size_t row = 0; row < size; row++)
      for (size_t column = 0; column < columns; column++)
        panels[column / 2 * 128 + row * 2 + column % 2] = rows[(start + row) * columns + column];
  }
}

#if defined(__x86_64__) && defined(__linux__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define UNROLL _Pragma("clang loop unroll(full)")

enum { TILE = 6 };

int credence_bfloat16_has_products(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bf16");
}

// `tile` rows, a constant wherever this is inlined, so that the sums stay in registers.
TARGET static inline __attribute__((always_inline)) void tile_products(float *out, const uint32_t *rows,
                                                                       const uint16_t *panel, size_t pairs,
                                                                       const size_t tile) {
  __m512 sum[TILE][4];
  UNROLL for (size_t row = 0; row < tile; row++) UNROLL for (size_t j = 0; j < 4; j++) sum[row][j] = _mm512_setzero_ps();
  for (size_t pair = 0; pair < pairs; pair++, panel += 128) {
    __m512bh other[4];
    UNROLL for (size_t j = 0; j < 4; j++) other[j] = (__m512bh)_mm512_loadu_si512(panel + 32 * j);
    UNROLL for (size_t row = 0; row < tile; row++) {
      __m512bh own = (__m512bh)_mm512_set1_epi32((int)rows[row * pairs + pair]);
      UNROLL for (size_t j = 0; j < 4; j++) sum[row][j] = _mm512_dpbf16_ps(sum[row][j], own, other[j]);
    }
  }
  UNROLL for (size_t row = 0; row < tile; row++) UNROLL for (size_t j = 0; j < 4; j++)
      _mm512_storeu_ps(out + row * 64 + 16 * j, sum[row][j]);
}

TARGET void credence_bfloat16_panel_products(float *out, const uint32_t *rows, const uint16_t *panel, size_t count,
                                             size_t pairs) {
  size_t row = 0;
  for (; row + TILE <= count; row += TILE) tile_products(out + row * 64, rows + row * pairs, panel, pairs, TILE);
  for (; row < count; row++) tile_products(out + row * 64, rows + row * pairs, panel, pairs, 1);
}

#else

int credence_bfloat16_has_products(void) { return 0; }

void credence_bfloat16_panel_products(float *out, const uint32_t *rows, const uint16_t *panel, size_t count,
                                      size_t pairs) {}

#endif
