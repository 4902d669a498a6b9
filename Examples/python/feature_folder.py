"""Writes the files of a Credence data folder piece by piece, with NumPy alone.

    with new_folder("pets") as folder:                       # appears when all is written, or not at all
        file = FeatureFile(folder / "train.safetensors", rows, dimension, labels, class_names)
        for block in blocks:                                 # [rows, D], any float type
            file.append(block)
        file.close()
        write_text(folder / "text.safetensors", text, class_names, logit_scale=100)
"""

import contextlib
import json
import os
import pathlib
import shutil
import struct
import tempfile

import numpy as np

TYPES = {"F16": np.float16, "F32": np.float32}


class FeatureFile:
    """A safetensors file of `image_features` [rows, D], with `labels` [rows] where they are given."""

    def __init__(self, path, rows, dimension, labels=None, class_names=None, type="F16"):
        self.type, self.rows, self.dimension, self.written = type, rows, dimension, 0
        tensors, start = {}, 0
        if labels is not None:  # first: wider elements lie before narrower ones, which aligns both
            tensors["labels"] = {"dtype": "I32", "shape": [rows], "data_offsets": [0, 4 * rows]}
            start = 4 * rows
        end = start + rows * dimension * np.dtype(TYPES[type]).itemsize
        tensors["image_features"] = {"dtype": type, "shape": [rows, dimension], "data_offsets": [start, end]}
        metadata = {"class_names": json.dumps(class_names)} if class_names is not None else {}
        self.path = path
        self.file = open(path, "wb")
        self.file.write(header(tensors, metadata))
        if labels is not None:
            labels = np.asarray(labels)
            if labels.shape != (rows,):
                raise ValueError(f"{path}: labels {labels.shape} for {rows} rows")
            self.file.write(labels.astype("<i4").tobytes())

    def append(self, block):
        """Rows [n, D]."""
        block = np.asarray(block)
        if block.ndim != 2 or block.shape[1] != self.dimension or self.written + len(block) > self.rows:
            raise ValueError(f"{self.path}: rows {block.shape} at row {self.written} of {self.rows} of length {self.dimension}")
        with np.errstate(over="ignore"):
            stored = block.astype(TYPES[self.type])
        bad = np.flatnonzero(~np.isfinite(stored).all(1))
        if len(bad):
            raise ValueError(f"{self.path}: row {self.written + bad[0]} is NaN, infinite or too large for {self.type}")
        self.file.write(stored.tobytes())
        self.written += len(block)

    def close(self):
        if self.written != self.rows:
            raise ValueError(f"{self.path}: {self.written} of {self.rows} rows")
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()


def header(tensors, metadata):
    text = json.dumps({"__metadata__": metadata, **tensors} if metadata else tensors).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def write_text(path, features, class_names, logit_scale=None, templates=None):
    """Text features [classes, prompts, D] or [classes, D] with the names of the classes."""
    features = np.ascontiguousarray(features, "<f4")
    if features.ndim not in (2, 3) or len(features) != len(class_names):
        raise ValueError(f"{path}: text features {features.shape} for {len(class_names)} class names")
    if not np.isfinite(features).all() or not (np.abs(features).max(-1) > 0).all():
        raise ValueError(f"{path}: a prompt's feature is zero, NaN or infinite")
    metadata = {"class_names": json.dumps(list(class_names))}
    if logit_scale is not None:
        metadata["logit_scale"] = repr(float(logit_scale))
    if templates:
        metadata["templates"] = json.dumps(list(templates))
    tensor = {"dtype": "F32", "shape": list(features.shape), "data_offsets": [0, features.nbytes]}
    with open(path, "wb") as file:
        file.write(header({"text_features": tensor}, metadata) + features.tobytes())


@contextlib.contextmanager
def new_folder(path):
    """A folder to be filled, which takes its name when all went well and is removed otherwise."""
    path = pathlib.Path(os.path.abspath(path))
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FileExistsError(f"{path}: is there already and not empty")
    staging = pathlib.Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
    try:
        yield staging
        staging.chmod(0o777 & ~current_umask())
        staging.rename(path)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def stratified(labels, share, seed):
    """Which rows are test rows: that share of every class's, one at least and one left at least of two or more."""
    labels = np.asarray(labels)
    chosen = np.zeros(len(labels), bool)
    generator = np.random.default_rng(seed)
    for label in np.unique(labels):
        rows = generator.permutation(np.flatnonzero(labels == label))
        if len(rows) > 1:
            chosen[rows[:min(len(rows) - 1, max(1, round(share * len(rows))))]] = True
    return chosen
