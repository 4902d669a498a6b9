#!/usr/bin/env python3
"""Bodies of requests from a dataset's test rows: one row and a thousand, as JSON and as NumPy files (standard library only).

  bodies.py DATASET/test.safetensors FOLDER
"""
import json
import struct
import sys

source, folder = sys.argv[1:]
with open(source, "rb") as file:
    length = struct.unpack("<Q", file.read(8))[0]
    header = json.loads(file.read(length))
    entry = header["image_features"]
    columns = entry["shape"][1]
    assert entry["dtype"] == "F16"
    file.seek(8 + length + entry["data_offsets"][0])
    raw = file.read(1000 * columns * 2)
values = struct.unpack("<%de" % (len(raw) // 2), raw)


def npy(rows):
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (rows, columns)
    text += " " * (63 - (10 + len(text)) % 64) + "\n"
    data = struct.pack("<%df" % (rows * columns), *values[: rows * columns])
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data


def as_json(rows):
    # As a client sends features of single precision: nine digits.
    lines = [",".join("%.9g" % v for v in values[r * columns : (r + 1) * columns]) for r in range(rows)]
    return ("{\"rows\":[[" + "],[".join(lines) + "]]}").encode()


for rows in (1, 1000):
    for name, content in (("npy", npy(rows)), ("json", as_json(rows))):
        with open("%s/%d.%s" % (folder, rows, name), "wb") as file:
            file.write(content)
