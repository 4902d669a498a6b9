"""Effective draws a second of NUTS in NumPyro: the peer of `Benchmarks/run samplers`.

Needs NumPyro and ArviZ, which `setup-samplers.sh` installs.

Four chains of 1000 warm-up iterations and 1000 draws in double precision; the whole run is timed but for compilation,
which a first run takes. The smallest bulk effective sample size of any parameter counts. Chains run one after another
or vectorised on one thread, whichever is faster, and at the same time on two."""

import argparse
import json
import os
import pathlib
import statistics
import time


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--model", choices=["eight schools", "logistic regression"], help="one of the two")
    return parser.parse_args()


def main():
    arguments = options()
    os.sched_setaffinity(0, list(os.sched_getaffinity(0))[: arguments.threads])
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false --xla_force_host_platform_device_count=4"
    import arviz
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from safetensors.numpy import load_file

    numpyro.enable_x64()
    effects = jnp.array([28.0, 8, -3, 7, -1, 1, 18, 12])
    errors = jnp.array([15.0, 10, 16, 11, 9, 11, 10, 18])
    root = pathlib.Path(__file__).resolve().parents[2]
    data = load_file(root / "Tests/Golden/mcmc/logistic_regression.safetensors")
    x, y = jnp.array(data["in.x"]), jnp.array(data["in.y"])

    def eight_schools():
        mu = numpyro.sample("mu", dist.Normal(0, 5))
        tau = numpyro.sample("tau", dist.HalfCauchy(5))
        t = numpyro.sample("t", dist.Normal(0, 1).expand([8]))
        numpyro.sample("y", dist.Normal(mu + tau * t, errors), obs=effects)

    def logistic_regression():
        w = numpyro.sample("w", dist.Normal(0, 2.5).expand([4]))
        b = numpyro.sample("b", dist.Normal(0, 10))
        numpyro.sample("y", dist.Bernoulli(logits=x @ w + b), obs=y)

    for name, model in [("eight schools", eight_schools), ("logistic regression", logistic_regression)]:
        if arguments.model not in (None, name):
            continue
        best = None
        for method in ["sequential", "vectorized"] if arguments.threads == 1 else ["parallel"]:
            mcmc = numpyro.infer.MCMC(
                numpyro.infer.NUTS(model), num_warmup=1000, num_samples=1000, num_chains=4, chain_method=method,
                progress_bar=False)
            mcmc.run(jax.random.PRNGKey(0))
            seconds, sizes = [], []
            for repetition in range(arguments.repetitions):
                start = time.perf_counter()
                mcmc.run(jax.random.PRNGKey(repetition + 1))
                draws = jax.block_until_ready(mcmc.get_samples(group_by_chain=True))
                seconds.append(time.perf_counter() - start)
                ess = arviz.ess(arviz.convert_to_dataset({k: jax.device_get(v) for k, v in draws.items()}))
                sizes.append(min(float(ess[k].min()) for k in ess))
            rate = statistics.median(sizes) / statistics.median(seconds)
            if best is None or rate > best[0]:
                best = (rate, statistics.median(seconds), method)
        print(json.dumps({
            "name": "NUTS", "implementation": "NumPyro", "detail": f"{name}, {best[2]}", "threads": arguments.threads,
            "seconds": best[1], "value": best[0], "unit": "effective draws/s"}), flush=True)


if __name__ == "__main__":
    main()
