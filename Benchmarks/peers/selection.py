"""Exemplar selection by NumPy, scikit-learn and apricot: which rows, and how long a class takes.

  selection.py --make FILE          writes the rows that both sides choose from: 10 classes of 5,000 rows, D = 512
  selection.py FILE --threads 1     chooses 20 rows of each class

Herding three ways: iCaRL's definition row by row in Python, the same vectorised, and as one matrix-vector product a step.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.cluster import kmeans_plusplus
from threadpoolctl import threadpool_limits

from workload import DIMENSION, report

CLASSES, ROWS, COUNT = 10, 5_000, 20


def make(path):
    """Unit rows around class directions that share a common part, as features of real images do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(1)
    common = noise.standard_normal((1, DIMENSION), np.float32)
    directions = common + noise.standard_normal((CLASSES, DIMENSION), np.float32)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    labels = np.repeat(np.arange(CLASSES, dtype=np.int32), ROWS)
    spread = np.linspace(0.3, 2, DIMENSION, dtype=np.float32) * 1.5 * DIMENSION ** -0.5
    rows = directions[labels] + spread * noise.standard_normal((len(labels), DIMENSION), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    save_file({"image_features": rows, "labels": labels}, path)


def centre(rows):
    mean = rows.mean(0)
    return mean / np.linalg.norm(mean)


def herding_loop(rows, count=COUNT):
    target, total, chosen = centre(rows), np.zeros(DIMENSION, np.float32), []
    for step in range(1, count + 1):
        best, place = np.inf, -1
        for row in range(len(rows)):
            if row in chosen:
                continue
            distance = np.linalg.norm(target - (total + rows[row]) / step)
            if distance < best:
                best, place = distance, row
        chosen.append(place)
        total += rows[place]
    return chosen


def herding_vectorised(rows, count=COUNT):
    target, total, chosen = centre(rows), np.zeros(DIMENSION, np.float32), []
    for step in range(1, count + 1):
        distances = np.linalg.norm(target - (total + rows) / step, axis=1)
        distances[chosen] = np.inf
        chosen.append(int(distances.argmin()))
        total += rows[chosen[-1]]
    return chosen


def herding_product(rows, count=COUNT):
    target, total, chosen = centre(rows), np.zeros(DIMENSION, np.float32), []
    for step in range(1, count + 1):
        scores = rows @ (step * target - total)
        scores[chosen] = -np.inf
        chosen.append(int(scores.argmax()))
        total += rows[chosen[-1]]
    return chosen


def k_center(rows, count=COUNT):
    nearest, chosen = np.full(len(rows), np.inf, np.float32), [0]
    while True:
        nearest = np.minimum(nearest, ((rows - rows[chosen[-1]]) ** 2).sum(1))
        if len(chosen) == count:
            return chosen
        chosen.append(int(nearest.argmax()))


def k_means_plus_plus(rows, count=COUNT):
    return kmeans_plusplus(rows, count, random_state=1)[1].tolist()


def facility_location(rows, count=COUNT):
    from apricot import FacilityLocationSelection

    squares = (rows ** 2).sum(1)
    similarity = np.exp(-np.maximum(squares[:, None] + squares - 2 * rows @ rows.T, 0) / (2 * DIMENSION))
    return FacilityLocationSelection(count, metric="precomputed", optimizer="lazy").fit(similarity).ranking.tolist()


METHODS = {
    "herding, loop": (herding_loop, 1), "herding, vectorised": (herding_vectorised, CLASSES),
    "herding, product": (herding_product, CLASSES), "k-center": (k_center, CLASSES),
    "k-means++": (k_means_plus_plus, CLASSES), "facility-location": (facility_location, 1),
}


def measure(arguments):
    data = load_file(arguments.rows)
    classes = [data["image_features"][data["labels"] == label] for label in range(CLASSES)]
    for name, (method, count) in METHODS.items():
        try:
            method(classes[0][:100], 2)
        except ImportError:
            continue
        seconds = []
        for _ in range(1 if count == 1 else 3):
            start = time.perf_counter()
            chosen = [method(rows) for rows in classes[:count]]
            seconds.append((time.perf_counter() - start) / count)
        report(
            "selection " + name, CLASSES, arguments.threads, statistics.median(seconds), implementation="peer",
            chosen=chosen[0])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("rows", type=Path, nargs="?")
    options.add_argument("--make", type=Path, metavar="FILE")
    options.add_argument("--threads", type=int, default=1)
    arguments = options.parse_args()
    if arguments.make:
        make(arguments.make)
    if arguments.rows:
        with threadpool_limits(arguments.threads):
            measure(arguments)


if __name__ == "__main__":
    main()
