// Powers of two for sums over a soft-max: exponents are at most 0, and a whole sum, not each term, has to be accurate.
#ifndef CREDENCE_POWERS_H
#define CREDENCE_POWERS_H

#include "internal/lanes_f32.h"

// 2ʳ = 1 + r·Σ terms[i]·rⁱ on |r| ≤ ½, 5e-9
static const float power_terms[] = {0.693147188f,   0.240226508f,   0.0555035711f,
                                    0.00961808256f, 0.00133908634f, 0.000154531629f};

// Added to t it leaves round(t) + 127, the exponent bits of 2^round(t), in the lowest bits.
#define POWER_MAGIC (0x1.8p23f + 127)

// 2ᵗ = fraction·power for t ≤ 0, the product left to the caller to fuse with what follows. Exactly 0 below 2^−126.5, where
// t, which is held at −127, is too. NaN stays NaN. One product and one addition less than exp of the same argument: the
// exponent needs no second part of ln 2.
INLINE void power_of_two(block_f32 *fraction, block_f32 *power, block_f32 *t) {
  *t = *t < (block_f32)-127.0f ? (block_f32)-127.0f : *t;
  const block_f32 shifted = *t + (block_f32)POWER_MAGIC;
  const block_f32 r = *t - (shifted - (block_f32)POWER_MAGIC);
  *power = (block_f32)((unsigned_block_f32)shifted << 23);
  block_f32 q = (block_f32)power_terms[5];
#pragma clang loop unroll(full)
  for (int i = 4; i >= 0; i--) q = q * r + power_terms[i];
  *fraction = q * r + 1;
}

#define LOG2_OF_E 0x1.715476p0f
#define LN_2 0x1.62e43p-1f

// The rows of a group are finished together, one a lane, so that a logarithm or a division costs a sixteenth.
enum { GROUP_ROWS = 16 };

typedef struct {
  size_t columns, whole;   // whole: columns in full blocks
  signed_block_f32 kept;   // lanes of the tail that no full block holds
} row_shape;

INLINE row_shape shape_of_rows(size_t columns) {
  block_f32 ones = 1;
  keep_tail_f32(&ones, columns, 0);
  return (row_shape){columns, columns / lanes_f32 * lanes_f32, ones > 0};
}

// The tail of a row with −∞, which no sum or maximum heeds, in the lanes that are not its own.
INLINE void load_own_tail(block_f32 *v, const float *x, const row_shape *shape) {
  load_tail_f32(v, x, shape->columns);
  *v = shape->kept ? *v : (block_f32)-__builtin_inff();
}

// The largest element; NaN is passed over.
INLINE float largest_of_row(const float *x, const block_f32 *tail, const row_shape *shape) {
  block_f32 largest = *tail, v;
  for (size_t i = 0; i < shape->whole; i += lanes_f32) {
    load_f32(&v, x + i);
    largest = v > largest ? v : largest;
  }
  return max_lanes_f32(&largest);
}

// The first `count` lanes.
INLINE void store_rows(float *out, const block_f32 *v, size_t count) {
  if (count == GROUP_ROWS) {
    store_f32(out, v);
  } else {
    for (size_t i = 0; i < count; i++) out[i] = (*v)[i];
  }
}

#endif
