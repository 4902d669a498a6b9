"""Image-text encoders by name: open_clip's and those of transformers, behind one small class."""

import torch


class Encoder:
    """Embeds images (as PIL has them) and texts; `logit_scale` is exp of the model's temperature parameter."""

    def __init__(self, name, preprocess, encode_images, encode_texts, logit_scale):
        self.name = name
        self.preprocess = preprocess  # PIL image -> tensor [channels, height, width]
        self._encode_images, self._encode_texts = encode_images, encode_texts
        self.logit_scale = logit_scale

    @torch.inference_mode()
    def images(self, batch):
        """Unit rows [n, D] of preprocessed images [n, channels, height, width]."""
        return unit(self._encode_images(batch))

    @torch.inference_mode()
    def texts(self, texts):
        """Unit rows [n, D]."""
        return unit(self._encode_texts(texts))


def unit(rows):
    return torch.nn.functional.normalize(rows.float(), dim=-1).cpu().numpy()


def choose_device(name):
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def load_encoder(name, device):
    """`open_clip:MODEL/PRETRAINED`, `open_clip:hf-hub:OWNER/NAME` or `open_clip:local-dir:FOLDER`; `transformers:NAME` or
    `transformers:FOLDER`."""
    library, _, model = name.partition(":")
    if library == "open_clip" and model:
        return load_open_clip(name, model, device)
    if library == "transformers" and model:
        return load_transformers(name, model, device)
    raise ValueError(f"the model '{name}', expected open_clip:... or transformers:...")


def load_open_clip(name, model, device):
    import open_clip

    pretrained = None
    if not model.startswith(("hf-hub:", "local-dir:")):
        model, _, pretrained = model.partition("/")
        if not pretrained:
            raise ValueError(f"the model '{name}', expected open_clip:MODEL/PRETRAINED such as open_clip:ViT-B-32/laion2b_s34b_b79k")
    network, _, preprocess = open_clip.create_model_and_transforms(model, pretrained=pretrained, device=device)
    tokenizer = open_clip.get_tokenizer(model)
    network.eval()
    return Encoder(
        name, preprocess, lambda batch: network.encode_image(batch.to(device)),
        lambda texts: network.encode_text(tokenizer(texts).to(device)), network.logit_scale.exp().item())


def load_transformers(name, model, device):
    import transformers

    network = transformers.AutoModel.from_pretrained(model).to(device).eval()
    images = transformers.AutoImageProcessor.from_pretrained(model)
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    # SigLIP was trained on texts of one length.
    length = network.config.text_config.max_position_embeddings
    padding = "max_length" if "siglip" in network.config.model_type else True

    def encode_texts(texts):
        tokens = tokenizer(texts, padding=padding, truncation=True, max_length=length, return_tensors="pt")
        return pooled(network.get_text_features(**tokens.to(device)))

    return Encoder(
        name, lambda image: images(image.convert("RGB"), return_tensors="pt")["pixel_values"][0],
        lambda batch: pooled(network.get_image_features(pixel_values=batch.to(device))), encode_texts,
        network.logit_scale.exp().item())


def pooled(output):
    """The embeddings: a tensor, or in newer versions of transformers an object that has them."""
    return output if isinstance(output, torch.Tensor) else output.pooler_output

