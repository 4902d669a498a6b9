"""From Gaussian logits to class probabilities, and their calibration, for load_head.py; in NumPy and PyTorch."""

import json
import math

import numpy as np


def softmax(x, xp):
    x = xp.exp(x - xp.amax(x, 1)[:, None])
    return x / x.sum(1)[:, None]


def expected_softmax(mean, variance, xp=np):
    """E[softmax(z)] of independent z ~ N(mean, variance), [rows, classes].

    The softmax of z is the chance that z plus Gumbel noise is largest, so that the expectation is one integral over the
    largest value: of the density of one class times the distribution functions of the others. Both integrals, that one and
    the one that adds the Gaussian to the Gumbel noise, are sums over even steps, which converge exponentially.
    """
    deviation = variance ** 0.5
    result = []
    for m, s in zip(mean, deviation):
        m = m - m.max()
        spread = 8 * s.max().item()
        # Steps small against the Gumbel distribution's width too.
        steps = np.linspace(-8, 8, 2 * math.ceil(max(48, spread / 0.6)) + 1)
        weights = np.exp(-steps ** 2 / 2)
        weights /= weights.sum()
        at = np.arange(m.min().item() - spread - 4, spread + 40, 0.15)
        density, distribution = 0, 0
        for step, weight in zip(steps, weights):
            tail = xp.exp(-(at_tensor(at, xp, m)[:, None] - m - step * s))
            cdf = xp.exp(-tail)
            distribution = distribution + weight * cdf
            density = density + weight * cdf * tail
        log_all = xp.log(distribution + 1e-300).sum(1)
        one = (density / (distribution + 1e-300) * xp.exp(log_all)[:, None]).sum(0)
        result.append(one / one.sum())
    return xp.stack(result)


def at_tensor(values, xp, like):
    return values if xp is np else xp.as_tensor(values, dtype=like.dtype, device=like.device)


def load_calibration(tensors, metadata):
    """The name of the model's calibration and its arrays, or None."""
    attached = json.loads(metadata.get("attachments", "{}")).get("calibration")
    if attached is None:
        return None
    prefix = "calibration."
    arrays = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    return json.loads(attached)["method"], {name: (np.squeeze(value, 0) if len(value) == 1 else value).copy()
                                            for name, value in arrays.items()}


def calibrate(probabilities, method, arrays, xp=np):
    """Calibrated probabilities [rows, classes]."""
    logs = xp.log(xp.clip(probabilities, 2.0 ** -126, None))
    if method in ("temperature", "task-temperature"):
        groups = np.atleast_1d(arrays["groups"]).astype(int)
        return softmax(logs / at_tensor(np.atleast_1d(arrays["temperature"])[groups], xp, logs), xp)
    if method == "vector":
        return softmax(logs * at_tensor(np.atleast_1d(arrays["scale"]), xp, logs) + at_tensor(np.atleast_1d(arrays["bias"]), xp, logs), xp)
    if method in ("matrix", "matrix-odir"):
        return softmax(logs @ at_tensor(np.atleast_2d(arrays["weight"]), xp, logs).T + at_tensor(np.atleast_1d(arrays["bias"]), xp, logs), xp)
    if xp is not np:
        raise NotImplementedError(f"the calibration '{method}' in PyTorch: use head.torch(calibrated=False)")
    result, start = np.empty_like(logs), 0
    for k, (kind, count) in enumerate(zip(np.atleast_1d(arrays["kinds"]).astype(int), np.atleast_1d(arrays["counts"]).astype(int))):
        numbers = arrays["maps"][start:start + count]
        start += count
        others = np.delete(logs, k, axis=1)
        odds = np.clip(logs[:, k] - np.logaddexp.reduce(others, axis=1, initial=-np.inf), -700, 700)
        result[:, k] = binary_map(kind, numbers, odds)
    total = result.sum(1, keepdims=True)
    return np.where(total > 0, result / np.where(total > 0, total, 1), softmax(logs, np))


def binary_map(kind, numbers, odds):
    """One class against the rest: the calibrated probability at log odds."""
    def sigmoid(f):
        return np.exp(-np.logaddexp(0, -f))

    if kind == 0:
        return sigmoid(numbers[0] * odds + numbers[1])
    if kind == 1:
        return sigmoid(-numbers[0] * np.logaddexp(0, -odds) + numbers[1] * np.logaddexp(0, odds) + numbers[2])
    if kind == 2:
        inputs, values = np.split(numbers, 2)
        return np.interp(sigmoid(odds), inputs, values)
    return numbers[np.minimum((sigmoid(odds) * len(numbers)).astype(int), len(numbers) - 1)]
