#ifndef CREDENCE_CGSL_H
#define CREDENCE_CGSL_H

// Headers that include gsl_cblas.h must stay out: its enums clash with other CBLAS headers, and its library is slow.
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_version.h>

// Swift 6 refuses mutable C globals, so the generator types are handed out by functions.
static inline const gsl_rng_type *credence_gsl_rng_mt19937(void) { return gsl_rng_mt19937; }
static inline const gsl_rng_type *credence_gsl_rng_taus2(void) { return gsl_rng_taus2; }
static inline const gsl_rng_type *credence_gsl_rng_ranlxs0(void) { return gsl_rng_ranlxs0; }

#endif
