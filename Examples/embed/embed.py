"""Makes a Credence data folder of images: features of a CLIP-like model, with prompts for the classes.

    python embed.py pets/train --test pets/test --model open_clip:ViT-B-32/laion2b_s34b_b79k --output pets-features
    python embed.py pets --test-share 0.2 --model transformers:google/siglip-base-patch16-224 --output pets-features
    python embed.py shards/*.tar --label-field species --test-share 0.2 --model ... --output pets-features     # WebDataset
    python embed.py new-images --model ... --output rows.safetensors      # unlabelled rows to classify

Images lie in a folder for each class, or flat (then they are unlabelled and go to one file), or in tar files as WebDataset
has them, with the class in `.cls` or a field of `.json`. Class names are the folders' names with spaces for underscores,
or those of --class-names. A run that was interrupted goes on when the same command is given again.
"""

import argparse
import concurrent.futures
import itertools
import pathlib
import shutil
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
from feature_folder import FeatureFile, new_folder, stratified, write_text  # noqa: E402
from journal import Journal  # noqa: E402
from sources import open_source, read_image  # noqa: E402

TEMPLATES = [
    "a photo of a {}.", "a close photo of a {}.", "a photo of one {} among other things.", "a bright picture of a {}.",
    "a dark picture of a {}.", "a blurred picture of a {}.", "a drawing of a {}.", "a small {} in the distance.",
]
WRITTEN_ROWS = 4096


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", nargs="+", help="a folder of images, or tar files")
    parser.add_argument("--output", required=True, help="the data folder to make, or a .safetensors file for unlabelled images")
    parser.add_argument("--model", required=True, help="open_clip:MODEL/PRETRAINED or transformers:NAME; see README.md")
    parser.add_argument("--test", nargs="+", help="a folder or tar files with the test images")
    parser.add_argument("--test-share", type=float, help="the share of every class's images that become test rows")
    parser.add_argument("--seed", type=int, default=1, help="of --test-share")
    parser.add_argument("--class-names", help="a file with a name for each class, one a line, in the order of the labels")
    parser.add_argument("--label-field", help="the field of .json files in tar files that holds the class")
    parser.add_argument("--templates", help="a file with prompts, one a line, {} standing for the class name")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1, mps; default: the fastest there is")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--workers", type=int, default=4, help="threads that read and scale images")
    options = parser.parse_args()
    if options.test and options.test_share is not None:
        parser.error("--test and --test-share exclude each other")
    if options.test_share is not None and not 0 < options.test_share < 1:
        parser.error("--test-share must be above 0 and below 1")
    if options.batch_size < 1 or options.workers < 1:
        parser.error("--batch-size and --workers must be at least 1")
    return options


def read_templates(path):
    if path is None:
        return TEMPLATES
    templates = [line.strip() for line in pathlib.Path(path).read_text().splitlines() if line.strip()]
    if not templates or any("{}" not in template for template in templates):
        raise ValueError(f"{path}: expected prompts, one a line, each with {{}} for the class name")
    return templates


def embed(source, encoder, journal, options):
    """Embeds the samples that the journal does not have yet."""
    import torch

    def prepare(sample):
        name, label, read = sample
        image = read_image(read())
        return name, label, None if image is None else encoder.preprocess(image)

    done = len(journal.entries)
    if done:
        print(f"going on after {done} images", file=sys.stderr)
    samples = source.samples(skip=done)
    with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
        while batch := list(itertools.islice(samples, options.batch_size)):
            prepared = list(pool.map(prepare, batch))
            for name, _, tensor in prepared:
                if tensor is None:
                    print(f"{name}: is no image that can be read, left out", file=sys.stderr)
            tensors = [tensor for _, _, tensor in prepared if tensor is not None]
            rows = encoder.images(torch.stack(tensors)) if tensors else np.zeros((0, 0))
            if not np.isfinite(rows).all():
                raise ValueError(f"the model gives NaN for an image of the batch that begins with {prepared[0][0]}")
            journal.append([(name, label, tensor is not None) for name, label, tensor in prepared], rows)
            done += len(batch)
            print(f"\r{done} images", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def name_classes(labels, options):
    """For each label its number, and the names of the classes."""
    found = sorted(set(labels))
    numeric = all(label.isdigit() for label in found)
    if options.class_names:
        names = [line.strip() for line in pathlib.Path(options.class_names).read_text().splitlines() if line.strip()]
        if numeric:
            numbers = {label: int(label) for label in found}
        elif set(found) <= set(names):
            numbers = {label: names.index(label) for label in found}
        else:
            numbers = {label: place for place, label in enumerate(found)}
        if max(numbers.values()) >= len(names):
            raise ValueError(f"{options.class_names}: {len(names)} names, there are at least {max(numbers.values()) + 1} classes")
    elif numeric:
        raise ValueError("the labels are numbers: give --class-names")
    else:
        numbers = {label: place for place, label in enumerate(found)}
        names = [label.replace("_", " ") for label in found]
    if len(set(names)) < len(names):
        raise ValueError("two classes have the same name")
    return numbers, names


def class_prompts(encoder, names, templates, batch_size):
    """Unit rows [classes, prompts, D]."""
    texts = [template.replace("{}", name) for name in names for template in templates]
    rows = [encoder.texts(texts[start:start + batch_size]) for start in range(0, len(texts), batch_size)]
    return np.concatenate(rows).reshape(len(names), len(templates), -1)


def write_rows(path, rows, chosen, labels=None, names=None):
    chosen = np.flatnonzero(chosen)
    file = FeatureFile(path, len(chosen), rows.shape[1], None if labels is None else labels[chosen], names)
    for start in range(0, len(chosen), WRITTEN_ROWS):
        file.append(rows[chosen[start:start + WRITTEN_ROWS]])
    file.close()


def write_folder(options, encoder, journals):
    found = [journal.rows() for journal in journals]
    all_labels = [[entry["label"] for entry in entries] for _, entries in found]
    if any(label is None for labels in all_labels for label in labels):
        raise ValueError("there are images without a class: write a .safetensors file for unlabelled rows")
    numbers, names = name_classes([label for labels in all_labels for label in labels], options)
    templates = read_templates(options.templates)
    text = class_prompts(encoder, names, templates, options.batch_size)
    with new_folder(options.output) as folder:
        for index, ((rows, _), own) in enumerate(zip(found, all_labels)):
            labels = np.array([numbers[label] for label in own], np.int32)
            test = np.full(len(labels), index == 1)
            if options.test_share is not None:
                test = stratified(labels, options.test_share, options.seed)
            for name, chosen in (("train", ~test), ("test", test)):
                if chosen.any():
                    write_rows(folder / f"{name}.safetensors", rows, chosen, labels, names)
        write_text(folder / "text.safetensors", text, names, encoder.logit_scale, templates)
    print(f"wrote {sum(len(rows) for rows, _ in found)} rows of length {text.shape[2]}, {len(names)} classes, to {options.output}")


def write_file(options, journal):
    rows, _ = journal.rows()
    target = pathlib.Path(options.output)
    part = target.with_name(f".{target.name}.tmp")
    write_rows(part, rows, np.ones(len(rows), bool))
    part.replace(target)
    print(f"wrote {len(rows)} rows of length {rows.shape[1]} to {options.output}")


def main():
    options = parse()
    try:
        run(options)
    except (ValueError, OSError) as error:
        sys.exit(f"embed: {error}")
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on", file=sys.stderr)
        sys.exit(130)


def run(options):
    is_file = options.output.endswith(".safetensors")
    if is_file and (options.test or options.test_share):
        raise ValueError("--test and --test-share need a folder for --output")
    if not is_file and pathlib.Path(options.output).exists() and any(pathlib.Path(options.output).iterdir()):
        raise FileExistsError(f"{options.output}: is there already and not empty")
    read_templates(options.templates)
    groups = [options.images] + ([options.test] if options.test else [])
    sources = [open_source(paths, options.label_field) for paths in groups]
    if not is_file and getattr(sources[0], "paths", None) and sources[0].labels is None:
        raise ValueError(f"{options.images[0]}: the images are in no class folders; write a .safetensors file for unlabelled rows")

    from encoders import choose_device, load_encoder  # PyTorch is slow to load: mistakes are told before

    encoder = load_encoder(options.model, choose_device(options.device))
    partial = pathlib.Path(options.output + ".partial")
    journals = []
    for index, (source, paths) in enumerate(zip(sources, groups)):
        settings = {"model": options.model, "images": [str(pathlib.Path(path).resolve()) for path in paths], "field": options.label_field}
        settings["count"] = len(source) if hasattr(source, "paths") else None
        journals.append(Journal(partial / ("train", "test")[index], settings))
        embed(source, encoder, journals[-1], options)
    if is_file:
        write_file(options, journals[0])
    else:
        write_folder(options, encoder, journals)
    for journal in journals:
        journal.close()
    shutil.rmtree(partial)


if __name__ == "__main__":
    main()
