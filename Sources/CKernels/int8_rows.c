// Rows rounded to 8-bit integers: the quick first look of an exact search. A quarter of the memory of floats, so that
// thousands of rows stay in the cache while one product after another is taken with all of them.

#include "CKernels.h"

#include <math.h>

#include "internal/clones.h"

CLONES void credence_add_weighted_rows_f32(double *restrict out, const float *restrict x, const float *weights, size_t rows,
                                           size_t columns) {
  for (size_t row = 0; row < rows; row++, x += columns) {
    const double weight = weights[row];
    for (size_t i = 0; i < columns; i++) out[i] += weight * x[i];
  }
}

CLONES void credence_int8_round_rows_f32(int8_t *restrict rounded, float *restrict steps, float *restrict errors,
                                         const float *restrict x, const float *weights, const float *restrict centre,
                                         size_t rows, size_t columns) {
  enum { LANES = 16 };
  for (size_t row = 0; row < rows; row++, x += columns, rounded += columns) {
    const float weight = weights[row];
    float largest[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= columns; i += LANES)
      for (size_t lane = 0; lane < LANES; lane++) {
        const float value = fabsf(weight * x[i + lane] - centre[i + lane]);
        largest[lane] = value > largest[lane] ? value : largest[lane];
      }
    for (; i < columns; i++) {
      const float value = fabsf(weight * x[i] - centre[i]);
      largest[0] = value > largest[0] ? value : largest[0];
    }
    for (size_t lane = 1; lane < LANES; lane++) largest[0] = largest[lane] > largest[0] ? largest[lane] : largest[0];
    const float step = largest[0] / 127, inverse = step > 0 ? 1 / step : 0;
    float squares[LANES] = {0};
    for (i = 0; i + LANES <= columns; i += LANES)
      for (size_t lane = 0; lane < LANES; lane++) {
        const float value = weight * x[i + lane] - centre[i + lane];
        const float nearest = __builtin_elementwise_roundeven(value * inverse);
        rounded[i + lane] = (int8_t)nearest;
        squares[lane] += (value - nearest * step) * (value - nearest * step);
      }
    for (; i < columns; i++) {
      const float value = weight * x[i] - centre[i];
      const float nearest = __builtin_elementwise_roundeven(value * inverse);
      rounded[i] = (int8_t)nearest;
      squares[0] += (value - nearest * step) * (value - nearest * step);
    }
    for (size_t lane = 1; lane < LANES; lane++) squares[0] += squares[lane];
    steps[row] = step;
    errors[row] = __builtin_elementwise_sqrt(squares[0]);
  }
}

CLONES void credence_int8_products(float *restrict out, const int8_t *restrict rounded, const float *restrict steps,
                                   const int16_t *restrict vector, size_t rows, size_t columns) {
  // 127 · 8191 · 1024 fits into 32 bits.
  enum { DEPTH = 1024 };
  for (size_t row = 0; row < rows; row++, rounded += columns) {
    float total = 0;
    for (size_t start = 0; start < columns; start += DEPTH) {
      const size_t end = columns - start < DEPTH ? columns : start + DEPTH;
      int32_t sum = 0;
      for (size_t i = start; i < end; i++) sum += (int32_t)rounded[i] * vector[i];
      total += (float)sum;
    }
    out[row] = steps[row] * total;
  }
}
