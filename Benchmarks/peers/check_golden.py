"""Checks `clap_reference.py` against golden values: forward, losses, gradients and SGD runs. Exit status 1 on a miss."""

import json
import os
import sys
from pathlib import Path

import torch
from safetensors import safe_open

from clap_reference import CLAP, TextFeatures, learning_rate, training_step

ROOT = Path(__file__).resolve().parents[2]
CASES = [
    "a_first_task_d16", "b_third_task_d16", "c_third_task_lasp_d16", "c_third_task_lasp_d64", "d_finetune_lasp_d16",
    "s_sgd20_first_task_d16", "s_sgd20_third_task_d16", "s_sgd10_finetune_d16",
]


def read(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["json"])


def build(tensors, case, prefix):
    model = CLAP(
        case["embed_dim"], tensors["in.log_logit_scale"].exp().item(), case["samples"],
        beta=case["beta"] if case["lasp"] else 0.0, dropout=0.0)
    text = TextFeatures(tensors["in.text_prompt_features"])
    for t, classes in enumerate(case["classes_per_task"]):
        model.add_task(classes, text.first(sum(case["classes_per_task"][: t + 1])))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(tensors[prefix + golden_name(name)])
    if case["finetuning"]:
        model.thaw_for_finetuning()
    return model, text


def golden_name(name):
    return name.replace(".weight", ".fc.0.weight").replace(".bias", ".fc.0.bias") if "adapters" in name else name


def error(value, expected, rounding=0.0):
    """Largest difference relative to the tensor's largest entry; 0 within `rounding`, the float32 error of the golden run.

    The gradient of the first task's mean bias needs it: a bias common to all classes leaves the softmax unchanged, so
    what remains is the difference of large terms.
    """
    difference = (value - expected).abs().max()
    return 0.0 if difference <= rounding else (difference / expected.abs().max().clamp_min(1e-12)).item()


def check_gradients(tensors, case):
    model, text = build(tensors, case, "param.")
    noise = [tensors[f"noise.task{t}"] for t in range(len(case["classes_per_task"]))]
    images, labels = tensors["in.image_features"], tensors["in.labels"].long()
    logits, _, _ = model(images, text, noise)
    losses = model.losses(images, labels, text, case["finetuning"], noise)
    total = sum(losses)
    total.backward()
    trainable = sorted(golden_name(name) for name, p in model.named_parameters() if p.requires_grad)
    assert trainable == sorted(case["trainable"]), f"trainable parameters differ: {trainable}"
    rounding = case["float32_reference_max_abs_error"]["grad"]
    gradients = max(
        error(p.grad, tensors["grad." + golden_name(name)], rounding)
        for name, p in model.named_parameters() if p.requires_grad)
    named = zip(["cross_entropy", "text_regulariser", "prior_matching", "total"], [*losses, total])
    return {
        "logits": error(logits, tensors["out.logits"]),
        "losses": max(error(value, tensors["out." + name]) for name, value in named),
        "gradients": gradients,
    }


def check_run(tensors, case):
    model, text = build(tensors, case, "before.")
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.0)
    worst = 0.0
    for step in range(case["steps"]):
        rate = learning_rate(step, case["steps"], case["effective_lr"], case["warmup_steps"])
        assert abs(rate - tensors["out.learning_rates"][step].item()) < 1e-12
        optimiser.param_groups[0]["lr"] = rate
        noise = [tensors[f"noise.task{t}"][step] for t in range(len(case["classes_per_task"]))]
        values = training_step(
            model, optimiser, tensors["in.image_features"][step], tensors["in.labels"][step].long(), text,
            case["finetuning"], noise)
        worst = max(worst, error(torch.stack(values).detach(), tensors["out.losses"][step]))
    after = max(error(p.detach(), tensors["after." + golden_name(name)]) for name, p in model.named_parameters())
    return {"losses": worst, "parameters after": after}


def main():
    folder = Path(os.environ.get("GOLDEN_DIR", ROOT.parent / "shared" / "golden")) / "clap"
    failed = False
    for name in CASES:
        tensors, case = read(folder / f"{name}.safetensors")
        errors = (check_run if name.startswith("s_") else check_gradients)(tensors, case)
        failed |= any(value > (1e-4 if key == "gradients" else 1e-5) for key, value in errors.items())
        print(f"{name:28}" + "  ".join(f"{key} {value:.1e}" for key, value in errors.items()))
    sys.exit(failed)


if __name__ == "__main__":
    main()
