"""Prediction at 100 classes: the published way, and sampling from class posteriors that are given."""

import torch

from workload import BATCH, DIMENSION, SAMPLES, median_seconds, model_of, parser, report, start

CLASSES = 100


def with_attention(arguments):
    """Every batch of 32 is its own attention memory; 20 samples; softmax of the mean logits."""
    model, text = model_of(CLASSES)
    model.eval()
    rows = arguments.attention_rows
    images = torch.randn(rows, DIMENSION)

    def work():
        return [model.predict(batch, text).softmax(-1) for batch in images.split(BATCH)]

    seconds = median_seconds(max(1, arguments.repetitions // 3), work, warm_up=1)
    report("prediction with attention", CLASSES, arguments.threads, seconds, rows=rows, rows_per_second=rows / seconds)


@torch.no_grad()
def from_posteriors(arguments):
    """Mean and standard deviation of every class vector are given: draw 20, logits of all rows, mean of the softmax."""
    rows = arguments.rows
    images = torch.nn.functional.normalize(torch.randn(rows, DIMENSION), dim=-1)
    mean, deviation = torch.randn(CLASSES, DIMENSION), torch.rand(CLASSES, DIMENSION)

    def work():
        vectors = mean + deviation * torch.randn(SAMPLES, CLASSES, DIMENSION)
        logits = images @ (22.25 * vectors).flatten(0, 1).T
        return logits.view(rows, SAMPLES, CLASSES).softmax(-1).mean(1)

    seconds = median_seconds(max(1, arguments.repetitions // 3), work, warm_up=1)
    report("prediction from posteriors", CLASSES, arguments.threads, seconds, rows=rows, rows_per_second=rows / seconds)


def main():
    options = parser(__doc__)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--attention-rows", type=int, default=640, help="fewer: this way is slow")
    arguments = start(options)
    with_attention(arguments)
    from_posteriors(arguments)


if __name__ == "__main__":
    main()
