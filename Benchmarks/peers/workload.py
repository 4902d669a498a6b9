"""What both sides of a comparison share: sizes, the model of a given number of tasks, timing and output."""

import argparse
import json
import statistics
import time

import torch
from torch.nn import functional as F

from clap_reference import CLAP, TextFeatures

DIMENSION, BATCH, SAMPLES, CLASSES_PER_TASK, PROMPTS = 512, 32, 20, 10, 8
LOGIT_SCALE = 22.25


def parser(description):
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--repetitions", type=int, default=15, help="the median of these is reported")
    return options


def start(options):
    arguments = options.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    return arguments


def model_of(classes):
    """A model of classes / 10 tasks, the newest trainable, on random prompts: 8 noisy copies of one direction a class."""
    centres = F.normalize(torch.randn(classes, 1, DIMENSION), dim=-1)
    text = TextFeatures(centres + 0.5 * DIMENSION ** -0.5 * torch.randn(classes, PROMPTS, DIMENSION))
    model = CLAP(DIMENSION, LOGIT_SCALE, SAMPLES)
    for task in range(classes // CLASSES_PER_TASK):
        model.add_task(CLASSES_PER_TASK, text.first((task + 1) * CLASSES_PER_TASK))
    return model, text


def median_seconds(repetitions, work, warm_up=3):
    for _ in range(warm_up):
        work()
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def report(name, classes, threads, seconds, **more):
    """One line of JSON per measurement; the Swift side prints the same fields."""
    line = {"name": name, "implementation": "PyTorch", "classes": classes, "threads": threads, "seconds": seconds}
    print(json.dumps({**line, **more}), flush=True)
