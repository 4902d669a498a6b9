"""RAIL's primal learner as published, in PyTorch: R and the weights are updated batch by batch,

  R <- R - R P' (I + P R P')^-1 P R,  W <- W + R P' (Y - P W),

over ten tasks of ten classes, columns of zeros added for new classes. The rows are random ones of the shapes that
`credence-benchmarks ridge` learns; the time of the recursion does not depend on their values.

  ridge.py --hidden 4096 --rows 25000 --threads 2

Read from left to right, as the published code has it, the update of R holds a product of two h x h matrices; `--order best`
takes (R P')(...)(P R) instead, which costs h / batch times less.
"""

import argparse
import resource
import time

import torch
from torch.nn import functional as F

from workload import DIMENSION, report

TASKS, CLASSES = 10, 10


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hidden", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--order", choices=["published", "best"], default="published")
    parser.add_argument("--limit", type=int, help="stop after so many batches and extrapolate")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    expansion = torch.randn(arguments.hidden, DIMENSION) * (2 / arguments.hidden) ** 0.5
    inverse = torch.eye(arguments.hidden)
    weights = torch.zeros(arguments.hidden, 0)
    per_task = arguments.rows // TASKS
    batches = TASKS * (-(-per_task // arguments.batch))
    done, seconds = 0, 0.0
    for task in range(TASKS):
        rows = F.normalize(torch.randn(per_task, DIMENSION), dim=-1)
        labels = torch.arange(per_task) % CLASSES + task * CLASSES
        weights = torch.cat([weights, torch.zeros(arguments.hidden, CLASSES)], dim=1)
        for start in range(0, per_task, arguments.batch):
            if arguments.limit and done >= arguments.limit:
                break
            began = time.perf_counter()
            features = F.relu(rows[start : start + arguments.batch] @ expansion.T)
            targets = F.one_hot(labels[start : start + arguments.batch], weights.shape[1]).float()
            system = torch.eye(len(features)) + features @ (inverse @ features.T)
            if arguments.order == "published":
                inverse = inverse - inverse @ features.T @ torch.linalg.inv(system) @ features @ inverse
            else:
                gain = inverse @ features.T
                inverse.sub_(gain @ (torch.linalg.inv(system) @ gain.T))
            weights = weights + inverse @ features.T @ (targets - features @ weights)
            seconds += time.perf_counter() - began
            done += 1
    seconds *= batches / done
    report(
        name="ridge learning", threads=arguments.threads, seconds=seconds, classes=TASKS * CLASSES,
        detail=f"{arguments.hidden} hidden, {arguments.rows} rows, {arguments.order} order, {done} of {batches} batches of {arguments.batch} run",
        value=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, unit="MB at most")


if __name__ == "__main__":
    main()
