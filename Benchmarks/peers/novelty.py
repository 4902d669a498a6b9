"""Novelty scores by pytorch-ood (and scikit-learn beneath its nearest neighbours): areas under the curve and rows a second.

  novelty.py --make FOLDER        writes the rows that both sides score: 50,000 known rows of 100 classes to fit to,
                                  50,000 to score, half of them of 50 classes that are not known, and the classes' directions
  novelty.py FOLDER --threads 1   fits and scores them

The rows to score are gone through --passes times, so that 20 passes are a million rows in the memory of 50,000. What is too
slow for that is given fewer rows, once (`SLOW`): its cost a row does not depend on their number.
"""

import argparse
import logging
import statistics
import time
from pathlib import Path

import torch
from pytorch_ood.detector import GEN, KNN, RMD, EnergyBased, Entropy, Mahalanobis, MaxLogit, MaxSoftmax
from safetensors.torch import load_file, save_file
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits
from torch.nn import functional as F

from workload import DIMENSION, LOGIT_SCALE, report

KNOWN_CLASSES, NOVEL_CLASSES, ROWS, NEIGHBOURS = 100, 50, 50_000, 50
BATCH = 2_000
# Rows scored of those in the file.
SLOW = {"novelty mahalanobis": 6_000, "novelty relative-mahalanobis": 6_000, "novelty nearest-neighbours": 10_000}


def make(folder):
    """Unit rows around class directions that share a common part, as features of real images do."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = torch.Generator().manual_seed(1)
    common = torch.randn(1, DIMENSION, generator=noise)
    directions = F.normalize(common + torch.randn(KNOWN_CLASSES + NOVEL_CLASSES, DIMENSION, generator=noise), dim=-1)
    spread = torch.linspace(0.3, 2, DIMENSION) * 3 * DIMENSION ** -0.5

    def rows(labels):
        return F.normalize(directions[labels] + spread * torch.randn(len(labels), DIMENSION, generator=noise), dim=-1)

    known = torch.arange(ROWS) % KNOWN_CLASSES
    half = ROWS // 2
    scored = torch.cat([torch.arange(half) % KNOWN_CLASSES, KNOWN_CLASSES + torch.arange(ROWS - half) % NOVEL_CLASSES])
    save_file({"image_features": rows(known), "labels": known.int()}, folder / "known.safetensors")
    # Known and novel rows alternate, so that the first ones hold as many of each.
    turns = torch.stack([torch.arange(half), half + torch.arange(half)], 1).flatten()
    scored = scored[turns]
    save_file(
        {"image_features": rows(scored), "labels": (scored >= KNOWN_CLASSES).int()}, folder / "scored.safetensors")
    save_file({"image_features": directions[:KNOWN_CLASSES].contiguous()}, folder / "classes.safetensors")


def scores(method, rows):
    return torch.cat([method(batch) for batch in rows.split(BATCH)])


@torch.no_grad()
def measure(arguments):
    known, scored = (load_file(arguments.folder / f"{name}.safetensors") for name in ("known", "scored"))
    x, y = known["image_features"], known["labels"].long()
    queries, is_novel = scored["image_features"], scored["labels"].numpy()
    logits = LOGIT_SCALE * queries @ load_file(arguments.folder / "classes.safetensors")["image_features"].T
    methods = {
        "novelty energy": (EnergyBased(None).predict_logits, logits),
        "novelty maximum-logit": (MaxLogit(None).predict_logits, logits),
        "novelty maximum-softmax-probability": (MaxSoftmax(None).predict_logits, logits),
        "novelty entropy": (Entropy(None).predict_logits, logits),
        "novelty generalized-entropy": (GEN(None).predict_logits, logits),
        "novelty mahalanobis": (Mahalanobis(None).fit_features(x, y).predict_features, queries),
        "novelty relative-mahalanobis": (RMD(None).fit_features(x, y).predict_features, queries),
    }
    neighbours = KNN(None, k=NEIGHBOURS).fit_features(x, y)
    # The package asks scikit-learn for all cores.
    neighbours.knn.set_params(n_jobs=arguments.threads)
    methods["novelty nearest-neighbours"] = (neighbours.predict_features, queries)
    clock = time.process_time if arguments.cpu_time else time.perf_counter
    for name, (method, rows) in methods.items():
        passes, repetitions = (1, 1) if name in SLOW else (arguments.passes, arguments.repetitions)
        rows = rows[: SLOW.get(name, len(rows))]
        method(rows[:BATCH])
        seconds = []
        for _ in range(repetitions):
            start = clock()
            for _ in range(passes):
                values = scores(method, rows)
            seconds.append(clock() - start)
        count, median = passes * len(rows), statistics.median(seconds)
        report(
            name, KNOWN_CLASSES, arguments.threads, median, rows=count, rows_per_second=count / median,
            implementation="pytorch-ood", value=float(roc_auc_score(is_novel[: len(rows)], values.double().numpy())),
            detail=f"{len(rows)} rows", unit="AUROC")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, nargs="?")
    options.add_argument("--make", type=Path, metavar="FOLDER")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--passes", type=int, default=20)
    options.add_argument("--repetitions", type=int, default=3)
    options.add_argument("--cpu-time", action="store_true", help="processor time, for one thread on a busy machine")
    arguments = options.parse_args()
    logging.disable(logging.WARNING)
    torch.set_num_threads(arguments.threads)
    if arguments.make:
        make(arguments.make)
    if arguments.folder:
        with threadpool_limits(arguments.threads):
            measure(arguments)


if __name__ == "__main__":
    main()
