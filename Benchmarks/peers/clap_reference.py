"""CLAP in eager PyTorch, written from the formulae of the paper (Jha, Gong, Yao: CLAP4CLIP, NeurIPS 2024).

The peer of Credence's CLAP: one `TransformerDecoderLayer` as visual-guided attention, a linear map for the mean and one
for the standard deviation per task, reparameterised samples, plain SGD. `check_golden.py` checks it.
"""

import math

import torch
from torch import nn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

PRIOR_WEIGHT = 0.001


class TextFeatures:
    """Unit-length features of all prompts [classes, prompts, D] and their mean per class, unit length again [classes, D]."""

    def __init__(self, prompts):
        self.prompts = F.normalize(prompts, dim=-1)
        self.classes = F.normalize(self.prompts.mean(1), dim=-1)

    def first(self, count):
        part = object.__new__(TextFeatures)
        part.prompts, part.classes = self.prompts[:count], self.classes[:count]
        return part


class CLAP(nn.Module):
    def __init__(self, dimension, logit_scale, samples=20, beta=15.0, dropout=0.1):
        super().__init__()
        layer = nn.TransformerDecoderLayer(dimension, 1, 2048, dropout=dropout, activation="gelu", batch_first=True)
        self.vga = nn.TransformerDecoder(layer, 1)
        self.mu_adapters = nn.ModuleList()
        self.sigma_adapters = nn.ModuleList()
        self.classes_per_task = []
        self.dimension, self.logit_scale, self.samples, self.beta = dimension, logit_scale, samples, beta

    def add_task(self, classes, text):
        """A head for `classes` new classes; `text` holds all classes so far. The other heads are frozen."""
        for adapter in [*self.mu_adapters, *self.sigma_adapters]:
            adapter.requires_grad_(False)
        mu, sigma = nn.Linear(self.dimension, self.dimension), nn.Linear(self.dimension, self.dimension)
        with torch.no_grad():
            mean, variance = text.prompts.mean(1), text.prompts.var(1)
            mu.weight.copy_(mean.T @ mean / self.dimension)
            sigma.weight.copy_(variance.T @ variance / self.dimension)
        self.mu_adapters.append(mu)
        self.sigma_adapters.append(sigma)
        self.classes_per_task.append(classes)
        self.vga.requires_grad_(True)

    def thaw_for_finetuning(self):
        self.vga.requires_grad_(False)
        for adapter in [*self.mu_adapters, *self.sigma_adapters]:
            adapter.requires_grad_(True)

    def attention(self, images, text):
        """Visual-guided attention: every class looks at the classes of its task and at the images of the batch."""
        task = torch.repeat_interleave(torch.tensor(self.classes_per_task))
        blocked = task[:, None] != task[None, :]
        return self.vga(text.classes[None], images[None], tgt_mask=blocked)[0]

    def posteriors(self, images, text):
        """Per task: the input x of its head [n_t, D] and the distribution of its classes."""
        inputs = text.classes + self.attention(images, text)
        result = []
        for x, mu, sigma in zip(inputs.split(self.classes_per_task), self.mu_adapters, self.sigma_adapters):
            result.append((x, Normal(mu(x), 0.999 * F.softplus(sigma(x)) + 0.001)))
        return result

    def draw(self, distribution, noise=None):
        """Reparameterised samples [samples, n_t, D]; `noise` is given only by the check."""
        if noise is None:
            return distribution.rsample([self.samples])
        return distribution.loc + distribution.scale * noise

    def logits(self, images, x, residual):
        """[samples, batch, n_t]. One product for all samples: a fifth off the step at 100 classes against a batched one."""
        vectors = residual + x
        logits = self.logit_scale * (vectors.flatten(0, 1) @ images.T)
        return logits.view(*vectors.shape[:2], -1).transpose(1, 2)

    def forward(self, images, text, noise=None):
        images = F.normalize(images, dim=-1)
        posteriors = self.posteriors(images, text)
        residuals = [self.draw(q, noise and noise[t]) for t, (_, q) in enumerate(posteriors)]
        logits = torch.cat([self.logits(images, x, r) for (x, _), r in zip(posteriors, residuals)], dim=-1)
        return logits, posteriors, residuals

    def losses(self, images, labels, text, finetuning=False, noise=None):
        """Cross-entropy, text regulariser, prior matching."""
        logits, posteriors, residuals = self(images, text, noise)
        cross_entropy = F.cross_entropy(logits.flatten(0, 1), labels.repeat(logits.shape[0]))
        regulariser = torch.zeros(())
        prior_matching = torch.zeros(())
        prompts = text.prompts.split(self.classes_per_task)
        for t, ((_, q), r) in enumerate(zip(posteriors, residuals)):
            if not finetuning and t < len(residuals) - 1:
                continue
            prior = Normal(torch.zeros_like(q.loc), torch.ones_like(q.scale))
            prior_matching = prior_matching + PRIOR_WEIGHT * kl_divergence(q, prior).mean(0).sum()
            if self.beta > 0:
                similarity = torch.einsum("kpd,sjd->spkj", prompts[t], r).mean((0, 1))
                regulariser = regulariser + self.beta * F.cross_entropy(similarity, torch.arange(len(similarity)))
        return cross_entropy, regulariser, prior_matching

    @torch.no_grad()
    def predict(self, images, text):
        """Mean logits over the samples [batch, classes]; the batch itself is the attention's memory."""
        logits, _, _ = self(images, text)
        return logits.mean(0)


def training_step(model, optimiser, images, labels, text, finetuning=False, noise=None):
    losses = model.losses(images, labels, text, finetuning, noise)
    total = sum(losses)
    optimiser.zero_grad()
    total.backward()
    optimiser.step()
    return total, *losses


def learning_rate(step, steps, peak, warm_up):
    """Linear warm-up over `warm_up` steps, then a cosine to a thousandth of the peak."""
    if step < warm_up:
        return peak * (step + 1) / (warm_up + 1)
    final = peak / 1000
    return final + (peak - final) * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up))) / 2
