#ifndef CREDENCE_CKERNELS_H
#define CREDENCE_CKERNELS_H

// Vector kernels that Swift cannot vectorise. Every function is compiled for the baseline and for AVX2+FMA (and, where
// it pays, AVX-512), and the right one is chosen when the program is loaded. Row-major, contiguous, sizes in elements.
// Each exists for float (_f32) and double (_f64); buffers may not overlap unless a comment says so.

#include <stddef.h>
#include <stdint.h>

#define CREDENCE_KERNELS(REAL, S)                                                                                      \
  /* Element by element; y may be x. */                                                                                \
  void credence_exp_##S(REAL *y, const REAL *x, size_t n);                                                             \
  void credence_tanh_##S(REAL *y, const REAL *x, size_t n);                                                            \
  void credence_sigmoid_##S(REAL *y, const REAL *x, size_t n);                                                         \
  void credence_softplus_##S(REAL *y, const REAL *x, size_t n);                                                        \
  /* 0.5·x·(1 + erf(x/√2)) */                                                                                          \
  void credence_gelu_##S(REAL *y, const REAL *x, size_t n);                                                            \
  /* dx = dy·gelu′(x); dx may be dy. */                                                                                \
  void credence_gelu_backward_##S(REAL *dx, const REAL *x, const REAL *dy, size_t n);                                  \
  /* z = alpha·x + beta·y; z may be x or y. */                                                                         \
  void credence_combine_##S(REAL *z, REAL alpha, const REAL *x, REAL beta, const REAL *y, size_t n);                   \
  /* z = x∘y; z may be x or y. */                                                                                      \
  void credence_multiply_##S(REAL *z, const REAL *x, const REAL *y, size_t n);                                         \
  /* z += alpha·x∘y */                                                                                                 \
  void credence_multiply_add_##S(REAL *z, REAL alpha, const REAL *x, const REAL *y, size_t n);                         \
  void credence_scale_##S(REAL *x, REAL alpha, size_t n);                                                              \
  /* Sums with a fixed order of additions: the same bits on every run and thread count. */                             \
  REAL credence_sum_##S(const REAL *x, size_t n);                                                                      \
  REAL credence_dot_##S(const REAL *x, const REAL *y, size_t n);                                                       \
  /* Row by row of an [rows, columns] matrix; y may be x. */                                                           \
  void credence_softmax_rows_##S(REAL *y, const REAL *x, size_t rows, size_t columns);                                 \
  void credence_log_softmax_rows_##S(REAL *y, const REAL *x, size_t rows, size_t columns);                             \
  void credence_log_sum_exp_rows_##S(REAL *out, const REAL *x, size_t rows, size_t columns);                           \
  /* dx = y∘(dy − Σ y∘dy), y = softmax(x); dx may be dy. */                                                            \
  void credence_softmax_rows_backward_##S(REAL *dx, const REAL *y, const REAL *dy, size_t rows, size_t columns);       \
  /* Cross-entropy of each row against its label (0 ≤ label < columns): loss[row] in nats, and logits are replaced     \
     by scale·(softmax − onehot). */                                                                                   \
  void credence_cross_entropy_rows_##S(REAL *loss, REAL *logits, const int32_t *labels, REAL scale, size_t rows,       \
                                       size_t columns);                                                                \
  /* Cross-entropy of Gaussian logits z = mean + deviation∘noise, averaged over draws (with antithetic, over the pairs   \
     mean ± deviation∘noise): loss[row] in nats; mean and deviation are replaced by scale times the loss's derivatives  \
     by them. noise [rows, draws, columns], scratch [3·columns]. */                                                    \
  void credence_normal_cross_entropy_rows_##S(REAL *loss, REAL *mean, REAL *deviation, const REAL *noise,              \
                                              const int32_t *labels, REAL scale, size_t rows, size_t columns,          \
                                              size_t draws, int antithetic, REAL *scratch);                            \
  /* y = (x − mean)·rstd·gamma + beta; mean and rstd [rows] are kept for the backward pass. */                         \
  void credence_layer_norm_##S(REAL *y, REAL *mean, REAL *rstd, const REAL *x, const REAL *gamma, const REAL *beta,    \
                               REAL epsilon, size_t rows, size_t columns);                                             \
  /* dx is written (may be dy); dgamma and dbeta [columns] are added to; either pair may be NULL. */                   \
  void credence_layer_norm_backward_##S(REAL *dx, REAL *dgamma, REAL *dbeta, const REAL *x, const REAL *mean,          \
                                        const REAL *rstd, const REAL *gamma, const REAL *dy, size_t rows,              \
                                        size_t columns);                                                               \
  /* y = x + bias, bias [columns] added to every row; y may be x. */                                                   \
  void credence_add_row_##S(REAL *y, const REAL *x, const REAL *bias, size_t rows, size_t columns);                    \
  /* out[columns] += alpha·Σ_rows x */                                                                                 \
  void credence_add_column_sums_##S(REAL *out, REAL alpha, const REAL *x, size_t rows, size_t columns);                \
  /* Σ x² of each row. */                                                                                              \
  void credence_row_squared_norms_##S(REAL *out, const REAL *x, size_t rows, size_t columns);                          \
  /* y = x / ‖x‖ of each row; a zero row stays zero; norms [rows] may be NULL; y may be x. */                          \
  void credence_normalize_rows_##S(REAL *y, REAL *norms, const REAL *x, size_t rows, size_t columns);                  \
  /* y = max(y + row_norms[row] + column_norms, 0): squared distances where y was −2·x·xᵀ. */                            \
  void credence_squared_distance_rows_##S(REAL *y, const REAL *row_norms, const REAL *column_norms, size_t rows,       \
                                          size_t columns);                                                             \
  /* Σ max(x − y, 0), in double. */                                                                                    \
  double credence_sum_of_excess_##S(const REAL *x, const REAL *y, size_t n);                                           \
  /* Natural logarithm; −∞ of 0, NaN below. log1p: log(1 + x) with its digits near 0. y may be x. */                   \
  void credence_log_##S(REAL *y, const REAL *x, size_t n);                                                             \
  void credence_log1p_##S(REAL *y, const REAL *x, size_t n);                                                           \
  void credence_erf_##S(REAL *y, const REAL *x, size_t n);                                                             \
  void credence_sqrt_##S(REAL *y, const REAL *x, size_t n);                                                            \
  void credence_absolute_##S(REAL *y, const REAL *x, size_t n);                                                        \
  /* z = x/y; z may be x or y. */                                                                                      \
  void credence_divide_##S(REAL *z, const REAL *x, const REAL *y, size_t n);                                           \
  void credence_fill_##S(REAL *x, REAL value, size_t n);                                                               \
  /* Σ of each row. */                                                                                                 \
  void credence_row_sums_##S(REAL *out, const REAL *x, size_t rows, size_t columns);                                   \
  /* The largest entry of each row and its (first) index; NaN is passed over; −∞ and 0 where nothing is left. */       \
  void credence_row_maxima_##S(REAL *out, const REAL *x, size_t rows, size_t columns);                                 \
  void credence_row_argmaxima_##S(int32_t *out, const REAL *x, size_t rows, size_t columns);                           \
  /* out[columns] += alpha·Σ_rows x² */                                                                                \
  void credence_add_column_squares_##S(REAL *out, REAL alpha, const REAL *x, size_t rows, size_t columns);             \
  /* y [columns, rows] = xᵀ */                                                                                         \
  void credence_transpose_##S(REAL *y, const REAL *x, size_t rows, size_t columns);                                    \
  /* The first index whose value is NaN or infinite, or n. */                                                          \
  size_t credence_first_nonfinite_##S(const REAL *x, size_t n);                                                        \
  /* z = location + scale∘noise: reparameterised Gaussian samples. */                                                  \
  void credence_location_scale_##S(REAL *z, const REAL *location, const REAL *scale, const REAL *noise, size_t n);     \
  /* One Adam step: moments updated, value = shrink·value − rate·mean/(√square·square_correction + epsilon). */        \
  void credence_adam_##S(REAL *value, REAL *mean, REAL *square, const REAL *gradient, REAL beta1, REAL beta2,          \
                         REAL rate, REAL square_correction, REAL epsilon, REAL shrink, size_t n);

CREDENCE_KERNELS(float, f32)
CREDENCE_KERNELS(double, f64)
// The same compiled for the baseline alone, for tests of that path.
CREDENCE_KERNELS(float, f32_baseline)
CREDENCE_KERNELS(double, f64_baseline)

void credence_f32_to_f64(double *y, const float *x, size_t n);
void credence_f64_to_f32(float *y, const double *x, size_t n);

// IEEE half and bfloat16, as bit patterns, round to nearest even.
void credence_half_to_f32(float *y, const uint16_t *x, size_t n);
void credence_half_to_f64(double *y, const uint16_t *x, size_t n);
void credence_f32_to_half(uint16_t *y, const float *x, size_t n);
void credence_f64_to_half(uint16_t *y, const double *x, size_t n);
// The half conversions on the bits alone, which machines without the instructions use; for tests of that path.
void credence_half_to_f32_baseline(float *y, const uint16_t *x, size_t n);
void credence_half_to_f64_baseline(double *y, const uint16_t *x, size_t n);
void credence_f32_to_half_baseline(uint16_t *y, const float *x, size_t n);
void credence_f64_to_half_baseline(uint16_t *y, const double *x, size_t n);
void credence_bfloat16_to_f32(float *y, const uint16_t *x, size_t n);
void credence_bfloat16_to_f64(double *y, const uint16_t *x, size_t n);
void credence_f32_to_bfloat16(uint16_t *y, const float *x, size_t n);
void credence_f64_to_bfloat16(uint16_t *y, const double *x, size_t n);

// c[rows, n] = alpha·x[rows, k]·op(w) + beta·c for few rows and a large w: w is [n, k] when w_transposed, else [k, n].
// With beta 0 the old c is not read. Returns 0, having done nothing, where the processor has no such kernel.
int credence_few_rows_f32(int w_transposed, float *c, size_t ldc, const float *x, size_t ldx, const float *w, size_t ldw,
                          size_t rows, size_t n, size_t k, float alpha, float beta);

// ‖x − y‖², from differences.
float credence_squared_distance_f32(const float *x, const float *y, size_t n);

// Whether the processor multiplies bfloat16 (AVX-512 BF16); without it the products below must not be called.
int credence_bfloat16_has_products(void);
// Puts rows [count, columns] of bfloat16 into panels of 64: [⌈count/64⌉, ⌈columns/2⌉, 64, 2], zeros where there is no row.
void credence_bfloat16_pack_panels(uint16_t *panels, const uint16_t *rows, size_t count, size_t columns);
// out [count, 64] = the products of rows, each ⌈columns/2⌉ pairs of bfloat16, with the rows of one panel, summed in float.
void credence_bfloat16_panel_products(float *out, const uint32_t *rows, const uint16_t *panel, size_t count,
                                      size_t pairs);

// Standard normal noise by Philox4x32-10 and Box–Muller: element i depends on (seed, stream, offset + i) alone, so any
// part can be drawn again, in any order, on any thread.
void credence_philox_normal_f32(float *y, size_t n, uint64_t seed, uint64_t stream, uint64_t offset);
void credence_philox_normal_f64(double *y, size_t n, uint64_t seed, uint64_t stream, uint64_t offset);
// Uniform numbers in (0, 1), multiples of 2⁻⁵³, addressed in the same manner.
void credence_philox_uniform_f64(double *y, size_t n, uint64_t seed, uint64_t stream, uint64_t offset);
// Inverted dropout: y[i] is 0 with probability rate, else x[i]/(1 − rate); which, depends on (seed, stream, i) alone.
// y may be x.
void credence_dropout_f32(float *y, const float *x, size_t n, float rate, uint64_t seed, uint64_t stream);
void credence_dropout_f64(double *y, const double *x, size_t n, double rate, uint64_t seed, uint64_t stream);
// One Philox4x32-10 block, for known-answer tests: counter[4], key[2] → out[4].
void credence_philox4x32_10(uint32_t *out, const uint32_t *counter, const uint32_t *key);

// y = (mean − centre)/√(1 + π/8·variance), row by row of [rows, classes] with one centre a row.
void credence_mean_field_rows_f32(float *y, const float *mean, const float *variance, const float *centre, size_t rows,
                                  size_t classes);

// The mean softmax of `pairs` antithetic pairs of samples z = mean ± √variance·noise, row by row of [rows, classes], with
// the entropy of the mean and the mean of the entropies, in nats. noise is [pairs, n] and scratch [5·n], n = classes
// rounded up to a multiple of 16, noise zero in the columns beyond.
void credence_monte_carlo_rows_f32(float *probabilities, float *total_entropy, float *expected_entropy,
                                   const float *mean, const float *variance, const float *noise, float *scratch,
                                   size_t rows, size_t classes, size_t pairs);

// The settings of the quadrature of credence_gumbel_max_row_f64.
typedef struct {
  double step;        // of the grid
  double range;       // standard deviations of a Gaussian on either side of its mean
  double tail;        // how far above the largest logit the integral goes
  double log_floor;   // logarithm of the mass left out below
  double negligible;  // probability of all classes together that are left out of the integral
  double coarsening;  // the outer step in the smallest standard deviation, where that is larger than step
  double resolved;    // the smallest standard deviation that the grid resolves
  long below, above;  // grid steps of the tables on either side of 0
} credence_gumbel_settings;

typedef struct {
  credence_gumbel_settings settings;
  // For the grid and those 2 and 4 times as fine: G, g and x·g at the grid points from `above` down to −`below`, each
  // followed by 8 zeros at least, `table_stride` apart.
  const double *tables[3];
  size_t table_stride;
  // Nodes and weights of 1, 2, … Gauss–Hermite points, [orders, 2, hermite_stride], and the largest standard deviation
  // that each is for.
  const double *hermite, *hermite_limits;
  size_t hermite_orders, hermite_stride;
} credence_gumbel_rule;

// Logits with larger standard deviations are scaled down to it.
#define CREDENCE_GUMBEL_WIDEST 100.0

// E[softmax(z)] [classes], its entropy and E[entropy of softmax(z)] in nats for independent z ~ N(mean, variance), by
// quadrature. `kept` is [classes]. Returns 0, or the number of doubles that `scratch` must have where it has fewer (then
// call again). NaN for a row that is not finite; −∞ is a class that cannot win.
long credence_gumbel_max_row_f64(double *probabilities, double *total_entropy, double *expected_entropy,
                                 const double *mean, const double *variance, const credence_gumbel_rule *rule,
                                 double *scratch, uint32_t *kept, size_t scratch_count, size_t classes);

// The table of credence_gumbel_table_rows_f32: [cells of τ, phases, orders, length], τ being half a variance. A cell is
// told by the upper bits of τ + OFFSET as a float, so that cells grow with τ; element j of a phase is for x = (FIRST + j +
// phase/PHASES)·STEP; order n holds the n-th derivative of 1 − E[exp(−exp(−(x − √(2τ)·t)))], t standard normal.
#define CREDENCE_GUMBEL_TABLE_STEP 0.8f
#define CREDENCE_GUMBEL_TABLE_ORDERS 7
#define CREDENCE_GUMBEL_TABLE_PHASES 4
#define CREDENCE_GUMBEL_TABLE_PHASE_BITS 2
#define CREDENCE_GUMBEL_TABLE_FIRST (-51)
#define CREDENCE_GUMBEL_TABLE_LENGTH 128
#define CREDENCE_GUMBEL_TABLE_OFFSET 0.25f
#define CREDENCE_GUMBEL_TABLE_BITS 19
#define CREDENCE_GUMBEL_TABLE_BASE 0x7d0u
#define CREDENCE_GUMBEL_TABLE_CELLS 99
// The largest variance of the table, and how many chunks of eight nodes an integral may take.
#define CREDENCE_GUMBEL_TABLE_WIDEST 36.0f
#define CREDENCE_GUMBEL_TABLE_CHUNKS 14
// decays[i] = e^(−i·STEP)
#define CREDENCE_GUMBEL_TABLE_DECAYS 110

// The number of floats of `scratch`.
size_t credence_gumbel_table_scratch(size_t classes);

// E[softmax(z)] [rows, classes], its entropy and E[entropy of softmax(z)] [rows] in nats for independent z ~ N(mean,
// variance). done[row] is 0, and nothing else written, for rows with a variance above the table's, with NaN, or with a
// spread that takes more than the chunks there are.
void credence_gumbel_table_rows_f32(float *probabilities, float *total_entropy, float *expected_entropy, uint8_t *done,
                                    const float *mean, const float *variance, const float *table, const float *decays,
                                    float *scratch, size_t rows, size_t classes);

// The entropy in nats of the soft-max of each row [rows], at least 0; NaN for a row with NaN or +∞.
void credence_softmax_entropy_rows_f32(float *entropy, const float *x, size_t rows, size_t columns);
// One minus the largest element of the soft-max of each row of x/temperature [rows], with its digits where it is small;
// NaN for a row with NaN or +∞.
void credence_softmax_remainder_rows_f32(float *remainder, const float *x, float temperature, size_t rows,
                                         size_t columns);
// −temperature·ln Σ exp(x/temperature) of each row [rows]; −∞ for a row with +∞, ∞ for a row of −∞, NaN with NaN.
void credence_free_energy_rows_f32(float *energy, const float *x, float temperature, size_t rows, size_t columns);
// Σ (p·(1 − p))^exponent over the `most` (1 or more) largest elements p of each row's soft-max [rows], p and 1 − p being
// held at smallest_probability or more. scratch has credence_generalized_entropy_scratch(columns) floats. NaN for a row
// with NaN or +∞.
size_t credence_generalized_entropy_scratch(size_t columns);
void credence_generalized_entropy_rows_f32(float *out, const float *x, float exponent, size_t most,
                                           float smallest_probability, float *scratch, size_t rows, size_t columns);

// out[columns] += Σ weights[row]·x[row], in double.
void credence_add_weighted_rows_f32(double *out, const float *x, const float *weights, size_t rows, size_t columns);
// weights[row]·x[row] − centre rounded to step·(−127…127), the step a row's own; `errors` are the norms of what rounding
// took away.
void credence_int8_round_rows_f32(int8_t *rounded, float *steps, float *errors, const float *x, const float *weights,
                                  const float *centre, size_t rows, size_t columns);
// out[row] = steps[row]·rounded[row]·vector, entries of the vector within ±8191; sums are exact up to 1024 columns and then
// rounded to float.
void credence_int8_products(float *out, const int8_t *rounded, const float *steps, const int16_t *vector, size_t rows,
                            size_t columns);

#endif
