#ifndef CREDENCE_CGSL_H
#define CREDENCE_CGSL_H

// Headers that include gsl_cblas.h must stay out: its enums clash with other CBLAS headers, and its library is slow.
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_fft_halfcomplex.h>
#include <gsl/gsl_fft_real.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_min.h>
#include <gsl/gsl_monte_miser.h>
#include <gsl/gsl_monte_plain.h>
#include <gsl/gsl_monte_vegas.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_qrng.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_bessel.h>
#include <gsl/gsl_sf_expint.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <gsl/gsl_version.h>
#include <math.h>
#include <stdint.h>

// Swift 6 refuses mutable C globals, so the generator types are handed out by functions.
static inline const gsl_rng_type *credence_gsl_rng_mt19937(void) { return gsl_rng_mt19937; }
static inline const gsl_rng_type *credence_gsl_rng_taus2(void) { return gsl_rng_taus2; }
static inline const gsl_rng_type *credence_gsl_rng_ranlxs0(void) { return gsl_rng_ranlxs0; }

// The same for the types of quasi-random sequences.
static inline const gsl_qrng_type *credence_gsl_qrng_sobol(void) { return gsl_qrng_sobol; }
static inline const gsl_qrng_type *credence_gsl_qrng_niederreiter_2(void) { return gsl_qrng_niederreiter_2; }
static inline const gsl_qrng_type *credence_gsl_qrng_halton(void) { return gsl_qrng_halton; }
static inline const gsl_qrng_type *credence_gsl_qrng_reversehalton(void) { return gsl_qrng_reversehalton; }

// The same for the types of minimisers.
static inline const gsl_min_fminimizer_type *credence_gsl_min_brent(void) { return gsl_min_fminimizer_brent; }
static inline const gsl_multimin_fdfminimizer_type *credence_gsl_multimin_bfgs2(void) {
  return gsl_multimin_fdfminimizer_vector_bfgs2;
}

// Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405) as a GSL generator, so that every gsl_ran_* sampler
// can draw from a stream that is addressed by (seed, stream, position). GSL has no counter-based generator.
typedef struct {
  uint64_t seed, stream;
  uint64_t position;  // in 32-bit words; block[position & 3] is next
  uint32_t block[4];  // valid where position & 3 is not 0
} credence_philox_state;

static inline void credence_philox_fill(credence_philox_state *s) {
  const uint64_t b = s->position >> 2;
  uint32_t c0 = (uint32_t)b, c1 = (uint32_t)(b >> 32), c2 = (uint32_t)s->stream, c3 = (uint32_t)(s->stream >> 32);
  uint32_t k0 = (uint32_t)s->seed, k1 = (uint32_t)(s->seed >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t p = (uint64_t)0xD2511F53u * c0, q = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(q >> 32) ^ c1 ^ k0;
    c2 = (uint32_t)(p >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)q;
    c3 = (uint32_t)p;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  s->block[0] = c0;
  s->block[1] = c1;
  s->block[2] = c2;
  s->block[3] = c3;
}

static inline unsigned long credence_philox_get(void *state) {
  credence_philox_state *s = (credence_philox_state *)state;
  if ((s->position & 3) == 0) credence_philox_fill(s);
  return s->block[s->position++ & 3];
}

static inline double credence_philox_get_double(void *state) {
  return (double)credence_philox_get(state) * (1.0 / 4294967296.0);
}

static inline void credence_philox_set(void *state, unsigned long seed) {
  credence_philox_state *s = (credence_philox_state *)state;
  *s = (credence_philox_state){.seed = seed};
}

// Moves to the 32-bit word `position` of the stream.
static inline void credence_philox_seek(void *state, uint64_t position) {
  credence_philox_state *s = (credence_philox_state *)state;
  s->position = position;
  if (position & 3) credence_philox_fill(s);
}

static inline const gsl_rng_type *credence_gsl_rng_philox4x32(void) {
  static const gsl_rng_type type = {"philox4x32-10",     0xffffffffUL, 0, sizeof(credence_philox_state),
                                    credence_philox_set, credence_philox_get, credence_philox_get_double};
  return &type;
}

// Special functions. The C library's lgamma is more accurate than gsl_sf_lngamma; its re-entrant form, since the plain one
// writes a global.
static inline double credence_log_gamma(double x) {
#if defined(__GLIBC__) || defined(__APPLE__)
  int sign;
  extern double lgamma_r(double, int *);
  return lgamma_r(x, &sign);
#else
  return lgamma(x);
#endif
}

#endif
