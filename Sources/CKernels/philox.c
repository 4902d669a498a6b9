// Standard normal noise, and uniform numbers: Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405) through Box–Muller.
//
// Blocks are worked on in groups, one block a lane, and a group's four (two, in double precision) results a block are
// stored part after part, so that all stores are contiguous: element i of the float sequence comes from block
// (i / 64)·16 + i mod 16, part (i / 16) mod 4; of the double sequence from block (i / 16)·8 + i mod 8, part (i / 8)
// mod 2. Every element, in the body or at an end, comes from the same whole-group code, so its bits depend on nothing
// else.
//
// The polynomials are Chebyshev interpolations, computed for this file in 40-digit arithmetic. Vectors are passed by
// address: by value they would not have one calling convention on all processors.

#include "CKernels.h"
#include "internal/clones.h"
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

// Let a·b + c become one instruction where the processor has it.
#pragma clang fp contract(fast)

typedef uint64_t u64x8 __attribute__((vector_size(64)));
typedef int64_t i64x8 __attribute__((vector_size(64)));
typedef double f64x8 __attribute__((vector_size(64)));
typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef uint32_t u32x16 __attribute__((vector_size(64)));
typedef int32_t i32x16 __attribute__((vector_size(64)));
typedef float f32x16 __attribute__((vector_size(64)));

#define M0 0xD2511F53u
#define M1 0xCD9E8D57u
#define W0 0x9E3779B9u
#define W1 0xBB67AE85u

void credence_philox4x32_10(uint32_t *out, const uint32_t *counter, const uint32_t *key) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++) {
    const uint64_t p = (uint64_t)M0 * c0, q = (uint64_t)M1 * c2;
    c0 = (uint32_t)(q >> 32) ^ c1 ^ k0;
    c2 = (uint32_t)(p >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)q;
    c3 = (uint32_t)p;
    k0 += W0;
    k1 += W1;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// The blocks first … first + 7. Words lie in the low halves of their lanes; the high halves hold what the products left
// there, which the 32-bit products never read.
INLINE void philox_8(u64x8 *x0, u64x8 *x1, u64x8 *x2, u64x8 *x3, uint64_t seed, uint64_t stream, uint64_t first) {
  const u64x8 low = (u64x8){} + 0xffffffffu;
  const u64x8 block = first + (u64x8){0, 1, 2, 3, 4, 5, 6, 7};
  u64x8 c0 = block, c1 = block >> 32, c2 = (u64x8){} + (stream & 0xffffffffu), c3 = (u64x8){} + (stream >> 32);
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    const u64x8 p = (c0 & low) * (uint64_t)M0, q = (c2 & low) * (uint64_t)M1;
    c0 = (q >> 32) ^ c1 ^ (uint64_t)k0;
    c2 = (p >> 32) ^ c3 ^ (uint64_t)k1;
    c1 = q;
    c3 = p;
    k0 += W0;
    k1 += W1;
  }
  *x0 = c0;
  *x1 = c1;
  *x2 = c2;
  *x3 = c3;
}

INLINE void low_words(u32x16 *out, const u64x8 *a, const u64x8 *b) {
  const u32x8 x = __builtin_convertvector(*a, u32x8), y = __builtin_convertvector(*b, u32x8);
  *out = __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

// Two words to two normals. Radius: u = (⌊a/2⌋ + ½)/2³¹ rounded to float, r = √(−2 ln u) ≤ 6.67. Angle: the top two
// bits of b are the quadrant, the others the part of it, centred.
INLINE void box_muller_f32(f32x16 *first, f32x16 *second, const u32x16 *a, const u32x16 *b) {
  const f32x16 u = __builtin_convertvector((i32x16)(*a >> 1), f32x16) * 0x1p-31f + 0x1p-32f;
  // u = 2ᵉ·(1 + f), 1 + f in [√½, √2)
  const i32x16 bits = (i32x16)u + (0x3f800000 - 0x3f3504f3);
  const f32x16 e = __builtin_convertvector((bits >> 23) - 127, f32x16);
  const f32x16 f = (f32x16)((bits & 0x007fffff) + 0x3f3504f3) - 1.0f;
  f32x16 p = f * 0.08787265491f - 0.1415964701f;
  p = p * f + 0.1483478684f;
  p = p * f - 0.1658848853f;
  p = p * f + 0.1997204971f;
  p = p * f - 0.2500114768f;
  p = p * f + 0.3333367061f;
  p = p * f - 0.4999999713f;
  const f32x16 ln = e * 0.6931471806f + (f + f * f * p);
  const f32x16 r = __builtin_elementwise_sqrt(ln * -2.0f);

  const f32x16 t = __builtin_convertvector((i32x16)(*b << 2), f32x16) * 0x1p-32f;
  const f32x16 z = t * t;
  f32x16 sine = z * -0.004602149213f + 0.07968021765f;
  sine = sine * z - 0.6459634777f;
  sine = (sine * z + 1.570796322f) * t;
  f32x16 cosine = z * 0.0009036280664f - 0.0208600695f;
  cosine = cosine * z + 0.2536692037f;
  cosine = cosine * z - 1.233700541f;
  cosine = cosine * z + 1.0f;
  // Turned by the quadrant: (c, s), (−s, c), (−c, −s), (s, −c).
  const u32x16 sign = 0x80000000u + (u32x16){};
  const i32x16 odd = (i32x16)(*b << 1) >> 31;
  const i32x16 x = (odd & (i32x16)sine) | (~odd & (i32x16)cosine);
  const i32x16 y = (odd & (i32x16)cosine) | (~odd & (i32x16)sine);
  *first = r * (f32x16)(x ^ (i32x16)((*b ^ (*b << 1)) & sign));
  *second = r * (f32x16)(y ^ (i32x16)(*b & sign));
}

// Four words (as two of 64 bits) to two normals. Radius: u = (a's top 53 bits + ½)/2⁵³, r ≤ 8.66.
INLINE void box_muller_f64(f64x8 *first, f64x8 *second, const u64x8 *a, const u64x8 *b) {
  const f64x8 u = (__builtin_convertvector(*a >> 11, f64x8) + 0.5) * 0x1p-53;
  const i64x8 bits = (i64x8)u + (0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
  const f64x8 e = __builtin_convertvector((bits >> 52) - 1023, f64x8);
  const f64x8 f = (f64x8)((bits & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd) - 1.0;
  // ln(1 + f) = 2·artanh(s), s = f/(2 + f)
  const f64x8 s = f / (f + 2.0), w = s * s;
  f64x8 p = w * 0.1308662614784010214 + 0.1326877313865688518;
  p = p * w + 0.1538623970281465819;
  p = p * w + 0.1818179564013290628;
  p = p * w + 0.2222222239171391744;
  p = p * w + 0.2857142857080361181;
  p = p * w + 0.4000000000000087698;
  p = p * w + 0.6666666666666666646;
  const f64x8 ln = e * 0.69314718055994530942 + (s * 2.0 + s * w * p);
  const f64x8 r = __builtin_elementwise_sqrt(ln * -2.0);

  const f64x8 t = __builtin_convertvector((i64x8)(*b << 2), f64x8) * 0x1p-64;
  const f64x8 z = t * t;
  f64x8 sine = z * -6.627624938992472362e-10 + 5.691927850489633415e-8;
  sine = sine * z - 3.5988427171448578e-6;
  sine = sine * z + 0.0001604411847266723001;
  sine = sine * z - 0.004681754135314827071;
  sine = sine * z + 0.07969262624616692448;
  sine = sine * z - 0.6459640975062462522;
  sine = (sine * z + 1.570796326794896619) * t;
  f64x8 cosine = z * 6.506654235424697932e-11 - 6.386325463386356228e-9;
  cosine = cosine * z + 4.710874077536438666e-7;
  cosine = cosine * z - 0.00002520204236273330478;
  cosine = cosine * z + 0.0009192602748385330919;
  cosine = cosine * z - 0.02086348076335291745;
  cosine = cosine * z + 0.2536695079010480126;
  cosine = cosine * z - 1.233700550136169827;
  cosine = cosine * z + 1.0;
  const u64x8 sign = 0x8000000000000000u + (u64x8){};
  const i64x8 odd = (i64x8)(*b << 1) >> 63;
  const i64x8 x = (odd & (i64x8)sine) | (~odd & (i64x8)cosine);
  const i64x8 y = (odd & (i64x8)cosine) | (~odd & (i64x8)sine);
  *first = r * (f64x8)(x ^ (i64x8)((*b ^ (*b << 1)) & sign));
  *second = r * (f64x8)(y ^ (i64x8)(*b & sign));
}

INLINE void group_f32(float *y, uint64_t seed, uint64_t stream, uint64_t group) {
  u64x8 a[4], b[4];
  u32x16 w[4];
  philox_8(&a[0], &a[1], &a[2], &a[3], seed, stream, group * 16);
  philox_8(&b[0], &b[1], &b[2], &b[3], seed, stream, group * 16 + 8);
  for (int i = 0; i < 4; i++) low_words(&w[i], &a[i], &b[i]);
  f32x16 z[4];
  box_muller_f32(&z[0], &z[1], &w[0], &w[1]);
  box_muller_f32(&z[2], &z[3], &w[2], &w[3]);
  memcpy(y, z, sizeof z);
}

INLINE void group_f64(double *y, uint64_t seed, uint64_t stream, uint64_t group) {
  const u64x8 low = (u64x8){} + 0xffffffffu;
  u64x8 w[4];
  philox_8(&w[0], &w[1], &w[2], &w[3], seed, stream, group * 8);
  const u64x8 a = (w[0] & low) | (w[1] << 32), b = (w[2] & low) | (w[3] << 32);
  f64x8 z[2];
  box_muller_f64(&z[0], &z[1], &a, &b);
  memcpy(y, z, sizeof z);
}

// Two uniform numbers a block: the middles of 2⁵² equal parts of (0, 1), so neither end is ever returned.
INLINE void group_uniform_f64(double *y, uint64_t seed, uint64_t stream, uint64_t group) {
  const u64x8 low = (u64x8){} + 0xffffffffu;
  u64x8 w[4];
  philox_8(&w[0], &w[1], &w[2], &w[3], seed, stream, group * 8);
  const u64x8 a = (w[0] & low) | (w[1] << 32), b = (w[2] & low) | (w[3] << 32);
  f64x8 u[2];
  u[0] = (__builtin_convertvector(a >> 12, f64x8) + 0.5) * 0x1p-52;
  u[1] = (__builtin_convertvector(b >> 12, f64x8) + 0.5) * 0x1p-52;
  memcpy(y, u, sizeof u);
}

// The groups that hold elements offset … offset + n − 1; ends are cut from a whole group. Element numbers wrap at 2⁶⁴.
#define FILL(REAL, NAME, GROUP, SIZE)                                                                                  \
  CLONES void credence_philox_##NAME(REAL *y, size_t n, uint64_t seed, uint64_t stream, uint64_t offset) {         \
    uint64_t group = offset / SIZE;                                                                                    \
    size_t skip = (size_t)(offset % SIZE), done = 0;                                                                   \
    REAL ends[SIZE];                                                                                                   \
    while (done < n) {                                                                                                 \
      const size_t count = n - done < SIZE - skip ? n - done : SIZE - skip;                                            \
      REAL *target = count == SIZE ? y + done : ends;                                                                  \
      GROUP(target, seed, stream, group);                                                                          \
      if (count != SIZE) memcpy(y + done, ends + skip, count * sizeof(REAL));                                          \
      done += count;                                                                                                   \
      skip = 0;                                                                                                        \
      group = group == UINT64_MAX / SIZE ? 0 : group + 1;                                                              \
    }                                                                                                                  \
  }

FILL(float, normal_f32, group_f32, 64)
FILL(double, normal_f64, group_f64, 16)
FILL(double, uniform_f64, group_uniform_f64, 16)
