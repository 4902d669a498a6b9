// E[softmax(z)] and E[entropy] of independent Gaussian logits by one-dimensional quadrature (the Gumbel-max identity).
//
// With independent standard Gumbel noise the class of the largest z + noise has the distribution softmax(z). So, with
// the Gumbel distribution G(x) = exp(−e^{−x}), its density g = G', φ_k(u) = E[G(u − z_k)] and ψ_k = φ_k',
//
//     p_i = ∫ ψ_i(u) Π_{k≠i} φ_k(u) du,      E[H] = Σ_i ∫ E[(u − z_i) g(u − z_i)] Π_{k≠i} φ_k(u) du − γ.
//
// All integrands are analytic in a strip of half-width π/2, where the trapezoidal rule errs by about e^{−π²/step}. The
// nodes u lie on one grid with those of the inner expectations, so that G is tabulated once and φ_k, ψ_k are products
// of Gaussian weights with pieces of the table: no exponential in the inner loop. Narrow Gaussians take a grid two or
// four times as fine, the narrowest Gauss–Hermite nodes; where all Gaussians are wide the outer grid is coarser.

#include "CKernels.h"
#include "internal/clones.h"
#include "internal/lanes_f64.h"
#include <math.h>
#include <string.h>

#pragma clang fp contract(fast)

static const double euler_gamma = 0.57721566490153286061;

// Adds Σ weights·table for the three tables.
INLINE void products(double *phi, double *psi, double *chi, const double *weights, const double *distribution,
                     const double *density, const double *moment, size_t n) {
  block_f64 w, t, a = 0, b = 0, c = 0;
  for (size_t i = 0; i < n; i += lanes_f64) {
    load_f64(&w, weights + i);
    load_f64(&t, distribution + i);
    a += w * t;
    load_f64(&t, density + i);
    b += w * t;
    load_f64(&t, moment + i);
    c += w * t;
  }
  *phi += sum_lanes_f64(&a);
  *psi += sum_lanes_f64(&b);
  *chi += sum_lanes_f64(&c);
}

// φ, ψ, χ at the nodes (first + j·stride)·step for a Gaussian that the grid resolves `fine` times finer than step.
INLINE void convolve(double *phi, double *psi, double *chi, const credence_gumbel_rule *rule, double mean,
                     double deviation, long first, long stride, size_t nodes, double *weights, double *masses) {
  const credence_gumbel_settings *s = &rule->settings;
  const int level = deviation >= s->resolved ? 0 : deviation >= s->resolved / 2 ? 1 : 2;
  const long fine = 1L << level;
  const double step = s->step / (double)fine;
  const long below = s->below * fine, above = s->above * fine;
  const double *distribution = rule->tables[level], *density = distribution + rule->table_stride,
               *moment = density + rule->table_stride;
  const long lowest = (long)ceil((mean - s->range * deviation) / step);
  const long highest = (long)floor((mean + s->range * deviation) / step);
  const size_t count = (size_t)(highest - lowest + 1), padded = (count + 2 * lanes_f64) / lanes_f64 * lanes_f64;
  double total = 0;
  for (size_t i = 0; i < padded; i += lanes_f64) {
    block_f64 x;
    for (int lane = 0; lane < lanes_f64; lane++) x[lane] = (double)(lowest + (long)i + lane);
    x = (x * step - mean) * (1 / deviation);
    x = x * x * -0.5;
    exp_of_nonpositive_f64(&x);
    store_f64(weights + i, &x);
  }
  for (size_t i = count; i < padded; i++) weights[i] = 0;
  for (size_t i = 0; i < count; i++) {
    masses[i] = total;  // of the weights before i
    total += weights[i];
  }
  masses[count] = total;
  const double scale = 1 / total;
  for (size_t j = 0; j < nodes; j++) {
    const long node = (first + (long)j * stride) * fine;
    // Logits below node − above count whole, those above node + below not at all.
    const long from = node - above > lowest ? node - above : lowest, to = node + below < highest ? node + below : highest;
    const long whole = node - above - lowest;
    phi[j] = whole <= 0 ? 0 : masses[whole < (long)count ? (size_t)whole : count];
    psi[j] = chi[j] = 0;
    if (from <= to) {
      const long offset = from - (node - above);
      products(&phi[j], &psi[j], &chi[j], weights + (from - lowest), distribution + offset, density + offset,
               moment + offset, (size_t)(to - from + 1));
    }
    phi[j] *= scale;
    psi[j] *= scale;
    chi[j] *= scale;
  }
}

// The same by Gauss–Hermite nodes; `decay` holds e^{−u} of the nodes u.
INLINE void narrow(double *phi, double *psi, double *chi, const credence_gumbel_rule *rule, double mean,
                   double deviation, const double *u, const double *decay, size_t nodes) {
  size_t order = 0;
  while (order + 1 < rule->hermite_orders && deviation > rule->hermite_limits[order]) order++;
  const size_t points = order + 1;
  const double *abscissae = rule->hermite + 2 * rule->hermite_stride * order;
  const double *weights = abscissae + rule->hermite_stride;
  for (size_t j = 0; j < nodes; j += lanes_f64) {
    block_f64 at, e, a = 0, b = 0, c = 0;
    load_f64(&at, u + j);
    load_f64(&e, decay + j);
    for (size_t t = 0; t < points; t++) {
      const double z = mean + deviation * abscissae[t];
      const block_f64 y = e * exp(z), x = at - z;
      block_f64 value = -y;
      exp_of_nonpositive_f64(&value);
      value *= weights[t];
      a += value;
      value *= y;
      b += value;
      c += value * x;
    }
    store_f64(phi + j, &a);
    store_f64(psi + j, &b);
    store_f64(chi + j, &c);
  }
}

// An upper bound of the probability that a class beats another: E[min(1, e^x)] ≤ min over t in 0…1 of E[e^{tx}].
INLINE double beats(double difference, double variance) {
  double t = variance > 0 ? -difference / variance : 1;
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  if (difference == -INFINITY) return 0;
  return difference >= 0 ? 1 : exp(t * difference + 0.5 * t * t * variance);
}

// The softmax itself, for logits without variance.
INLINE void known(double *p, double *entropy, const double *mean, double largest, size_t classes) {
  double sum = 0, moment = 0;
  for (size_t k = 0; k < classes; k++) {
    const double d = mean[k] - largest, e = exp(d);
    p[k] = e;
    sum += e;
    if (e > 0) moment += e * d;
  }
  for (size_t k = 0; k < classes; k++) p[k] /= sum;
  *entropy = log(sum) - moment / sum;
}

// log Φ(x), roughly, for finding the lower end.
INLINE double log_normal_cdf(double x) {
  return x > -30 ? log(0.5 * erfc(-x * 0.70710678118654752)) : -0.5 * x * x;
}

typedef struct {
  double low, high, smallest;
} span;

// Outside of the span lies less than the tolerance of the mass of max_k (z_k + noise_k).
INLINE span find_span(const credence_gumbel_settings *rule, const double *mean, const double *deviation,
                      const uint32_t *kept, size_t count) {
  span s = {-INFINITY, -INFINITY, INFINITY};
  double top = -INFINITY;
  const double noise_floor = (double)rule->below * rule->step;
  for (size_t i = 0; i < count; i++) {
    const double m = mean[kept[i]], d = deviation[kept[i]];
    const double reach = m + (d < 2 * rule->range ? 0.5 * d * d : rule->range * d);
    top = reach > top ? reach : top;
    s.low = m - rule->range * d > s.low ? m - rule->range * d : s.low;
    s.smallest = d < s.smallest ? d : s.smallest;
  }
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    const double m = mean[kept[i]], d = deviation[kept[i]];
    sum += exp(m + (d < 2 * rule->range ? 0.5 * d * d : rule->range * d) - top);
  }
  s.high = top + log(sum) + rule->tail;
  s.low -= noise_floor;
  // With many wide Gaussians the largest is far above the lowest: Π Φ((u + floor − m)/σ) bounds the mass below u.
  if (s.high - s.low > 64 * rule->step) {
    double low = s.low, high = s.high;
    for (int halving = 0; halving < 12; halving++) {
      const double middle = 0.5 * (low + high);
      double mass = 0;
      for (size_t i = 0; i < count && mass >= rule->log_floor; i++) {
        const double d = deviation[kept[i]], x = middle + noise_floor - mean[kept[i]];
        mass += d > 0 ? log_normal_cdf(x / d) : x < 0 ? -INFINITY : 0;
      }
      if (mass < rule->log_floor) low = middle; else high = middle;
    }
    s.low = low;
  }
  return s;
}

// Scales logits so wide that the Gumbel noise hardly counts into the range of the grid; gives the factor.
INLINE double shrink(double *mean, double *deviation, size_t classes) {
  double widest = 0;
  for (size_t k = 0; k < classes; k++) widest = deviation[k] > widest ? deviation[k] : widest;
  if (widest <= CREDENCE_GUMBEL_WIDEST) return 1;
  const double factor = CREDENCE_GUMBEL_WIDEST / widest;
  for (size_t k = 0; k < classes; k++) {
    mean[k] *= factor;
    deviation[k] *= factor;
  }
  return factor;
}

CLONES long credence_gumbel_max_row_f64(double *p, double *total_entropy, double *expected_entropy, const double *means,
                                        const double *variances, const credence_gumbel_rule *tables, double *scratch,
                                        uint32_t *kept, size_t scratch_count, size_t classes) {
  const credence_gumbel_settings *rule = &tables->settings;
  double *m = scratch, *d = m + classes, *bound = d + classes;
  size_t best = 0;
  int sound = 1, spread = 0;
  for (size_t k = 0; k < classes; k++) {
    sound &= means[k] < INFINITY && variances[k] >= 0 && variances[k] < INFINITY;
    spread |= variances[k] > 0;
    best = means[k] > means[best] ? k : best;
  }
  if (!sound || means[best] == -INFINITY) {
    for (size_t k = 0; k < classes; k++) p[k] = NAN;
    *total_entropy = *expected_entropy = NAN;
    return 0;
  }
  if (!spread) {
    known(p, total_entropy, means, means[best], classes);
    *expected_entropy = *total_entropy;
    return 0;
  }
  for (size_t k = 0; k < classes; k++) {
    m[k] = means[k] - means[best];
    d[k] = sqrt(variances[k]);
  }
  const double factor = shrink(m, d, classes);
  size_t count = 0;
  const double share = rule->negligible / (double)classes;
  for (size_t k = 0; k < classes; k++) {
    bound[k] = k == best ? 1 : beats(m[k], d[k] * d[k] + d[best] * d[best]);
    if (bound[k] > share) kept[count++] = (uint32_t)k;
  }
  const span s = find_span(rule, m, d, kept, count);
  const double coarsening = rule->coarsening * s.smallest / rule->step;
  const long stride = coarsening > 1 ? (long)coarsening : 1;
  const double width = (double)stride * rule->step;
  const long first = (long)floor(s.low / width) * stride;
  const size_t nodes = (size_t)(ceil(s.high / width) - floor(s.low / width)) + 1;
  const size_t padded = (nodes + lanes_f64 - 1) / lanes_f64 * lanes_f64;
  // All of φ's product, ψ/φ of each kept class, and the sum of χ/φ.
  double *u = bound + classes, *decay = u + padded, *product = decay + padded, *moments = product + padded,
         *phi = moments + padded, *psi = phi + padded, *chi = psi + padded, *ratios = chi + padded,
         *weights = ratios + padded * count;
  double widest = 0;
  for (size_t i = 0; i < count; i++) widest = d[kept[i]] > widest ? d[kept[i]] : widest;
  // The finer grids hold narrower Gaussians only.
  const double finest = 4 * rule->resolved > widest ? 4 * rule->resolved : widest;
  const size_t most = (size_t)(2 * rule->range * finest / rule->step) + 6 * lanes_f64;
  double *masses = weights + most;
  const size_t needed = (size_t)(masses + most - scratch);
  if (needed > scratch_count) return (long)needed;
  for (size_t j = 0; j < padded; j++) {
    u[j] = (double)(first + (long)j * stride) * rule->step;
    decay[j] = exp(-u[j]);
    product[j] = j < nodes;
    moments[j] = 0;
    phi[j] = psi[j] = chi[j] = 0;
  }
  for (size_t i = 0; i < count; i++) {
    const size_t k = kept[i];
    if (d[k] < rule->resolved / 4)
      narrow(phi, psi, chi, tables, m[k], d[k], u, decay, padded);
    else
      convolve(phi, psi, chi, tables, m[k], d[k], first, stride, nodes, weights, masses);
    double *ratio = ratios + i * padded;
    for (size_t j = 0; j < padded; j += lanes_f64) {
      block_f64 a, b, c, v;
      load_f64(&a, phi + j);
      load_f64(&b, psi + j);
      load_f64(&c, chi + j);
      const block_f64 inverse = a > 1e-290 ? 1.0 / a : (block_f64)0.0;
      b *= inverse;
      store_f64(ratio + j, &b);
      load_f64(&v, moments + j);
      v += c * inverse;
      store_f64(moments + j, &v);
      load_f64(&v, product + j);
      v *= a;
      store_f64(product + j, &v);
    }
  }
  double entropy = 0, reciprocal = 0, sum = 0;
  for (size_t j = 0; j < nodes; j++) {
    product[j] *= width;
    entropy += product[j] * moments[j];
    reciprocal += product[j] * decay[j];  // E[1/Σe^z]
  }
  for (size_t i = 0; i < count; i++) {
    block_f64 a, b, c = 0;
    for (size_t j = 0; j < padded; j += lanes_f64) {
      load_f64(&a, product + j);
      load_f64(&b, ratios + i * padded + j);
      c += a * b;
    }
    const double value = sum_lanes_f64(&c);
    bound[kept[i]] = -1;
    p[kept[i]] = value;
    sum += value;
  }
  for (size_t k = 0; k < classes; k++) {
    if (bound[k] < 0) continue;
    const double first_order = exp(m[k] + 0.5 * d[k] * d[k] + log(reciprocal));
    p[k] = first_order < bound[k] ? first_order : bound[k];
    sum += p[k];
  }
  double total = 0;
  for (size_t k = 0; k < classes; k++) {
    p[k] /= sum;
    if (p[k] > 0) total -= p[k] * log(p[k]);
  }
  // The entropy's integral includes the noise of the winner, whose mean is Euler's constant in all.
  // Of wide logits it falls with their scale.
  entropy = (entropy - euler_gamma) * factor;
  *expected_entropy = entropy < 0 ? 0 : entropy > total ? total : entropy;
  *total_entropy = total;
  return 0;
}
