"""Loading image-text models: the prompts of their classes embedded once, pictures compared with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.models.model import ModelIdentity
from auditor.models.safetensors_folder import read_json
from auditor.models.score_by_shape import score_by_shape
from auditor.models.scorer import Scorer
from auditor.models.whole_weights import refuse_missing_weights
from auditor.models.zero_shot_model import CONFIG, tokens_read

if TYPE_CHECKING:
    import torch


def open_zero_shot_model(identities: Sequence[ModelIdentity], device: str) -> Scorer:
    """Load the model and embed the prompts of its classes, each prompt alone, once."""
    import torch
    import transformers
    from transformers import AutoImageProcessor, AutoTokenizer

    (identity,) = identities
    config = read_json(identity.folder / CONFIG, ())
    name = str(config["architectures"][0])  # type: ignore[index]
    model, loading = getattr(transformers, name).from_pretrained(
        identity.folder,
        local_files_only=True,
        use_safetensors=True,
        dtype=torch.float32,
        output_loading_info=True,
    )
    refuse_missing_weights(f"the model `{identity.name}`", loading)
    model.to(device).eval()
    local = {"local_files_only": True, "trust_remote_code": False}
    processor = AutoImageProcessor.from_pretrained(identity.folder, backend="pil", **local)
    tokenizer = AutoTokenizer.from_pretrained(identity.folder, **local)

    def embedded(found: Any) -> torch.Tensor:
        features = getattr(found, "pooler_output", found)
        return features / features.norm(dim=-1, keepdim=True)

    def of_prompt(prompt: str) -> torch.Tensor:
        # SigLIP was trained on prompts filled up to its limit; CLIP reads them as they are.
        filled = {"padding": "max_length", "max_length": tokens_read(config)} if name == "SiglipModel" else {}
        tokens = tokenizer([prompt], return_tensors="pt", **filled).to(device)
        return embedded(model.get_text_features(input_ids=tokens["input_ids"]))

    with torch.inference_mode():
        means = [torch.cat([of_prompt(prompt) for prompt in prompts]).mean(dim=0) for prompts in identity.prompts]
        classes = torch.stack([mean / mean.norm() for mean in means])
        scale = model.logit_scale.exp()
        bias = getattr(model, "logit_bias", torch.zeros((), device=device))

    def prepare(images: Sequence[np.ndarray]) -> list[torch.Tensor]:
        return [processor([image], return_tensors="pt")["pixel_values"] for image in images]

    def of(pixels: torch.Tensor) -> np.ndarray:
        features = embedded(model.get_image_features(pixel_values=pixels.to(device)))
        return np.asarray((features @ classes.T * scale + bias).float().cpu().numpy())

    def score(pixels: list[torch.Tensor]) -> tuple[np.ndarray, ...]:
        with torch.inference_mode():
            shapes = [tuple(each.shape) for each in pixels]
            return (score_by_shape(shapes, lambda batch: of(torch.cat([pixels[i] for i in batch]))),)

    return Scorer(prepare, score)
