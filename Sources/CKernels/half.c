// IEEE half (binary16) and bfloat16 to and from float and double, rounding to nearest, ties to even; NaN stays NaN
// (quiet, with the leading bits of its payload), overflow gives infinity, subnormals are exact.
//
// Half uses the machine's instructions where it has them (F16C; every 64-bit ARM) and arithmetic on the bits elsewhere.

#include "CKernels.h"

#include <string.h>

typedef float floats __attribute__((ext_vector_type(16), aligned(4)));
typedef uint32_t words __attribute__((ext_vector_type(16), aligned(4)));
typedef double doubles __attribute__((ext_vector_type(16), aligned(8)));
typedef uint64_t longs __attribute__((ext_vector_type(16), aligned(8)));
typedef uint16_t shorts __attribute__((ext_vector_type(16), aligned(2)));

#define INLINE static inline __attribute__((always_inline))
enum { LANES = 16 };

#if defined(__x86_64__) && defined(__ELF__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define HARDWARE __attribute__((target("avx2,f16c,fma")))
#define HAS_HARDWARE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c"))
#else
#define CLONES
#define HARDWARE
#define HAS_HARDWARE (defined_half_conversion)
#if defined(__aarch64__)
enum { defined_half_conversion = 1 };
#else
enum { defined_half_conversion = 0 };
#endif
#endif

// Applies STEP to blocks of 16, the rest through a padded block.
#define CONVERT(OUT, IN, y, x, n, STEP)                                                                                \
  do {                                                                                                                 \
    size_t i = 0;                                                                                                      \
    for (; i + LANES <= (n); i += LANES) {                                                                             \
      IN in = *(const IN *)((x) + i);                                                                                  \
      OUT out;                                                                                                         \
      STEP(&out, &in);                                                                                                 \
      *(OUT *)((y) + i) = out;                                                                                         \
    }                                                                                                                  \
    if (i < (n)) {                                                                                                     \
      IN in = 0;                                                                                                       \
      OUT out;                                                                                                         \
      memcpy(&in, (x) + i, ((n)-i) * sizeof *(x));                                                                     \
      STEP(&out, &in);                                                                                                 \
      memcpy((y) + i, &out, ((n)-i) * sizeof *(y));                                                                    \
    }                                                                                                                  \
  } while (0)

// Half to float on the bits: shifted into place, an exponent of 31 is raised to 255, and a product with 2^112 puts
// the exponent right, normalising subnormals on the way.
INLINE void half_to_float(floats *out, const shorts *in) {
  words bits = __builtin_convertvector(*in, words);
  words sign = (bits & 0x8000u) << 16;
  words shifted = (bits & 0x7fffu) << 13;
  floats scaled = (floats)shifted * 0x1p112f;
  // Infinities keep all exponent bits; a NaN is made quiet, as hardware does.
  words special = shifted | 0x7f800000u;
  special |= shifted > (words)0x0f800000u ? (words)0x00400000u : (words)0u;
  words result = shifted >= (words)0x0f800000u ? special : (words)scaled;
  *out = (floats)(result | sign);
}

// Float to half on the bits. Normal results: add half a unit of the last kept place (less one, plus the kept bit, for
// ties to even) and shift. Subnormal results: a sum with ½ leaves the rounded significand in the low bits.
INLINE void float_to_half(shorts *out, const floats *in) {
  words bits = (words)*in;
  words sign = (bits >> 16) & 0x8000u;
  bits &= 0x7fffffffu;
  words normal = (bits + (0xc8000fffu + ((bits >> 13) & 1u))) >> 13;
  words subnormal = (words)((floats)bits + 0.5f) - 0x3f000000u;
  words result = bits < (words)0x38800000u ? subnormal : normal;
  words nan = 0x7e00u | ((bits >> 13) & 0x3ffu);
  words special = bits > (words)0x7f800000u ? nan : (words)0x7c00u;
  result = bits >= (words)0x47800000u ? special : result;
  *out = __builtin_convertvector(result | sign, shorts);
}

// The float next to a double, of the two around an inexact one that with an odd last bit: rounding once more to a
// shorter format then gives what rounding the double at once would give.
INLINE void double_to_odd_float(floats *out, const doubles *in) {
  floats nearest = __builtin_convertvector(*in, floats);
  longs wide_bits = (longs)*in & 0x7fffffffffffffffu;
  doubles magnitude = (doubles)wide_bits;
  words bits = (words)nearest;
  floats absolute = (floats)(bits & 0x7fffffffu);
  doubles back = __builtin_convertvector(absolute, doubles);
  longs above = (longs)(magnitude > back), below = (longs)(magnitude < back);
  words even = (bits & 1u) ^ 1u;
  bits += __builtin_convertvector(above, words) & even;
  bits -= __builtin_convertvector(below, words) & even;
  *out = (floats)bits;
}

INLINE void float_to_bfloat16(shorts *out, const floats *in) {
  words bits = (words)*in;
  words rounded = (bits + (0x7fffu + ((bits >> 16) & 1u))) >> 16;
  words nan = (bits >> 16) | 0x40u;
  words result = (bits & 0x7fffffffu) > (words)0x7f800000u ? nan : rounded;
  *out = __builtin_convertvector(result, shorts);
}

INLINE void bfloat16_to_float(floats *out, const shorts *in) {
  *out = (floats)(__builtin_convertvector(*in, words) << 16);
}

INLINE void half_to_double(doubles *out, const shorts *in) {
  floats single;
  half_to_float(&single, in);
  *out = __builtin_convertvector(single, doubles);
}
INLINE void double_to_half(shorts *out, const doubles *in) {
  floats single;
  double_to_odd_float(&single, in);
  float_to_half(out, &single);
}
INLINE void bfloat16_to_double(doubles *out, const shorts *in) {
  floats single;
  bfloat16_to_float(&single, in);
  *out = __builtin_convertvector(single, doubles);
}
INLINE void double_to_bfloat16(shorts *out, const doubles *in) {
  floats single;
  double_to_odd_float(&single, in);
  float_to_bfloat16(out, &single);
}
INLINE void single_to_double(doubles *out, const floats *in) { *out = __builtin_convertvector(*in, doubles); }
INLINE void double_to_single(floats *out, const doubles *in) { *out = __builtin_convertvector(*in, floats); }

// The machine's own conversion of half; a signalling NaN comes out quiet on either path.
#if defined(__x86_64__) || defined(__aarch64__)
typedef _Float16 halves __attribute__((ext_vector_type(16), aligned(2)));
INLINE void hardware_half_to_float(floats *out, const shorts *in) {
  *out = __builtin_convertvector((halves)*in, floats);
}
INLINE void hardware_float_to_half(shorts *out, const floats *in) {
  *out = (shorts)__builtin_convertvector(*in, halves);
}
INLINE void hardware_half_to_double(doubles *out, const shorts *in) {
  floats single = __builtin_convertvector((halves)*in, floats);
  *out = __builtin_convertvector(single, doubles);
}
INLINE void hardware_double_to_half(shorts *out, const doubles *in) {
  floats single;
  double_to_odd_float(&single, in);
  *out = (shorts)__builtin_convertvector(single, halves);
}
#else
#define hardware_half_to_float half_to_float
#define hardware_float_to_half float_to_half
#define hardware_half_to_double half_to_double
#define hardware_double_to_half double_to_half
#endif

#define HALF(NAME, OUT, IN, Y, X)                                                                                      \
  HARDWARE static void NAME##_by_hardware(Y *y, const X *x, size_t n) {                                                \
    CONVERT(OUT, IN, y, x, n, hardware_##NAME);                                                                        \
  }
HALF(half_to_float, floats, shorts, float, uint16_t)
HALF(float_to_half, shorts, floats, uint16_t, float)
HALF(half_to_double, doubles, shorts, double, uint16_t)
HALF(double_to_half, shorts, doubles, uint16_t, double)

void credence_half_to_f32_baseline(float *y, const uint16_t *x, size_t n) {
  CONVERT(floats, shorts, y, x, n, half_to_float);
}
void credence_f32_to_half_baseline(uint16_t *y, const float *x, size_t n) {
  CONVERT(shorts, floats, y, x, n, float_to_half);
}
void credence_half_to_f64_baseline(double *y, const uint16_t *x, size_t n) {
  CONVERT(doubles, shorts, y, x, n, half_to_double);
}
void credence_f64_to_half_baseline(uint16_t *y, const double *x, size_t n) {
  CONVERT(shorts, doubles, y, x, n, double_to_half);
}

void credence_half_to_f32(float *y, const uint16_t *x, size_t n) {
  HAS_HARDWARE ? half_to_float_by_hardware(y, x, n) : credence_half_to_f32_baseline(y, x, n);
}
void credence_f32_to_half(uint16_t *y, const float *x, size_t n) {
  HAS_HARDWARE ? float_to_half_by_hardware(y, x, n) : credence_f32_to_half_baseline(y, x, n);
}
void credence_half_to_f64(double *y, const uint16_t *x, size_t n) {
  HAS_HARDWARE ? half_to_double_by_hardware(y, x, n) : credence_half_to_f64_baseline(y, x, n);
}
void credence_f64_to_half(uint16_t *y, const double *x, size_t n) {
  HAS_HARDWARE ? double_to_half_by_hardware(y, x, n) : credence_f64_to_half_baseline(y, x, n);
}

CLONES void credence_bfloat16_to_f32(float *y, const uint16_t *x, size_t n) {
  CONVERT(floats, shorts, y, x, n, bfloat16_to_float);
}
CLONES void credence_bfloat16_to_f64(double *y, const uint16_t *x, size_t n) {
  CONVERT(doubles, shorts, y, x, n, bfloat16_to_double);
}
CLONES void credence_f32_to_bfloat16(uint16_t *y, const float *x, size_t n) {
  CONVERT(shorts, floats, y, x, n, float_to_bfloat16);
}
CLONES void credence_f64_to_bfloat16(uint16_t *y, const double *x, size_t n) {
  CONVERT(shorts, doubles, y, x, n, double_to_bfloat16);
}
CLONES void credence_f32_to_f64(double *y, const float *x, size_t n) {
  CONVERT(doubles, floats, y, x, n, single_to_double);
}
CLONES void credence_f64_to_f32(float *y, const double *x, size_t n) {
  CONVERT(floats, doubles, y, x, n, double_to_single);
}
