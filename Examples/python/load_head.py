"""Takes a Credence model along to Python: the Gaussian posterior of its logits, and its class probabilities.

    head = load_head("model.safetensors")            # NumPy
    mean, variance = head.posterior(features)        # [rows, classes] of unit rows [rows, D]
    probabilities = head.probabilities(features)     # calibrated where the model holds a calibration

    module = head.torch()                            # the same as a torch.nn.Module, differentiable in the features
    probabilities = module(torch_features)

    python load_head.py model.safetensors rows.npy [--uncalibrated]     # prints class probabilities as CSV

Reads the methods clap, linear, zero-shot, rail-primal, rail-dual and combinations of them such as clap+rail-primal. CLAP
models whose recipe uses attention need PyTorch for it; their logits are in closed form with the context of the file,
whatever the recipe says. The inverse of a RAIL head's matrix is computed on loading: (hidden units)^3 operations, or (rows)^3
for rail-dual. probabilities.py and rail_head.py beside it belong to it.
"""

import json
import struct
import sys

import numpy as np

from probabilities import calibrate, expected_softmax, load_calibration
from rail_head import rail_dual, rail_primal


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


# --- CLAP ---------------------------------------------------------------------------------------------------------------


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


# --- Heads together -----------------------------------------------------------------------------------------------------


def combined(tensors, configuration):
    """The weighted sum of the parts' logits; corrections of a task act on log-probabilities."""
    parameters, parts = {}, []
    for index, part in enumerate(configuration["parts"]):
        prefix = f"parts.{index}."
        own = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
        p, posterior = build(part["method"], own, json.loads(part["configuration"]))
        parameters.update({prefix + name: value for name, value in p.items()})
        parts.append((prefix, posterior))
    weights = configuration["weights"]
    scale = weights["scale"]
    classes = [count for count in configuration["classesPerTask"] if count]
    task = np.repeat(np.arange(len(classes)), classes)
    shared = scale * np.asarray(weights["heads"], np.float64)[:, None] + np.zeros(len(task))
    parameters["correction"] = np.zeros_like(shared)
    parameters["constant"] = np.zeros(len(task))
    if weights["corrections"]:
        parameters["correction"] = scale * np.asarray(weights["corrections"], np.float64)[task].T
    if weights["constants"]:
        constants = np.asarray(weights["constants"], np.float64)  # one a class, or one a task
        parameters["constant"] = scale * (constants if len(constants) == len(task) else constants[task])
    parameters["weight"] = shared + parameters["correction"]

    def posterior(x, p, xp):
        mean, variance = p["constant"][None], 0
        for head, (prefix, part) in enumerate(parts):
            own = {name.removeprefix(prefix): value for name, value in p.items() if name.startswith(prefix)}
            z, v = part(x, own, xp)
            top = xp.amax(z, 1)[:, None]
            normaliser = top + xp.log(xp.exp(z - top).sum(1))[:, None]
            mean = mean + p["weight"][head] * z - p["correction"][head] * normaliser
            variance = variance + p["weight"][head] ** 2 * v
        return mean, variance

    return parameters, posterior


class Head:
    """Logits of a unit row are Gaussian and independent; `parameters` are the arrays they are computed from."""

    def __init__(self, class_names, logit_scale, parameters, posterior, calibration=None):
        self.class_names = class_names
        self.logit_scale = logit_scale
        self.parameters = {name: np.asarray(value, np.float64) for name, value in parameters.items()}
        self.calibration = calibration
        self._posterior = posterior

    def posterior(self, features):
        """Mean and variance of the logits, [rows, classes]."""
        return self._posterior(unit(np.asarray(features, np.float64)), self.parameters, np)

    def probabilities(self, features, calibrated=True):
        """Class probabilities [rows, classes]."""
        probabilities = expected_softmax(*self.posterior(features))
        if calibrated and self.calibration:
            return calibrate(probabilities, *self.calibration)
        return probabilities

    def torch(self, calibrated=True):
        """A module from features to class probabilities; its `posterior` gives the logits' mean and variance."""
        import torch

        head, calibration = self, self.calibration if calibrated else None
        if calibration:
            calibrate(torch.ones(1, len(self.class_names)).double() / len(self.class_names), *calibration, xp=torch)

        class HeadModule(torch.nn.Module):
            def __init__(self):
                super().__init__()
                # A buffer's name holds no dots.
                self.names = {name: name.replace(".", "_") for name in head.parameters}
                for name, value in head.parameters.items():
                    self.register_buffer(self.names[name], torch.from_numpy(value))

            def posterior(self, features):
                x = torch.nn.functional.normalize(features.double(), dim=-1)
                return head._posterior(x, {name: getattr(self, own) for name, own in self.names.items()}, torch)

            def forward(self, features):
                probabilities = expected_softmax(*self.posterior(features), xp=torch)
                return calibrate(probabilities, *calibration, xp=torch) if calibration else probabilities

        return HeadModule()


def build(method, tensors, configuration):
    """The arrays of a head, and its posterior."""
    if "+" in method:
        return combined(tensors, configuration)
    if method == "rail-primal":
        return rail_primal(tensors, configuration)
    if method == "rail-dual":
        return rail_dual(tensors, configuration)
    if method == "clap":
        mean, variance = clap_classes(tensors, configuration)
    elif method in ("linear", "zero-shot"):
        mean = tensors["weights" if method == "linear" else "text_features"]
        variance = np.zeros_like(mean)
    else:
        raise NotImplementedError(f"models of the method '{method}'")
    scale = configuration["logitScale"]

    def posterior(x, p, xp):
        return scale * x @ p["mean"].T, scale ** 2 * x ** 2 @ p["variance"].T

    return {"mean": mean, "variance": variance}, posterior


def load_head(path):
    tensors, metadata = read_safetensors(path)
    if "credence_format" not in metadata:
        raise ValueError(f"{path}: not a Credence model")
    if int(metadata["credence_format"]) > 2:
        raise ValueError(f"{path}: format {metadata['credence_format']}, this script reads up to 2")
    configuration = json.loads(metadata["configuration"])
    parameters, posterior = build(metadata["method"], tensors, configuration)
    return Head(
        json.loads(metadata["class_names"]), configuration["logitScale"], parameters, posterior,
        load_calibration(tensors, metadata))


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--uncalibrated"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    head = load_head(arguments[0])
    rows = np.load(arguments[1]) if arguments[1].endswith(".npy") else read_safetensors(arguments[1])[0]["image_features"]
    print(",".join(head.class_names))
    for row in head.probabilities(rows, calibrated="--uncalibrated" not in sys.argv):
        print(",".join(f"{value:.9g}" for value in row))


if __name__ == "__main__":
    main()
