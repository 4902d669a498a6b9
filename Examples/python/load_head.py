"""Takes a Credence model along to Python: the Gaussian posterior of its logits, and its class probabilities.

    head = load_head("model.safetensors")            # NumPy
    mean, variance = head.posterior(features)        # [rows, classes] of unit rows [rows, D]
    probabilities = head.probabilities(features)

    module = head.torch()                            # the same as a torch.nn.Module, differentiable in the features
    probabilities = module(torch_features)

    python load_head.py model.safetensors rows.npy   # prints class probabilities as CSV

Reads the methods clap, linear and zero-shot. CLAP models whose recipe uses attention need PyTorch for it; their logits
are in closed form with the context of the file, whatever the recipe says. A calibration in the file is not applied:
compare with `credence classify --uncalibrated`.
"""

import json
import math
import struct
import sys

import numpy as np


def read_safetensors(path):
    """Tensors by name and the metadata; F16, F32, F64, I32 and I64."""
    types = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8"}
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        if entry["dtype"] in types:
            tensors[name] = np.frombuffer(body[start:end], types[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def class_text(tensors, prompts_per_class):
    """The mean of each class's prompts, of unit length."""
    ends = np.cumsum(prompts_per_class)[:-1]
    return np.stack([unit(unit(prompts).mean(0)) for prompts in np.split(tensors["text.prompts"], ends)])


def attended_text(tensors, configuration, text, classes_per_task):
    """What the visual-guided attention adds to the class features, by PyTorch's own decoder layer."""
    import torch

    settings = configuration["recipe"]["configuration"]
    layer = torch.nn.TransformerDecoderLayer(
        settings["featureDimension"], settings["attentionHeads"], settings["feedForwardWidth"], dropout=0,
        activation="gelu", batch_first=True)
    layer.load_state_dict({
        name.removeprefix("vga."): torch.from_numpy(value.copy())
        for name, value in tensors.items() if name.startswith("vga.") and name != "vga.gate"})
    task = torch.repeat_interleave(torch.arange(len(classes_per_task)), torch.tensor(classes_per_task))
    with torch.no_grad():
        attended = layer.eval()(
            torch.from_numpy(text)[None].float(), torch.from_numpy(tensors["context"].copy())[None],
            tgt_mask=task[:, None] != task[None])[0].numpy()
    gate = tensors["vga.gate"].item() if "vga.gate" in tensors else 1
    return settings["attentionScale"] * gate * attended


def clap_classes(tensors, configuration):
    """Mean and variance of every class vector, [classes, D]."""
    settings = configuration["recipe"]["configuration"]
    for name in ("usesTaskTokens", "usesSharedAdapter"):
        if settings[name]:
            raise NotImplementedError(f"models with the setting {name}")
    if settings["globalSamples"]:
        raise NotImplementedError("models with a global latent")
    text = class_text(tensors, configuration["promptsPerClass"])
    tasks = [count for count in configuration["classesPerTask"] if count]
    if settings["usesAttention"]:
        text = text + attended_text(tensors, configuration, text, tasks)
    if settings["latents"] == "classVectors":
        return text + tensors["class_vectors.mean"], np.exp(2 * tensors["class_vectors.log_deviation"])
    means, variances = [], []
    for task, rows in enumerate(np.split(text, np.cumsum(tasks)[:-1])):
        def linear(kind):
            name = f"{kind}_adapters.{task}"
            return rows @ tensors[name + ".weight"].T + tensors[name + ".bias"]

        means.append(rows + linear("mu"))
        variances.append((0.999 * np.logaddexp(0, linear("sigma")) + 0.001) ** 2)
    return np.concatenate(means), np.concatenate(variances)


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
        spread = 8 * float(s.max())
        # Steps small against the Gumbel distribution's width too.
        steps = np.linspace(-8, 8, 2 * math.ceil(max(48, spread / 0.6)) + 1)
        weights = np.exp(-steps ** 2 / 2)
        weights /= weights.sum()
        at = np.arange(float(m.min()) - spread - 4, spread + 40, 0.15)
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


class Head:
    """Logits of a unit row x are Gaussian: mean s·x·μ and variance s²·Σ x²·σ², with the logit scale s."""

    def __init__(self, class_names, logit_scale, mean, variance):
        self.class_names = class_names
        self.logit_scale = logit_scale
        self.mean = mean.astype(np.float64)
        self.variance = variance.astype(np.float64)

    def posterior(self, features):
        x = unit(np.asarray(features, np.float64))
        return self.logit_scale * x @ self.mean.T, self.logit_scale ** 2 * (x ** 2) @ self.variance.T

    def probabilities(self, features):
        return expected_softmax(*self.posterior(features))

    def torch(self):
        import torch

        head = self

        class HeadModule(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer("mean", torch.from_numpy(head.mean))
                self.register_buffer("variance", torch.from_numpy(head.variance))
                self.logit_scale = head.logit_scale

            def posterior(self, features):
                x = torch.nn.functional.normalize(features.double(), dim=-1)
                return self.logit_scale * x @ self.mean.T, self.logit_scale ** 2 * x.square() @ self.variance.T

            def forward(self, features):
                return expected_softmax(*self.posterior(features), xp=torch)

        return HeadModule()


def load_head(path):
    tensors, metadata = read_safetensors(path)
    if "credence_format" not in metadata:
        raise ValueError(f"{path}: not a Credence model")
    if int(metadata["credence_format"]) > 2:
        raise ValueError(f"{path}: format {metadata['credence_format']}, this script reads up to 2")
    configuration = json.loads(metadata["configuration"])
    method = metadata["method"]
    if method == "clap":
        mean, variance = clap_classes(tensors, configuration)
    elif method in ("linear", "zero-shot"):
        mean = tensors["weights" if method == "linear" else "text_features"]
        variance = np.zeros_like(mean)
    else:
        raise NotImplementedError(f"{path}: models of the method '{method}'")
    return Head(json.loads(metadata["class_names"]), configuration["logitScale"], mean, variance)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    head = load_head(sys.argv[1])
    rows = np.load(sys.argv[2]) if sys.argv[2].endswith(".npy") else read_safetensors(sys.argv[2])[0]["image_features"]
    print(",".join(head.class_names))
    for row in head.probabilities(rows):
        print(",".join(f"{value:.9g}" for value in row))


if __name__ == "__main__":
    main()
