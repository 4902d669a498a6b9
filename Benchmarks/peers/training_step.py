"""Median time of one training step: forward, losses, backward and plain SGD, newest heads and attention trainable."""

import torch

from clap_reference import training_step
from workload import BATCH, DIMENSION, median_seconds, model_of, parser, report, start


def main():
    options = parser(__doc__)
    options.add_argument("--classes", type=int, nargs="+", default=[10, 50, 100])
    arguments = start(options)
    images = torch.randn(BATCH, DIMENSION)
    for classes in arguments.classes:
        model, text = model_of(classes)
        model.train()
        labels = torch.randint(classes, (BATCH,))
        optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1.6e-3)
        seconds = median_seconds(
            arguments.repetitions, lambda: training_step(model, optimiser, images, labels, text))
        report("training step", classes, arguments.threads, seconds, batch=BATCH)


if __name__ == "__main__":
    main()
