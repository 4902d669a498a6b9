"""Makes a Credence data folder of embeddings in Parquet or Arrow files, streaming them batch by batch. Needs pyarrow.

    # Hugging Face data sets on disk: Parquet of a repository, or what datasets.save_to_disk wrote
    python parquet_to_features.py 'data/train-*.parquet' --test 'data/test-*.parquet' \\
        --embedding embedding --label label --output pets
    python parquet_to_features.py saved/train --test saved/test --embedding embedding --label label --output pets

    # One table with a column that tells the split, or a random share of every class for testing
    python parquet_to_features.py all.parquet --embedding emb --label breed --split split --output pets
    python parquet_to_features.py all.parquet --embedding emb --label breed --test-share 0.2 --output pets

    # What clip-retrieval wrote: rows from img_emb/*.npy, labels from a column of metadata/*.parquet
    python parquet_to_features.py output_folder --label class --test-share 0.2 --output pets

Labels are texts, or integers with names from the data set's ClassLabel feature, from --class-names, or their digits.
Text features come from --text (a .npy array [classes, prompts, D] or [classes, D] in the order of the class names, which
are printed); without it `credence data convert FOLDER --class-means-as-text --output ...` completes the folder.
Memory: a batch of rows, and four bytes a row for labels.
"""

import argparse
import glob
import json
import pathlib
import re
import sys

import numpy as np

from feature_folder import FeatureFile, new_folder, stratified, write_text

BATCH = 8192


def find_files(patterns):
    """Parquet and Arrow files of paths, patterns and folders, in order."""
    files = []
    for pattern in patterns:
        path = pathlib.Path(pattern)
        if path.is_dir():
            found = sorted(file for end in ("*.parquet", "*.arrow") for file in path.rglob(end))
        else:
            found = [path] if path.exists() else [pathlib.Path(name) for name in sorted(glob.glob(pattern))]
        if not found:
            raise FileNotFoundError(f"{pattern}: no Parquet or Arrow file")
        files += found
    return files


def open_batches(path, columns):
    """The schema, and the record batches with the wanted columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.suffix == ".parquet":
        file = pq.ParquetFile(path)
        return file.schema_arrow, check_columns(path, file.schema_arrow, columns) and file.iter_batches(BATCH, columns=columns)
    source = pa.memory_map(str(path))
    try:
        reader = pa.ipc.open_file(source)
        batches = (reader.get_batch(index) for index in range(reader.num_record_batches))
    except pa.ArrowInvalid:  # the streaming format, in which the datasets library caches
        source.seek(0)
        reader = batches = pa.ipc.open_stream(source)
    check_columns(path, reader.schema, columns)
    return reader.schema, (part for batch in batches for part in slices(batch.select(columns)))


def slices(batch):
    return (batch.slice(start, BATCH) for start in range(0, batch.num_rows, BATCH))


def check_columns(path, schema, columns):
    for column in columns:
        if column not in schema.names:
            raise ValueError(f"{path}: there is no column '{column}', only {', '.join(schema.names)}")
    return True


def class_label_names(schema, column):
    """The names of a Hugging Face ClassLabel feature, where the column is one."""
    description = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    feature = description.get("info", {}).get("features", {}).get(column, {})
    return feature.get("names") if isinstance(feature, dict) else None


def rows_of(array, path):
    """A column of lists as an array [rows, D]."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    kind = array.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)):
        raise ValueError(f"{path}: the embedding column is {kind}, expected lists of numbers")
    if not pa.types.is_floating(kind.value_type):
        raise ValueError(f"{path}: the embedding column holds {kind.value_type}, expected floats")
    lengths = pc.unique(pc.list_value_length(array)).to_pylist()
    if array.null_count or len(lengths) != 1 or not lengths[0]:
        raise ValueError(f"{path}: embeddings of lengths {lengths[:5]}, expected one length and no empty cell")
    values = array.flatten()
    if values.null_count:
        raise ValueError(f"{path}: an embedding has an empty number")
    return values.to_numpy(zero_copy_only=False).reshape(len(array), lengths[0])


class Tables:
    """Embeddings in a column of the tables themselves."""

    def __init__(self, patterns, embedding):
        self.files, self.embedding = find_files(patterns), embedding

    def columns(self, names):
        """Values of some columns as lists, batch after batch."""
        for path in self.files:
            for batch in open_batches(path, names)[1]:
                yield path, [batch.column(name) for name in names]

    def schema(self):
        return open_batches(self.files[0], [])[0]

    def blocks(self):
        for path, (array,) in self.columns([self.embedding]):
            yield path, rows_of(array, path)


class ClipRetrieval(Tables):
    """Embeddings in img_emb/img_emb_0.npy and so on, what is known of the rows in metadata/."""

    def __init__(self, folder):
        def number(path):
            return int(re.search(r"(\d+)$", path.stem).group(1))

        self.arrays = sorted((folder / "img_emb").glob("img_emb_*.npy"), key=number)
        self.files = sorted((folder / "metadata").glob("metadata_*.parquet"), key=number)
        if [number(path) for path in self.arrays] != [number(path) for path in self.files]:
            raise ValueError(f"{folder}: {len(self.arrays)} files in img_emb, {len(self.files)} in metadata, expected the same numbers")

    def blocks(self):
        for path in self.arrays:
            array = np.load(path, mmap_mode="r")
            for start in range(0, len(array), BATCH):
                yield path, array[start:start + BATCH]


def open_source(patterns, embedding):
    if len(patterns) == 1 and (pathlib.Path(patterns[0]) / "img_emb").is_dir():
        return ClipRetrieval(pathlib.Path(patterns[0]))
    if embedding is None:
        raise ValueError("--embedding: which column holds the embeddings?")
    return Tables(patterns, embedding)


def read_labels(source, label, split):
    """Labels as they are, and which rows are test rows (None without --split)."""
    labels, tests = [], []
    for path, arrays in source.columns([label] + ([split] if split else [])):
        for array in arrays:
            if array.null_count:
                raise ValueError(f"{path}: there are empty cells in the column '{label}'" + (f" or '{split}'" if split else ""))
        values = np.asarray(arrays[0].to_pylist())
        if values.dtype.kind not in "iuU":
            raise ValueError(f"{path}: the column '{label}' holds {arrays[0].type}, expected integers or texts")
        labels.append(values)
        if split:
            names = arrays[1].to_pylist()
            unknown = {str(name) for name in names} - {"train", "test", "validation", "valid", "val"}
            if unknown:
                raise ValueError(f"{path}: the split '{sorted(unknown)[0]}', expected train, validation or test")
            tests.append(np.array([name != "train" for name in names], bool))
    return np.concatenate(labels), np.concatenate(tests) if split else None


def number_labels(groups, names):
    """Integers from 0, and the names of the classes."""
    if groups[0].dtype.kind == "U":
        names = names or sorted(set(np.concatenate(groups).tolist()))
        places = {name: place for place, name in enumerate(names)}
        missing = sorted(set(np.concatenate(groups).tolist()) - set(places))
        if missing:
            raise ValueError(f"the label '{missing[0]}' is no class")
        return [np.array([places[value] for value in group.tolist()], np.int32) for group in groups], names
    least, most = min(group.min() for group in groups), max(group.max() for group in groups)
    names = names or [str(value) for value in range(most + 1)]
    if least < 0 or most >= len(names):
        raise ValueError(f"labels reach from {least} to {most}, expected 0 to {len(names) - 1}")
    return [group.astype(np.int32) for group in groups], names


def dimension_of(source):
    for _, block in source.blocks():
        return block.shape[1]
    raise ValueError("there are no rows")


def write_rows(folder, source, splits, labels, names, dimension, type):
    """Rows to train.safetensors and test.safetensors; `splits` tells for each row whether it is a test row."""
    files = {}
    for is_test, name in ((False, "train"), (True, "test")):
        chosen = splits == is_test
        if chosen.any():
            files[is_test] = FeatureFile(
                folder / f"{name}.safetensors", int(chosen.sum()), dimension, labels[chosen], names, type)
    start = 0
    for path, block in source.blocks():
        if block.shape[1] != dimension:
            raise ValueError(f"{path}: embeddings of length {block.shape[1]}, others have {dimension}")
        own = splits[start:start + len(block)]
        if len(own) != len(block):
            raise ValueError(f"{path}: there are more embeddings than labels, {len(splits)}")
        for is_test, file in files.items():
            file.append(block[own == is_test])
        start += len(block)
    for file in files.values():
        file.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+", help="Parquet and Arrow files, patterns in quotes, folders, or a folder of clip-retrieval's")
    parser.add_argument("--output", required=True, help="the data folder to make")
    parser.add_argument("--embedding", help="the column of embeddings")
    parser.add_argument("--label", required=True, help="the column of labels")
    parser.add_argument("--split", help="a column with train and test (or validation)")
    parser.add_argument("--test", nargs="+", help="files with the test rows")
    parser.add_argument("--test-share", type=float, help="the share of every class's rows that become test rows")
    parser.add_argument("--seed", type=int, default=1, help="of --test-share")
    parser.add_argument("--type", choices=["f16", "f32"], default="f16", help="of the features")
    parser.add_argument("--class-names", help="a file with the class names, one a line")
    parser.add_argument("--text", help="text features as a .npy array")
    parser.add_argument("--logit-scale", type=float, help="exp of the encoder's temperature parameter, for --text")
    options = parser.parse_args()
    if sum(value is not None for value in (options.split, options.test, options.test_share)) > 1:
        parser.error("--split, --test and --test-share exclude each other")
    if options.test_share is not None and not 0 < options.test_share < 1:
        parser.error("--test-share must be above 0 and below 1")
    try:
        convert(options)
    except (ValueError, OSError) as error:
        sys.exit(f"parquet_to_features: {error}")


def convert(options):
    sources = [open_source(options.inputs, options.embedding)]
    if options.test:
        sources.append(open_source(options.test, options.embedding))
    names = None
    if options.class_names:
        names = [line for line in pathlib.Path(options.class_names).read_text().splitlines() if line]
    names = names or class_label_names(sources[0].schema(), options.label)
    found = [read_labels(source, options.label, options.split) for source in sources]
    labels, names = number_labels([own for own, _ in found], names)
    dimension = dimension_of(sources[0])
    with new_folder(options.output) as folder:
        counts = {}
        for index, source in enumerate(sources):
            if options.test_share is not None:
                splits = stratified(labels[index], options.test_share, options.seed)
            elif options.split:
                splits = found[index][1]
            else:
                splits = np.full(len(labels[index]), index == 1)
            write_rows(folder, source, splits, labels[index], names, dimension, options.type.upper())
            for name, chosen in (("train", ~splits), ("test", splits)):
                counts[name] = counts.get(name, 0) + int(chosen.sum())
        if options.text:
            write_text(folder / "text.safetensors", np.load(options.text), names, options.logit_scale)
        else:
            (folder / "class_names.json").write_text(json.dumps(names) + "\n")
    print(f"wrote {counts['train']} train and {counts['test']} test rows of length {dimension}, {len(names)} classes, to {options.output}")
    print("classes: " + ", ".join(names[:20]) + (", ..." if len(names) > 20 else ""))
    if not options.text:
        print(f"without text features: credence data convert {options.output} --text FILE (or --class-means-as-text) --output FOLDER")


if __name__ == "__main__":
    main()
