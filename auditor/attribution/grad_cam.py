"""Grad-CAM (Selvaraju et al. 2017) through captum: where the last layer that keeps places speaks for the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor import codes
from auditor.attribution.captum_extra import require_captum
from auditor.attribution.explained_output import Explained, explained_output
from auditor.errors import DataError
from auditor.models import ModelIdentity
from auditor.models.transformers_scorer import load_transformers_model
from auditor.source import Loc

if TYPE_CHECKING:
    import torch


def grad_cam_maps(
    model: ModelIdentity,
    pictures: Sequence[np.ndarray],
    *,
    device: str = "cpu",
    batch: int = 50,
    loc: Loc = (),
    explained: Explained = "logit",
) -> Iterator[np.ndarray]:
    """Of each picture, the relevance of every pixel to the model's target: (height, width) float64, 0 or more.

    The map of the layer is enlarged to the picture bilinearly, on the assumption that preprocessing keeps the picture
    whole: scaling is no matter, a crop would shift it.

    Args:
        model: of the transformers adapter, with a target.
        pictures: (height, width, 3) uint8 each.
        device: where the model runs.
        batch: how many pictures are explained together.
        loc: where the document speaks of the model.
        explained: whether the gradients are those of the target's logit or of its probability.

    Raises:
        UsageError: captum is not installed.
        DataError: the model cannot be differentiated, or has no layer that keeps places.
    """
    require_captum()
    refuse_without_gradients(model, loc)
    import torch
    from captum.attr import LayerGradCam
    from transformers import AutoImageProcessor

    processor = AutoImageProcessor.from_pretrained(
        model.folder, local_files_only=True, trust_remote_code=False, backend="pil"
    )
    whole = load_transformers_model(model, device)
    whole.requires_grad_(False)
    number = explained_output(whole, model, model.target or 0, explained)
    layer: Any = None
    for start in range(0, len(pictures), batch):
        part = list(pictures[start : start + batch])
        pixels = torch.cat([processor([each], return_tensors="pt")["pixel_values"] for each in part]).to(device)
        pixels.requires_grad_(True)
        if layer is None:
            layer = last_feature_map(whole, pixels[:1], model.name, loc)
        found = LayerGradCam(number, layer).attribute(pixels, target=0, relu_attributions=True)
        for each, relevance in zip(part, found.detach(), strict=True):
            enlarged = torch.nn.functional.interpolate(
                relevance[None].float(), size=each.shape[:2], mode="bilinear", align_corners=False
            )
            yield enlarged[0, 0].cpu().numpy().astype(np.float64)


def refuse_without_gradients(model: ModelIdentity, loc: Loc = (), method: str = "Grad-CAM") -> None:
    """Raise DataError where the model's adapter gives no gradients, which `method` needs."""
    if model.adapter != "transformers":
        raise DataError(
            f"{method} needs the gradients of the model `{model.name}`, and its {model.adapter} adapter gives none",
            code=codes.NO_FEATURE_MAP,
            loc=loc,
            way_out=f"leave {method} out, or audit the model through the transformers adapter; LIME needs scores alone",
        )


def last_feature_map(model: torch.nn.Module, pixels: torch.Tensor, name: str, loc: Loc = ()) -> torch.nn.Module:
    """The last module whose output keeps places: (n, channels, height, width) with more than one place.

    Raises:
        DataError: there is none, as in transformers whose tokens lie in a row.
    """
    import torch

    kept: list[torch.nn.Module] = []

    def note(module: torch.nn.Module, _given: object, output: object) -> None:
        if isinstance(output, torch.Tensor) and output.dim() == 4 and output.shape[2] * output.shape[3] > 1:
            kept.append(module)

    hooks = [module.register_forward_hook(note) for module in model.modules()]
    try:
        with torch.no_grad():
            model(pixel_values=pixels)
    finally:
        for hook in hooks:
            hook.remove()
    if not kept:
        raise DataError(
            f"the model `{name}` has no layer that keeps places, which Grad-CAM needs",
            code=codes.NO_FEATURE_MAP,
            loc=loc,
            way_out="leave Grad-CAM out; LIME needs scores alone",
        )
    return kept[-1]
