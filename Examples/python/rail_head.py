"""RAIL's heads for load_head.py: ridge regression on random features, or with a kernel.

`rail_primal` and `rail_dual` give a head's arrays and its posterior: a function of unit rows, these arrays and the array
library, NumPy or PyTorch.
"""

import math

import numpy as np

from probabilities import softmax


def philox_words(seed, stream, first, count):
    """The blocks first, first + 1, ... of Philox4x32-10 (Salmon et al. 2011), four arrays of 32-bit words."""
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    block = np.arange(first, first + count, dtype=np.uint64)
    c = [block & low, block >> half, np.full(count, stream & 0xFFFFFFFF, np.uint64), np.full(count, stream >> 32, np.uint64)]
    keys = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p, q = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(q >> half) ^ c[1] ^ np.uint64(keys[0]), q & low, (p >> half) ^ c[3] ^ np.uint64(keys[1]), p & low]
        keys = [(keys[0] + 0x9E3779B9) & 0xFFFFFFFF, (keys[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return [word.astype(np.uint32) for word in c]


def philox_normal(seed, stream, count):
    """Credence's standard normal noise in single precision, element by element a function of seed, stream and place.

    Box-Muller on pairs of words; 16 blocks give 64 elements, stored part after part.
    """
    result = np.empty((count + 63) // 64 * 64, np.float32)
    step = 1 << 14  # groups at a time
    for group in range(0, len(result) // 64, step):
        groups = min(step, len(result) // 64 - group)
        words = philox_words(seed, stream, group * 16, groups * 16)
        parts = []
        for a, b in (words[:2], words[2:]):
            u = (a >> 1).view(np.int32).astype(np.float32) * np.float32(2.0 ** -31) + np.float32(2.0 ** -32)
            turn = (b << np.uint32(2)).view(np.int32).astype(np.float32) * np.float32(2.0 ** -32)
            radius = np.sqrt(-2 * np.log(u.astype(np.float64)))
            angle = (turn.astype(np.float64) + (b >> np.uint32(30))) * (np.pi / 2)
            parts += [radius * np.cos(angle), radius * np.sin(angle)]
        noise = np.stack(parts).reshape(4, groups, 16).transpose(1, 0, 2)
        result[group * 64:(group + groups) * 64] = noise.reshape(-1)
    return result[:count]


def square_norms(rows):
    return (rows ** 2).sum(1)


def quadratic(rows, matrix):
    """x . M x of each row x."""
    return ((rows @ matrix) * rows).sum(1)


def linked(configuration, fixed):
    """From scores on the scale of one-hot targets, and their variances, to logits (delta method)."""
    slope, width = configuration["link"]["slope"], configuration["link"]["width"]
    weight = configuration["recipe"].get("fusionWeight")
    scale = configuration["logitScale"]

    def posterior(x, p, xp):
        scores, leverages = fixed(x, p, xp)
        if weight is not None:  # the paper's fusion with zero-shot
            scores = (1 - weight) * softmax(scale * x @ p["text"].T, xp) + weight * scores
            leverages = leverages * weight ** 2
        at = scores / width
        derivative = slope / (at ** 2 + 1) ** 0.5
        return slope * width * xp.arcsinh(at), derivative ** 2 * leverages[:, None] * p["noise"][None]

    return posterior


def rail_primal(tensors, configuration):
    kind, settings = next(iter(configuration["expansion"].items()))
    hidden, dimension = settings.get("hidden"), configuration["featureDimension"]
    p = {"text": tensors["text_features"], "ridge": tensors["weights"].astype(np.float32), "noise": tensors["noise_variances"]}
    if kind == "randomUnits":
        units = philox_normal(settings["seed"], 0x5241494C, hidden * dimension) * np.sqrt(np.float32(2) / np.float32(hidden))
        p["units"] = units.reshape(hidden, dimension)
    elif kind == "givenWeights":
        p["units"] = tensors["expansion_weights"]
    size = hidden or dimension
    gram, packed, start = np.zeros((size, size)), tensors["gram"], 0
    for row in range(size):
        gram[row, row:] = gram[row:, row] = packed[start:start + size - row]
        start += size - row
    gram[np.diag_indices(size)] += configuration["regulariser"]
    p["inverse"] = np.linalg.inv(gram)

    def scores(x, p, xp):
        features = xp.clip(x @ p["units"].T, 0, None) if "units" in p else x
        return features @ p["ridge"].T, quadratic(features, p["inverse"])

    return p, linked(configuration, scores)


def kernel_function(description):
    """The kernel of all pairs of rows, and of rows with themselves."""
    kind, settings = next(iter(description.items()))

    def arc_cosine(cosine, order, xp):
        angle, sine = xp.arccos(cosine), xp.clip(1 - cosine ** 2, 0, None) ** 0.5
        if order == 0:
            return (math.pi - angle) / math.pi
        if order == 1:
            return (sine + (math.pi - angle) * cosine) / math.pi
        return (3 * sine * cosine + (math.pi - angle) * (1 + 2 * cosine ** 2)) / (3 * math.pi)

    def of_pairs(x, y, xp):
        products = x @ y.T
        if kind == "gaussian":
            distances = square_norms(x)[:, None] + square_norms(y)[None] - 2 * products
            return xp.exp(-settings["gamma"] * xp.clip(distances, 0, None))
        if kind == "polynomial":
            return (products + settings["offset"]) ** settings["degree"]
        if kind == "arcCosine":
            sizes = (square_norms(x)[:, None] * square_norms(y)[None]) ** 0.5
            return sizes ** settings["order"] * arc_cosine(xp.clip(products / sizes, -1, 1), settings["order"], xp)
        return products

    def of_itself(x):
        norms = square_norms(x)
        if kind == "gaussian":
            return norms * 0 + 1
        if kind == "polynomial":
            return (norms + settings["offset"]) ** settings["degree"]
        return norms ** settings["order"] if kind == "arcCosine" else norms

    return of_pairs, of_itself


def rail_dual(tensors, configuration):
    kernel, itself = kernel_function(configuration["kernel"])
    rows, labels = tensors["rows"].astype(np.float64), tensors["labels"]
    coefficients, regulariser = tensors["coefficients"].astype(np.float64), configuration["regulariser"]
    p = {"text": tensors["text_features"], "coefficients": coefficients}
    targets = np.eye(len(coefficients))[labels]
    if "landmarks" not in tensors:
        p["rows"] = rows
        p["inverse"] = np.linalg.inv(kernel(rows, rows, np) + regulariser * np.eye(len(rows)))
        p["noise"] = np.maximum((coefficients.T * targets).sum(0) / len(rows), 1e-12)

        def scores(x, p, xp):
            values = kernel(x, p["rows"], xp)
            return values @ p["coefficients"].T, xp.clip(itself(x) - quadratic(values, p["inverse"]), 0, None)

        return p, linked(configuration, scores)

    p["rows"] = landmarks = rows[tensors["landmarks"]]
    square = kernel(landmarks, landmarks, np)
    square += 1e-9 * itself(landmarks).mean() * np.eye(len(landmarks))
    factor = np.linalg.cholesky(square)
    p["whitening"] = np.linalg.inv(factor).T
    features = np.concatenate([
        kernel(rows[start:start + 4096], landmarks, np) @ p["whitening"] for start in range(0, len(rows), 4096)])
    p["inverse"] = np.linalg.inv(features.T @ features + regulariser * np.eye(len(landmarks)))
    fit = ((coefficients @ factor) * (targets.T @ features)).sum(1)
    p["noise"] = np.maximum((targets.sum(0) - fit) / len(rows) / regulariser, 1e-12)

    def nystrom_scores(x, p, xp):
        values = kernel(x, p["rows"], xp)
        features = values @ p["whitening"]
        rest = xp.clip(itself(x) - square_norms(features), 0, None)
        return values @ p["coefficients"].T, regulariser * quadratic(features, p["inverse"]) + rest

    return p, linked(configuration, nystrom_scores)
