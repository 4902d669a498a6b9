"""The published recipe of CLAP on a folder of features: the peer of `credence benchmark --method clap --recipe reference`.

Class-incremental, tasks in label order. Per task: every epoch shows the new rows and all exemplars together; then the
exemplars are chosen (the first rows of each class, an equal number per class); from the second task on all heads are
fine-tuned on them with the attention frozen. Prediction lets each test batch be its own attention memory and takes the
softmax of the mean logits. Every default is the published setting. Prints one JSON object.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from clap_reference import CLAP, TextFeatures, learning_rate, training_step

ROOT = Path(__file__).resolve().parents[2]


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "tinyimagenet100")
    parser.add_argument("--tasks", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--logit-scale", type=float, help="default: the one in text.safetensors")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--finetune-epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--beta", type=float, default=15.0)
    parser.add_argument("--base-learning-rate", type=float, default=1e-3, help="the peak is this times batch / 20")
    parser.add_argument("--memory", type=int, default=2000)
    parser.add_argument("--output", type=Path, help="default: standard output")
    return parser.parse_args()


def read(folder, device):
    train, test = load_file(folder / "train.safetensors"), load_file(folder / "test.safetensors")
    with safe_open(folder / "text.safetensors", "pt") as file:
        prompts, scale = file.get_tensor("text_features"), float(file.metadata().get("logit_scale", 100))
    rows = [(part["image_features"].float().to(device), part["labels"].long().to(device)) for part in (train, test)]
    return *rows, prompts.to(device), scale


def train(model, rows, text, epochs, batch, peak, warm_up_share, finetuning):
    """Plain SGD over `epochs` shuffles of `rows`; the last batch of an epoch may be smaller. Returns seconds per step."""
    images, labels = rows
    model.eval()
    model.vga.train(not finetuning)
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=peak)
    steps = epochs * -(-len(labels) // batch)
    step, seconds = 0, []
    for _ in range(epochs):
        for chosen in torch.randperm(len(labels), device=labels.device).split(batch):
            start = time.perf_counter()
            optimiser.param_groups[0]["lr"] = learning_rate(step, steps, peak, int(warm_up_share * steps))
            training_step(model, optimiser, images[chosen], labels[chosen], text, finetuning)
            seconds.append(time.perf_counter() - start)
            step += 1
    return seconds


def first_of_each_class(labels, classes, count):
    return torch.cat([torch.nonzero(labels == k).flatten()[:count] for k in range(classes)])


def predict(model, rows, text, batch):
    """Mean logits and labels, in batches of a random order."""
    images, labels = rows
    order = torch.randperm(len(labels), device=labels.device)
    model.eval()
    logits = torch.cat([model.predict(images[chosen], text) for chosen in order.split(batch)])
    return logits.double().cpu(), labels[order].cpu()


def calibration_error(probabilities, labels, bins=15):
    confidence, predicted = probabilities.max(1)
    correct = (predicted == labels).double()
    bin_of = (confidence * bins).long().clamp_max(bins - 1)
    gap = torch.zeros(bins, dtype=torch.double).index_add_(0, bin_of, confidence - correct)
    return (gap.abs().sum() / len(labels)).item()


def auroc(known, novel):
    """Probability that a known row scores higher than a novel one, ties counting half."""
    known, novel = np.asarray(known), np.sort(np.asarray(novel))
    below = np.searchsorted(novel, known, "left") + np.searchsorted(novel, known, "right")
    return float(below.mean() / (2 * len(novel)))


def main():
    arguments = options()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    device = torch.device(arguments.device)
    torch.set_default_device(device)
    (images, labels), (test_images, test_labels), prompts, scale = read(arguments.data, device)
    scale = arguments.logit_scale or scale
    per_task = len(prompts) // arguments.tasks
    model = CLAP(prompts.shape[-1], scale, arguments.samples, arguments.beta)
    text = TextFeatures(prompts)
    peak = arguments.base_learning_rate * arguments.batch / 20
    memory = torch.zeros(0, dtype=torch.long)
    accuracy, steps, novelty = [], [], []
    start = time.perf_counter()

    for task in range(arguments.tasks):
        known = (task + 1) * per_task
        seen = text.first(known)
        model.add_task(per_task, seen)
        model.to(device)
        new = torch.nonzero((labels >= known - per_task) & (labels < known)).flatten()
        rows = torch.cat([memory, new])
        steps += train(model, (images[rows], labels[rows]), seen, arguments.epochs, arguments.batch, peak, 0.3, False)
        memory = rows[first_of_each_class(labels[rows], known, arguments.memory // known)]
        if task > 0:
            model.thaw_for_finetuning()
            rows = images[memory], labels[memory]
            steps += train(model, rows, seen, arguments.finetune_epochs, arguments.batch, peak / 10, 0.0, True)

        line, tests = [], []
        for other in range(task + 1):
            chosen = torch.nonzero((test_labels >= other * per_task) & (test_labels < (other + 1) * per_task)).flatten()
            tests.append(predict(model, (test_images[chosen], test_labels[chosen]), seen, arguments.batch))
            line.append((tests[-1][0].argmax(1) == tests[-1][1]).double().mean().item())
        accuracy.append(line)
        logits, truth = torch.cat([t[0] for t in tests]), torch.cat([t[1] for t in tests])
        if task + 1 < arguments.tasks:
            future = torch.nonzero(test_labels >= known).flatten()
            unseen, _ = predict(model, (test_images[future], test_labels[future]), seen, arguments.batch)
            novelty.append(auroc(logits.logsumexp(1), unseen.logsumexp(1)))

    probabilities = logits.softmax(1)
    batches = [
        calibration_error(p, y) for t in tests
        for p, y in zip(t[0].softmax(1).split(arguments.batch), t[1].split(arguments.batch))]
    result = {
        "logit_scale": scale, "seed": arguments.seed, "torch": torch.__version__, "device": str(device),
        "average": float(np.mean([np.mean(row) for row in accuracy])),
        "last": float(np.mean(accuracy[-1])),
        "backward_transfer": float(np.mean([accuracy[-1][t] - accuracy[t][t] for t in range(arguments.tasks - 1)])),
        "ece_batch_average": float(np.mean(batches)),
        "ece": calibration_error(probabilities, truth),
        "nll": -logits.log_softmax(1).gather(1, truth[:, None]).mean().item(),
        "brier": (probabilities - torch.nn.functional.one_hot(truth.cpu(), known).cpu()).square().sum(1).mean().item(),
        "energy_auroc": float(np.mean(novelty)), "energy_auroc_per_task": novelty,
        "accuracy_matrix": accuracy,
        "seconds": time.perf_counter() - start, "train_step_median": float(np.median(steps)), "steps": len(steps),
    }
    report = json.dumps(result, indent=1)
    arguments.output.write_text(report + "\n") if arguments.output else print(report)


if __name__ == "__main__":
    main()
