"""Log density and sampling of a million values by SciPy/NumPy and, where it can be imported, torch.distributions: the same
distributions as `credence-benchmarks distributions`, in float64.

    python3 distributions.py --threads 1 [--repetitions 5]
"""

import argparse
import json
import os
import statistics
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument('--threads', type=int, default=1)
parser.add_argument('--repetitions', type=int, default=5)
options = parser.parse_args()
for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[name] = str(options.threads)

import numpy as np  # noqa: E402
from scipy import stats  # noqa: E402

COUNT, WIDE = 1_000_000, 100_000
generator = np.random.default_rng(1)
concentration = 0.5 * np.arange(1, 11)
weights = np.array([i % 37 + 1.0 for i in range(1, 1001)])
weights /= weights.sum()
factor = generator.standard_normal((64, 64))
covariance = factor @ factor.T / 64 + np.eye(64)
mean = np.full(64, 0.5)


def report(implementation, name, what, count, work):
    work()
    times = []
    for _ in range(options.repetitions):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    seconds = statistics.median(times)
    print(json.dumps(dict(name='distributions', implementation=implementation, threads=options.threads, seconds=seconds,
                          detail='%s, %s' % (name, what), value=seconds / count * 1e9, unit='ns/value')), flush=True)


def scipy_rows():
    """NumPy's samplers, SciPy's log densities; for multivariate normals the frozen distribution's own."""
    mvn = stats.multivariate_normal(mean, covariance)
    log_weights = np.log(weights)
    return [
        ('Normal', COUNT, lambda n: generator.normal(0.5, 2, n), lambda x: stats.norm.logpdf(x, 0.5, 2)),
        ('Gamma(2.5)', COUNT, lambda n: generator.gamma(2.5, 0.5, n), lambda x: stats.gamma.logpdf(x, 2.5, scale=0.5)),
        ('Beta(2, 3)', COUNT, lambda n: generator.beta(2, 3, n), lambda x: stats.beta.logpdf(x, 2, 3)),
        ('Categorical(1000)', COUNT, lambda n: generator.choice(1000, n, p=weights), lambda x: log_weights[x]),
        ('Dirichlet(10)', COUNT, lambda n: generator.dirichlet(concentration, n),
         lambda x: stats.dirichlet.logpdf(x.T, concentration)),
        ('MultivariateNormal(64)', WIDE, lambda n: generator.multivariate_normal(mean, covariance, n, method='cholesky'),
         mvn.logpdf),
    ]


def torch_rows():
    import torch
    from torch import distributions as d
    torch.set_num_threads(options.threads)
    torch.set_default_dtype(torch.float64)
    rows = []
    for name, count, family in [
        ('Normal', COUNT, d.Normal(torch.tensor(0.5), torch.tensor(2.0))),
        ('Gamma(2.5)', COUNT, d.Gamma(torch.tensor(2.5), torch.tensor(2.0))),
        ('Beta(2, 3)', COUNT, d.Beta(torch.tensor(2.0), torch.tensor(3.0))),
        ('Categorical(1000)', COUNT, d.Categorical(probs=torch.tensor(weights))),
        ('Dirichlet(10)', COUNT, d.Dirichlet(torch.tensor(concentration))),
        ('MultivariateNormal(64)', WIDE, d.MultivariateNormal(torch.tensor(mean), torch.tensor(covariance))),
    ]:
        rows.append((name, count, lambda n, f=family: f.sample((n,)), family.log_prob))
    return rows


suites = [('SciPy', scipy_rows)]
try:
    import torch  # noqa: F401
    suites.append(('torch', torch_rows))
except ImportError:
    print('distributions.py: torch is not installed; SciPy alone', file=sys.stderr)
for implementation, make in suites:
    for name, count, sample, log_density in make():
        draws = sample(count)
        report(implementation, name, 'sampling', count, lambda: sample(count))
        report(implementation, name, 'log density', count, lambda: log_density(draws))
