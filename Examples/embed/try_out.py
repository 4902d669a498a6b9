"""Makes what trying embed.py out needs, without a download: pictures, and tiny models with random weights.

    python try_out.py FOLDER [open_clip] [transformers]

FOLDER/images holds pictures of three classes, FOLDER/shard.tar the same as a WebDataset, FOLDER/open_clip and
FOLDER/transformers a model each. Random weights know nothing of the pictures' names, but tell discs from stripes.
"""

import io
import json
import pathlib
import sys
import tarfile

import numpy as np
from PIL import Image

CLASSES = ["blue_stripes", "green_square", "red_disc"]


def picture(kind, generator):
    """A shape somewhere on a grey ground, 40 x 40."""
    y, x = np.mgrid[:40, :40]
    pixels = np.full((40, 40, 3), generator.integers(90, 160), float)
    cx, cy, size = *generator.integers(12, 28, 2), generator.integers(6, 12)
    if kind == 0:
        pixels[(x + generator.integers(8)) % 8 < 4] = [30, 30, 220]
    elif kind == 1:
        pixels[(abs(x - cx) < size) & (abs(y - cy) < size)] = [30, 200, 30]
    else:
        pixels[(x - cx) ** 2 + (y - cy) ** 2 < size ** 2] = [220, 30, 30]
    return Image.fromarray(np.clip(pixels + generator.normal(0, 12, pixels.shape), 0, 255).astype(np.uint8))


def make_images(folder, count=8):
    generator = np.random.default_rng(1)
    with tarfile.open(folder / "shard.tar", "w") as archive:
        for number in range(count):
            for kind, name in enumerate(CLASSES):
                place = folder / "images" / name / f"{number:03}.png"
                place.parent.mkdir(parents=True, exist_ok=True)
                data = io.BytesIO()
                picture(kind, generator).save(data, "png")
                place.write_bytes(data.getvalue())
                key = f"{number * len(CLASSES) + kind:05}"
                for end, content in (("png", data.getvalue()), ("cls", str(kind).encode()),
                                     ("json", json.dumps({"species": name}).encode())):
                    member = tarfile.TarInfo(f"{key}.{end}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
    (folder / "names.txt").write_text("\n".join(name.replace("_", " ") for name in CLASSES) + "\n")


def make_open_clip(folder):
    import open_clip
    import torch

    torch.manual_seed(1)
    configuration = {
        "embed_dim": 32,
        "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
        "text_cfg": {"context_length": 24, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
    }
    model = open_clip.CLIP(**configuration)
    folder.mkdir(parents=True)
    (folder / "open_clip_config.json").write_text(json.dumps({
        "model_cfg": configuration,
        "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]},
    }))
    torch.save(model.state_dict(), folder / "open_clip_pytorch_model.bin")


def make_transformers(folder):
    import tokenizers
    import torch
    import transformers

    torch.manual_seed(1)
    text = [f"a photo picture drawing of a small {name.replace('_', ' ')} in the distance among other things." for name in CLASSES]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<end>"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(text, tokenizers.trainers.BpeTrainer(vocab_size=120, special_tokens=["<end>", "<start>"]))
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", 1), ("<end>", 0)])
    words = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<start>", eos_token="<end>", pad_token="<end>", unk_token="<end>")
    layers = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    configuration = transformers.CLIPConfig(
        text_config={**layers, "vocab_size": 120, "max_position_embeddings": 48, "eos_token_id": 0, "bos_token_id": 1, "pad_token_id": 0},
        vision_config={**layers, "image_size": 32, "patch_size": 8}, projection_dim=32)
    transformers.CLIPModel(configuration).save_pretrained(folder)
    words.save_pretrained(folder)
    transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    make_images(folder)
    for name in sys.argv[2:] or ["open_clip", "transformers"]:
        {"open_clip": make_open_clip, "transformers": make_transformers}[name](folder / name)


if __name__ == "__main__":
    main()
