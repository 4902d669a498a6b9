"""Where images come from: folders with a folder a class, flat folders, and WebDataset tar files."""

import io
import json
import pathlib
import tarfile

IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm"}


class Folder:
    """Images of a folder, sorted by path; the folders in it are the classes, unless images lie in it themselves."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        if not self.root.is_dir():
            raise FileNotFoundError(f"{root}: no such folder")
        self.paths = sorted(path for path in self.root.rglob("*") if path.suffix.lower() in IMAGES and path.is_file())
        if not self.paths:
            raise FileNotFoundError(f"{root}: there are no images")
        flat = [path for path in self.paths if path.parent == self.root]
        if flat and len(flat) < len(self.paths):
            raise ValueError(f"{root}: holds images as well as folders with images, expected one of the two")
        self.labels = None if flat else sorted({self.label(path) for path in self.paths})

    def label(self, path):
        return path.relative_to(self.root).parts[0]

    def __len__(self):
        return len(self.paths)

    def samples(self, skip=0):
        """Name, label (None in a flat folder) and a function that reads the bytes."""
        for path in self.paths[skip:]:
            yield str(path.relative_to(self.root)), self.label(path) if self.labels else None, path.read_bytes


class WebDataset:
    """Samples of tar files: files of one name up to the first dot of their last part belong together.

    The label is the content of `.cls` (or `.cls.txt`), or with `field` that member of `.json`.
    """

    def __init__(self, tars, field=None):
        self.tars, self.field, self.labels = [pathlib.Path(tar) for tar in tars], field, None
        for tar in self.tars:
            if not tar.is_file():
                raise FileNotFoundError(f"{tar}: no such file")

    def samples(self, skip=0):
        for tar in self.tars:
            with tarfile.open(tar) as archive:
                for key, files in self.groups(archive):
                    image = next((member for end, member in files.items() if "." + end.split(".")[-1] in IMAGES), None)
                    if image is None:
                        continue
                    if skip > 0:
                        skip -= 1
                        continue
                    # Read now: a tar file is read from front to back.
                    data = archive.extractfile(image).read()
                    yield f"{tar.name}/{key}", self.label(archive, files, f"{tar}: {key}"), lambda data=data: data

    def groups(self, archive):
        key, files = None, {}
        for member in archive:
            if not member.isfile():
                continue
            folder, _, name = member.name.rpartition("/")
            stem, _, end = name.partition(".")
            own = f"{folder}/{stem}" if folder else stem
            if own != key and files:
                yield key, files
                files = {}
            key = own
            files[end.lower()] = member
        if files:
            yield key, files

    def label(self, archive, files, place):
        if self.field:
            if "json" not in files:
                raise ValueError(f"{place}: has no .json file with '{self.field}'")
            values = json.load(archive.extractfile(files["json"]))
            if self.field not in values:
                raise ValueError(f"{place}: its .json file has no '{self.field}'")
            return str(values[self.field])
        member = files.get("cls") or files.get("cls.txt")
        return archive.extractfile(member).read().decode().strip() if member else None


def open_source(paths, field=None):
    """A folder, or tar files."""
    if len(paths) == 1 and pathlib.Path(paths[0]).is_dir():
        return Folder(paths[0])
    return WebDataset(paths, field)


def read_image(data):
    """The image in RGB; None where the bytes are no image that can be read."""
    from PIL import Image

    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
