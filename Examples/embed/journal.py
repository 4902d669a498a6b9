"""Embeddings on their way to the disk, so that an interrupted run goes on where it stopped."""

import json
import os
import pathlib

import numpy as np


class Journal:
    """A folder with rows as raw F16 and a line a sample; the two are brought in line when it is opened again.

    Each batch is on the disk, rows first, before its lines: a line tells that the row is there.
    """

    def __init__(self, folder, settings):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.entries, self.dimension = [], None
        state = self.folder / "settings.json"
        if state.exists():
            if json.loads(state.read_text()) != settings:
                raise ValueError(f"{folder}: was begun with other settings, finish with those or remove it")
            self.recover()
        else:
            state.write_text(json.dumps(settings))
        self.rows_file = open(self.folder / "rows.f16", "ab")
        self.lines_file = open(self.folder / "samples.jsonl", "a")

    def recover(self):
        lines = self.folder / "samples.jsonl"
        if not lines.exists():
            return
        whole = 0
        for line in lines.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            self.entries.append(json.loads(line))
            whole += len(line)
        os.truncate(lines, whole)
        self.dimension = next((entry["dimension"] for entry in self.entries if entry["dimension"]), None)
        rows = self.folder / "rows.f16"
        if rows.exists():
            os.truncate(rows, self.row_count * (self.dimension or 0) * 2)

    @property
    def row_count(self):
        return sum(entry["dimension"] is not None for entry in self.entries)

    def append(self, samples, rows):
        """Samples (name, label, whether there is a row) and the rows [n, D] of those that have one."""
        if len(rows):
            self.dimension = rows.shape[1]
            self.rows_file.write(np.asarray(rows).astype("<f2").tobytes())
        self.rows_file.flush()
        os.fsync(self.rows_file.fileno())
        for name, label, has_row in samples:
            entry = {"name": name, "label": label, "dimension": self.dimension if has_row else None}
            self.lines_file.write(json.dumps(entry) + "\n")
            self.entries.append(entry)
        self.lines_file.flush()

    def rows(self):
        """The rows [n, D], mapped, and the entries of the samples that have one."""
        self.rows_file.flush()
        kept = [entry for entry in self.entries if entry["dimension"] is not None]
        if not kept:
            raise ValueError("no image could be read")
        return np.memmap(self.folder / "rows.f16", "<f2", "r", shape=(len(kept), self.dimension)), kept

    def close(self):
        self.rows_file.close()
        self.lines_file.close()
