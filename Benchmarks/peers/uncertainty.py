"""From a memory-mapped F16 file of rows to probabilities of 100 classes and all measures of uncertainty, by 20 samples.

Class vectors are Gaussian with given mean and standard deviation. They are drawn once for all rows, or anew for every
batch of rows, as a module does that draws when it is called.
"""

import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from workload import DIMENSION, LOGIT_SCALE, SAMPLES, median_seconds, parser, report, start

CLASSES = 100


def columns(logits):
    """Logits [samples, rows, classes] to one value a row of each measure."""
    log_probabilities = logits.log_softmax(-1)
    each = log_probabilities.exp()
    probabilities = each.mean(0)
    total = -(probabilities * probabilities.clamp_min(1e-38).log()).sum(-1)
    expected = -(each * log_probabilities).sum(-1).mean(0)
    best = probabilities.topk(2, -1)
    variance = logits.var(0).gather(-1, best.indices[:, :1])
    energy = -logits.mean(0).logsumexp(-1)
    return probabilities, best.indices[:, 0], best.values[:, 0] - best.values[:, 1], total, expected, total - expected, variance, energy


@torch.no_grad()
def measure(arguments, rows, batch, once):
    mean, deviation = torch.randn(CLASSES, DIMENSION), torch.rand(CLASSES, DIMENSION) * 0.15

    def draw():
        return (LOGIT_SCALE * (mean + deviation * torch.randn(SAMPLES, CLASSES, DIMENSION))).flatten(0, 1).T

    def work():
        vectors = draw()
        for first in range(0, len(rows), batch):
            x = F.normalize(torch.from_numpy(rows[first:first + batch]).float(), dim=-1)
            logits = (x @ (vectors if once else draw())).view(len(x), SAMPLES, CLASSES).transpose(0, 1)
            columns(logits)

    return median_seconds(max(1, arguments.repetitions // 5), work, warm_up=1)


def main():
    options = parser(__doc__)
    options.add_argument("--rows", type=int, default=20_000)
    arguments = start(options)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npy"
        np.save(path, np.random.default_rng(0).standard_normal((arguments.rows, DIMENSION)).astype(np.float16))
        rows = np.load(path, mmap_mode="c")
        # 256 is the fastest of 32, 256 and 2048 where vectors are drawn once, 2048 where they are drawn for each batch.
        for once, batch, name in [
            (True, 256, "drawn once"), (False, 2048, "drawn for each 2048"), (False, 32, "drawn for each 32"),
        ]:
            seconds = measure(arguments, rows, batch, once)
            report(
                f"rows to all columns, {name}", CLASSES, arguments.threads, seconds, rows=arguments.rows, batch=batch,
                rows_per_second=arguments.rows / seconds)


if __name__ == "__main__":
    main()
