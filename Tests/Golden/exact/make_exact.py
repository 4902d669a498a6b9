"""Distribution values in 40-digit arithmetic (20 digits for von Mises), by mpmath 1.3, from the definitions alone.

    python3 make_exact.py corrections GOLDEN/distributions [FAMILY …] > corrections.json
    python3 make_exact.py tails [FAMILY …] > tails.json

corrections.json: where a golden value of a univariate family (SciPy's, or torch's) is off by more than 2e-13 relative, the
exact one: {family: {quantity: {"row,column": value}}}. tails.json: log cdf and log survival far in the tails, for every
univariate family: {family: [{"parameters": …, "x": …, "log_cdf": …, "log_survival": …, "log_density": …}]}.
Numbers are written as the nearest double, or as "inf", "-inf", "nan".
"""

import json
import os
import struct
import sys

from mpmath import (atan, besseli, beta, betainc, cos, digamma, e, erf, erfc, euler, exp, expm1, factorial, floor,
                    gamma, gammainc, inf, isinf, isnan, loggamma, log, log1p, mp, mpf, pi, quad, sqrt)
from mpmath.libmp import NoConvergence

mp.dps = 40


def lower_gamma(a, x):
    if a < 1000:
        try:
            return gammainc(a, 0, x, regularized=True)
        except NoConvergence:
            pass
    return gamma_series(a, x)


def upper_gamma(a, x):
    if a < 1000:
        try:
            return gammainc(a, x, inf, regularized=True)
        except NoConvergence:
            pass
    return 1 - gamma_series(a, x)


def gamma_series(a, x):
    """P(a, x) by a series of positive terms (DLMF 8.7.1)."""
    term = total = mpf(1)
    n = 0
    while term > total * mpf(10) ** (-mp.dps - 5):
        n += 1
        term *= x / (a + n)
        total += term
    return exp(a * log(x) - x - loggamma(a + 1)) * total


def log_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def lower_beta(a, b, x):
    """I_x(a, b); where mpmath's own does not converge, by a series of positive terms (DLMF 8.17.8)."""
    try:
        return betainc(a, b, 0, x, regularized=True)
    except (ValueError, NoConvergence):
        pass
    if x > (a + 1) / (a + b + 2):
        return 1 - lower_beta(b, a, 1 - x)
    term = total = mpf(1)
    n = 0
    while term > total * mpf(10) ** (-mp.dps - 5):
        term *= (a + b + n) / (a + 1 + n) * x
        total += term
        n += 1
    return exp(a * log(x) + b * log(1 - x) - log_beta(a, b)) * total / a


def phi(z):
    return erfc(-z / sqrt(mpf(2))) / 2


class Family:
    """Density, tails and moments of one setting; `lower` and `upper` are P(X <= x) and P(X > x)."""

    def __init__(self, log_density, lower, upper, mean=None, variance=None, entropy=None):
        self.log_density, self.lower, self.upper = log_density, lower, upper
        self.mean, self.variance, self.entropy = mean, variance, entropy


def normal(loc, scale):
    z = lambda x: (x - loc) / scale
    return Family(lambda x: -z(x) ** 2 / 2 - log(scale) - log(2 * pi) / 2, lambda x: phi(z(x)), lambda x: phi(-z(x)), loc,
                  scale ** 2, log(2 * pi * e) / 2 + log(scale))


def log_normal(loc, scale):
    z = lambda x: (log(x) - loc) / scale
    return Family(lambda x: -z(x) ** 2 / 2 - log(x) - log(scale) - log(2 * pi) / 2,
                  lambda x: phi(z(x)) if x > 0 else mpf(0), lambda x: phi(-z(x)) if x > 0 else mpf(1),
                  exp(loc + scale ** 2 / 2), expm1(scale ** 2) * exp(2 * loc + scale ** 2),
                  loc + log(2 * pi * e) / 2 + log(scale))


def half_normal(scale):
    z = lambda x: x / scale / sqrt(mpf(2))
    return Family(lambda x: log(2 / pi) / 2 - log(scale) - z(x) ** 2, lambda x: erf(z(x)) if x > 0 else mpf(0),
                  lambda x: erfc(z(x)) if x > 0 else mpf(1), scale * sqrt(2 / pi), scale ** 2 * (1 - 2 / pi),
                  log(pi * scale ** 2 / 2) / 2 + mpf(1) / 2)


def truncated_normal(loc, scale, low, high):
    a, b = (low - loc) / scale, (high - loc) / scale
    part = lambda s, t: phi(t) - phi(s) if s + t < 0 else phi(-s) - phi(-t)
    mass = part(a, b)
    z = lambda x: (x - loc) / scale
    return Family(lambda x: -z(x) ** 2 / 2 - log(2 * pi) / 2 - log(scale) - log(mass), lambda x: part(a, z(x)) / mass,
                  lambda x: part(z(x), b) / mass)


def student_t(df, loc, scale):
    def tail(z):
        outside = lower_beta(df / 2, mpf(1) / 2, df / (df + z * z)) / 2
        return outside if z >= 0 else 1 - outside
    z = lambda x: (x - loc) / scale
    constant = loggamma((df + 1) / 2) - loggamma(df / 2) - log(df * pi) / 2 - log(scale)
    variance = scale ** 2 * df / (df - 2) if df > 2 else mpf('inf') if df > 1 else mpf('nan')
    entropy = (df + 1) / 2 * (digamma((df + 1) / 2) - digamma(df / 2)) - constant
    return Family(lambda x: constant - (df + 1) / 2 * log1p(z(x) ** 2 / df), lambda x: tail(-z(x)), lambda x: tail(z(x)),
                  loc if df > 1 else mpf('nan'), variance, entropy)


def cauchy(loc, scale):
    tail = lambda z: atan(1 / z) / pi if z > 0 else mpf(1) / 2 - atan(z) / pi
    z = lambda x: (x - loc) / scale
    return Family(lambda x: -log(pi * scale) - log1p(z(x) ** 2), lambda x: tail(-z(x)), lambda x: tail(z(x)),
                  mpf('nan'), mpf('nan'), log(4 * pi * scale))


def half_cauchy(scale):
    return Family(lambda x: log(2 / pi / scale) - log1p((x / scale) ** 2),
                  lambda x: 2 / pi * atan(x / scale) if x > 0 else mpf(0),
                  lambda x: 2 / pi * atan(scale / x) if x > 0 else mpf(1), mpf('inf'), mpf('inf'), log(2 * pi * scale))


def laplace(loc, scale):
    tail = lambda z: exp(-z) / 2 if z > 0 else 1 - exp(z) / 2
    z = lambda x: (x - loc) / scale
    return Family(lambda x: -abs(z(x)) - log(2 * scale), lambda x: tail(-z(x)), lambda x: tail(z(x)), loc, 2 * scale ** 2,
                  1 + log(2 * scale))


def logistic(loc, scale):
    z = lambda x: (x - loc) / scale
    return Family(lambda x: -z(x) - 2 * log1p(exp(-z(x))) - log(scale), lambda x: 1 / (1 + exp(-z(x))),
                  lambda x: 1 / (1 + exp(z(x))), loc, pi ** 2 / 3 * scale ** 2, log(scale) + 2)


def gumbel(loc, scale):
    z = lambda x: (x - loc) / scale
    return Family(lambda x: -z(x) - exp(-z(x)) - log(scale), lambda x: exp(-exp(-z(x))), lambda x: -expm1(-exp(-z(x))),
                  loc + euler * scale, pi ** 2 / 6 * scale ** 2, log(scale) + euler + 1)


def weibull(scale, concentration):
    k = concentration
    t = lambda x: (x / scale) ** k
    return Family(lambda x: log(k / scale) + ((k - 1) * log(x / scale) if k != 1 else 0) - t(x),
                  lambda x: -expm1(-t(x)) if x > 0 else mpf(0), lambda x: exp(-t(x)) if x > 0 else mpf(1),
                  scale * gamma(1 + 1 / k), scale ** 2 * (gamma(1 + 2 / k) - gamma(1 + 1 / k) ** 2),
                  euler * (1 - 1 / k) + log(scale / k) + 1)


def exponential(rate):
    return Family(lambda x: log(rate) - rate * x, lambda x: -expm1(-rate * x) if x > 0 else mpf(0),
                  lambda x: exp(-rate * x) if x > 0 else mpf(1), 1 / rate, 1 / rate ** 2, 1 - log(rate))


def rayleigh(scale):
    t = lambda x: (x / scale) ** 2 / 2
    return Family(lambda x: log(x / scale ** 2) - t(x), lambda x: -expm1(-t(x)), lambda x: exp(-t(x)))


def gamma_family(concentration, rate):
    a = concentration
    return Family(lambda x: a * log(rate) + ((a - 1) * log(x) if a != 1 else 0) - rate * x - loggamma(a),
                  lambda x: lower_gamma(a, rate * x) if x > 0 else mpf(0),
                  lambda x: upper_gamma(a, rate * x) if x > 0 else mpf(1), a / rate, a / rate ** 2,
                  a - log(rate) + loggamma(a) + (1 - a) * digamma(a))


def chi_squared(df):
    return gamma_family(df / 2, mpf(1) / 2)


def inverse_gamma(concentration, rate):
    a = concentration
    return Family(lambda x: a * log(rate) - (a + 1) * log(x) - rate / x - loggamma(a),
                  lambda x: upper_gamma(a, rate / x) if x > 0 else mpf(0),
                  lambda x: lower_gamma(a, rate / x) if x > 0 else mpf(1),
                  rate / (a - 1) if a > 1 else mpf('inf'),
                  rate ** 2 / (a - 1) ** 2 / (a - 2) if a > 2 else mpf('inf'),
                  a + log(rate) + loggamma(a) - (1 + a) * digamma(a))


def beta_family(concentration1, concentration0):
    a, b = concentration1, concentration0
    n = a + b

    def log_density(x):
        first = (a - 1) * log(x) if a != 1 else 0
        return first + ((b - 1) * log1p(-x) if b != 1 else 0) - log_beta(a, b)

    def upper(x):
        if not 0 < x < 1:
            return mpf(1 if x <= 0 else 0)
        lower = lower_beta(a, b, x)
        return 1 - lower if lower < 1 - mpf(10) ** -20 else lower_beta(b, a, 1 - x)
    return Family(log_density, lambda x: lower_beta(a, b, x) if 0 < x < 1 else mpf(0 if x <= 0 else 1), upper, a / n,
                  a * b / n ** 2 / (n + 1),
                  log_beta(a, b) - (a - 1) * digamma(a) - (b - 1) * digamma(b) + (n - 2) * digamma(n))


def fisher_f(df1, df2):
    a, b = df1 / 2, df2 / 2
    return Family(lambda x: a * log(df1 * x) + b * log(df2) - (a + b) * log(df1 * x + df2) - log(x) - log_beta(a, b),
                  lambda x: lower_beta(a, b, df1 * x / (df1 * x + df2)),
                  lambda x: lower_beta(b, a, df2 / (df1 * x + df2)))


def kumaraswamy(concentration1, concentration0):
    a, b = concentration1, concentration0
    moment = lambda n: b * beta(1 + n / a, b)

    def log_density(x):
        return log(a * b) + ((a - 1) * log(x) if a != 1 else 0) + ((b - 1) * log(1 - x ** a) if b != 1 else 0)
    return Family(log_density, lambda x: 1 - (1 - x ** a) ** b if 0 < x < 1 else mpf(0 if x <= 0 else 1),
                  lambda x: (1 - x ** a) ** b if 0 < x < 1 else mpf(1 if x <= 0 else 0), moment(1),
                  moment(2) - moment(1) ** 2, (1 - 1 / b) + (1 - 1 / a) * (digamma(b + 1) + euler) - log(a * b))


def uniform(low, high):
    width = high - low
    clip = lambda t: min(mpf(1), max(mpf(0), t))
    return Family(lambda x: -log(width), lambda x: clip((x - low) / width), lambda x: clip((high - x) / width),
                  (low + high) / 2, width ** 2 / 12, log(width))


def pareto(scale, alpha):
    t = lambda x: alpha * log(x / scale)
    return Family(lambda x: log(alpha / x) - t(x), lambda x: -expm1(-t(x)) if x > scale else mpf(0),
                  lambda x: exp(-t(x)) if x > scale else mpf(1), alpha * scale / (alpha - 1) if alpha > 1 else mpf('inf'),
                  scale ** 2 * alpha / (alpha - 1) ** 2 / (alpha - 2) if alpha > 2 else mpf('inf'),
                  log(scale / alpha) + 1 + 1 / alpha)


def von_mises(loc, concentration):
    k = concentration
    density = lambda t: exp(k * cos(t)) / (2 * pi * besseli(0, k))

    def tail(t):  # P(T > t), t >= 0
        if t >= mpf(float(pi)):
            return mpf(0)
        # Relative to the density at t: the quadrature's tolerance is absolute.
        width = min(pi - t, 2 / sqrt(k))
        points = [t + width * mpf(i) / 8 for i in range(9)] + [t + width * m for m in (2, 4, 8, 16, 32)]
        points = [p for p in points if p < pi] + [pi]
        return density(t) * quad(lambda s: exp(k * (cos(s) - cos(t))), points)

    def upper(x):
        t = x - loc
        return tail(t) if t >= 0 else 1 - tail(-t)
    variance = 2 * quad(lambda t: t * t * density(t), [0] + [p for p in (1 / sqrt(k), 4 / sqrt(k), 12 / sqrt(k)) if p < pi] + [pi])
    ratio = besseli(1, k) / besseli(0, k)
    return Family(lambda x: k * cos(x - loc) - log(2 * pi * besseli(0, k)), lambda x: upper(2 * loc - x), upper, loc,
                  variance, log(2 * pi * besseli(0, k)) - k * ratio)


def continuous_bernoulli(probs):
    eta = log(probs / (1 - probs))
    return Family(lambda x: log(eta / expm1(eta)) + eta * x, lambda x: expm1(eta * x) / expm1(eta),
                  lambda x: (exp(eta) - exp(eta * x)) / expm1(eta))


def entropy_of(log_mass, first, last):
    total = mpf(0)
    for k in range(int(first), int(last) + 1):
        term = log_mass(mpf(k))
        if not isinf(term):
            total -= exp(term) * term
    return total


def bernoulli(probs):
    return binomial(mpf(1), probs)


def binomial(total_count, probs):
    n, p = total_count, probs

    def log_mass(k):
        return log(factorial(n)) - log(factorial(k)) - log(factorial(n - k)) + k * log(p) + (n - k) * log1p(-p)
    upper = lambda k: mpf(1) if k < 0 else mpf(0) if k >= n else lower_beta(k + 1, n - k, p)
    lower = lambda k: mpf(0) if k < 0 else mpf(1) if k >= n else lower_beta(n - k, k + 1, 1 - p)
    return Family(log_mass, lower, upper, n * p, n * p * (1 - p), lambda: entropy_of(log_mass, 0, n))


def geometric(probs):
    t = lambda k: (k + 1) * log1p(-probs)
    return Family(lambda k: log(probs) + k * log1p(-probs), lambda k: -expm1(t(k)) if k >= 0 else mpf(0),
                  lambda k: exp(t(k)) if k >= 0 else mpf(1), (1 - probs) / probs, (1 - probs) / probs ** 2,
                  lambda: -((1 - probs) * log1p(-probs) + probs * log(probs)) / probs)


def negative_binomial(total_count, probs):
    r, p = total_count, probs
    log_mass = lambda k: loggamma(k + r) - loggamma(r) - loggamma(k + 1) + k * log(p) + r * log1p(-p)
    mean, sd = r * p / (1 - p), sqrt(r * p) / (1 - p)
    return Family(log_mass, lambda k: lower_beta(r, k + 1, 1 - p) if k >= 0 else mpf(0),
                  lambda k: lower_beta(k + 1, r, p) if k >= 0 else mpf(1), mean, sd ** 2,
                  lambda: entropy_of(log_mass, 0, mean + 60 * sd + 60))


def poisson(rate):
    log_mass = lambda k: k * log(rate) - rate - loggamma(k + 1)
    sd = sqrt(rate)
    return Family(log_mass, lambda k: upper_gamma(k + 1, rate) if k >= 0 else mpf(0),
                  lambda k: lower_gamma(k + 1, rate) if k >= 0 else mpf(1), rate, rate,
                  lambda: entropy_of(log_mass, max(0, floor(rate - 14 * sd)), rate + 14 * sd + 40))


FAMILIES = dict(
    normal=normal, log_normal=log_normal, half_normal=half_normal, student_t=student_t, cauchy=cauchy,
    half_cauchy=half_cauchy, laplace=laplace, gumbel=gumbel, weibull=weibull, exponential=exponential, gamma=gamma_family,
    inverse_gamma=inverse_gamma, beta=beta_family, kumaraswamy=kumaraswamy, uniform=uniform, pareto=pareto,
    von_mises=von_mises, bernoulli=bernoulli, binomial=binomial, geometric=geometric, negative_binomial=negative_binomial,
    poisson=poisson, truncated_normal=truncated_normal, logistic=logistic, rayleigh=rayleigh, chi_squared=chi_squared,
    fisher_f=fisher_f, continuous_bernoulli=continuous_bernoulli)


def load(path):
    data = open(path, 'rb').read()
    size = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + size])
    metadata = json.loads(header.pop('__metadata__')['json'])
    tensors = {}
    for name, entry in header.items():
        begin, end = entry['data_offsets']
        code = {'F64': 'd', 'I32': 'i', 'I64': 'q', 'F32': 'f'}[entry['dtype']]
        raw = data[8 + size + begin:8 + size + end]
        values = list(struct.unpack('<%d%s' % (len(raw) // struct.calcsize(code), code), raw))
        tensors[name] = (entry['shape'], values)
    return tensors, metadata


def number(value):
    if isnan(value):
        return 'nan'
    return ('inf' if value > 0 else '-inf') if isinf(value) or isinf(float(value)) else float(value)


def differs(found, exact, scale=0):
    if isnan(exact):
        return found == found
    if isinf(exact):
        return found != float(exact)
    if found != found or found in (float('inf'), float('-inf')):
        return True
    return abs(mpf(found) - exact) > mpf('2e-13') * max(abs(exact), scale, mpf('1e-300'))


def corrections(folder, only):
    result = {}
    for name, make in FAMILIES.items():
        if only and name not in only:
            continue
        path = os.path.join(folder, name + '.safetensors')
        if not os.path.exists(path):
            continue
        tensors, metadata = load(path)
        source = 'scipy' if 'scipy.log_prob' in tensors else 'torch'
        discrete = metadata.get('discrete', False)
        columns = [tensors['in.' + p][1] for p in metadata['parameters']]
        points = tensors['in.x'][0][1]
        found = {}

        mp.dps = 20 if name == 'von_mises' else 90 if name in ('gamma', 'inverse_gamma', 'poisson') else 40

        def note(quantity, row, column, golden, exact, scale=0):
            if differs(golden, exact, scale):
                found.setdefault(quantity, {})['%d,%d' % (row, column)] = number(exact)
        for row, setting in enumerate(zip(*columns)):
            family = make(*[mpf(v) for v in setting])
            inside = tensors.get('in.in_support', (None, [1] * 10 ** 6))[1]
            for column in range(points):
                at = row * points + column
                x = mpf(tensors['in.x'][1][at])
                if inside[at] and not (name == 'kumaraswamy' and not 0 < x < 1):
                    try:
                        exact = family.log_density(x)
                        if not isnan(exact):
                            note('log_prob', row, column, tensors[source + '.log_prob'][1][at], exact, 1)
                    except (ZeroDivisionError, ValueError):
                        pass
                if name == 'von_mises' and not inside[at]:
                    continue
                for key, function in (('cdf', family.lower), ('sf', family.upper)):
                    if source + '.' + key in tensors and inside[at]:
                        note(key, row, column, tensors[source + '.' + key][1][at], function(x))
            if not discrete:
                for column, q in enumerate(tensors['in.q'][1]):
                    golden = tensors[source + '.icdf'][1][row * len(tensors['in.q'][1]) + column]
                    exact = quantile(family, mpf(q), mpf(golden))
                    if exact is not None:
                        note('icdf', row, column, golden, exact)
            for key, value in (('mean', family.mean), ('variance', family.variance), ('entropy', family.entropy)):
                exact = value() if callable(value) else value
                note(key, row, 0, tensors[source + '.' + key][1][row], exact, 1 if key == 'entropy' and not discrete else 0)
        if found:
            result[name] = found
        print(name, {k: len(v) for k, v in found.items()}, file=sys.stderr, flush=True)
    print(json.dumps(result, sort_keys=True))


def quantile(family, p, x):
    """Newton's method from the golden value; None where it does not converge (x at an end of the support)."""
    try:
        for _ in range(30):
            difference = family.lower(x) - p if p < 0.5 else (1 - p) - family.upper(x)
            step = difference / exp(family.log_density(x))
            x -= step
            if abs(step) < mpf(10) ** -17 * abs(x):
                return x
    except (ZeroDivisionError, ValueError, TypeError):
        pass
    return None


TAILS = dict(
    normal=([0, 1], [-40, -200, -8.5, 8.5, 40, 1e5]), log_normal=([0.5, 2], [1e-60, 1e-20, 1e20, 1e60]),
    half_normal=([2], [1e-12, 1e-3, 30, 200]), student_t=([3, 0, 1], [-1e30, -50, 50, 1e100]),
    cauchy=([1, 2], [-1e100, -1e10, 1e10, 1e100]), half_cauchy=([2], [1e-100, 1e-10, 1e10, 1e100]),
    laplace=([0, 1], [-800, -40, 40, 800]), logistic=([1, 2], [-2000, -60, 60, 2000]),
    gumbel=([0, 1], [-6.5, -4, 50, 800]), weibull=([2, 1.5], [1e-100, 1e-8, 100, 500]),
    exponential=([2], [1e-100, 1e-8, 30, 1000]), rayleigh=([2], [1e-100, 1e-8, 50, 200]),
    gamma=([2.5, 2], [1e-100, 1e-10, 100, 1000]), chi_squared=([7], [1e-80, 1e-10, 300, 3000]),
    inverse_gamma=([3, 2], [0.001, 0.01, 1e10, 1e80]), beta=([3, 40], [1e-100, 1e-10, 0.9, 0.99999]),
    fisher_f=([5, 12], [1e-80, 1e-10, 1e3, 1e40]), kumaraswamy=([2, 5], [1e-100, 1e-10, 0.99, 0.9999999999]),
    pareto=([1, 3], [1.0000001, 1.5, 1e10, 1e100]), von_mises=([0, 800], [-3.1, -2, 2, 3.1]),
    continuous_bernoulli=([0.001], [1e-100, 1e-10, 0.99, 0.9999999]),
    truncated_normal=([0, 1, 30, 32], [30.000001, 30.1, 31, 31.999]), binomial=([1000, 0.3], [0, 20, 700, 990]),
    geometric=([0.2], [0, 10, 1000, 10000]), negative_binomial=([6, 0.4], [0, 1, 200, 2000]),
    poisson=([1000], [0, 100, 3000, 20000]),
)
# Settings where one tail or the other is hard: large and small shapes.
MORE = [
    ('gamma', [1e6, 1], [97e4, 995000, 1000000, 1005000, 103e4]), ('gamma', [1e-6, 1], [1e-200, 1e-3, 1, 5]),
    ('gamma', [0.3, 1], [1e-10, 0.5, 1.2, 1.4, 3]), ('gamma', [5e4, 1], [45000, 49999, 50001, 56000]),
    ('beta', [1e-6, 3], [1e-200, 1e-3, 0.5, 0.99]), ('beta', [5000, 1e4], [0.25, 0.333, 0.334, 0.4]),
    ('beta', [0.2, 0.3], [1e-50, 0.1, 0.5, 0.9]), ('student_t', [1e6, 0, 1], [-30, -5, 5, 30]),
    ('student_t', [0.1, 0, 1], [-1e200, -1, 1e-5, 1e200]), ('fisher_f', [200, 1e4], [0.5, 0.9, 1.1, 2]),
    ('poisson', [1e7], [9960000, 9999999, 10000001, 10040000]), ('negative_binomial', [0.01, 0.99], [0, 1, 10, 2000]),
    ('binomial', [1000000, 1e-5], [0, 5, 15, 60]), ('truncated_normal', [2, 0.5, -3, 2.5], [-2.9, 0, 2, 2.4999]),
    ('truncated_normal', [0, 1, 100, 1e4], [100.001, 100.1, 101]), ('von_mises', [0, 0.5], [-3.14, -1, 1, 3.14]),
]


def tails(only):
    mp.dps = 60
    result = {}
    settings = [(name, parameters, points) for name, (parameters, points) in TAILS.items()] + MORE
    for name, parameters, points in settings:
        if only and name not in only:
            continue
        family = FAMILIES[name](*[mpf(v) for v in parameters])
        for x in points:
            mp.dps = 25 if name == 'von_mises' else 60
            while True:
                family = FAMILIES[name](*[mpf(v) for v in parameters])
                lower, upper = family.lower(mpf(x)), family.upper(mpf(x))
                # A tail made as 1 − the other needs that many digits more; von Mises tails are integrals of their own.
                if name == 'von_mises' or min(lower, upper) > mpf(10) ** (25 - mp.dps) or mp.dps > 1000:
                    break
                mp.dps *= 2
            result.setdefault(name, []).append(dict(
                parameters=parameters, x=x, log_density=number(family.log_density(mpf(x))),
                log_cdf=number(log(lower) if lower > 0 else -inf), log_survival=number(log(upper) if upper > 0 else -inf)))
        print(name, file=sys.stderr, flush=True)
    print(json.dumps(result, sort_keys=True))


if __name__ == '__main__':
    corrections(sys.argv[2], sys.argv[3:]) if sys.argv[1] == 'corrections' else tails(sys.argv[2:])
