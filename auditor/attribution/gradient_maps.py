"""Maps that differentiate a model of transformers: integrated gradients and DeepLift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.attribution.deep_lift import deep_lift, refuse_reused_activations
from auditor.attribution.explained_output import explained_output
from auditor.attribution.grad_cam import refuse_without_gradients
from auditor.attribution.map_settings import MapSettings, baseline_colour
from auditor.models import ModelIdentity
from auditor.models.transformers_scorer import load_transformers_model
from auditor.source import Loc

if TYPE_CHECKING:
    import torch

NAMES = {"integrated_gradients": "integrated gradients", "deep_lift": "DeepLift"}


def gradient_maps(
    method: str,
    model: ModelIdentity,
    pictures: np.ndarray,
    output: int,
    settings: MapSettings,
    device: str = "cpu",
    loc: Loc = (),
) -> np.ndarray:
    """What each cell adds to the output, compared with a picture of the baseline's colour: (n, rows, columns) float64.

    Attributions of the channels are added up, and means over the cells taken where preprocessing has put the pixels:
    scaling is no matter, a crop would shift them.

    Args:
        method: `integrated_gradients` or `deep_lift`.
        model: of the transformers adapter.
        pictures: (n, height, width, 3) uint8.
        output: index of the output.
        settings: what is explained, grid, baseline, steps and batch.
        device: where the model runs.
        loc: where the document speaks of the model.

    Raises:
        DataError: the model cannot be differentiated, or DeepLift cannot follow it.
    """
    refuse_without_gradients(model, loc, NAMES[method])
    import torch
    from captum.attr import IntegratedGradients
    from transformers import AutoImageProcessor

    processor = AutoImageProcessor.from_pretrained(
        model.folder, local_files_only=True, trust_remote_code=False, backend="pil"
    )
    whole = load_transformers_model(model, device).requires_grad_(False)
    number = explained_output(whole, model, output, settings.explained)

    def prepared(some: np.ndarray) -> torch.Tensor:
        return processor(list(some), return_tensors="pt")["pixel_values"].to(device)

    if method == "deep_lift":
        refuse_reused_activations(number, prepared(pictures[:1]), model.name, loc)
    found = []
    for start in range(0, len(pictures), settings.batch):
        part = pictures[start : start + settings.batch]
        blank = np.stack([np.broadcast_to(baseline_colour(each, settings.baseline), each.shape) for each in part])
        pixels, baseline = prepared(part), prepared(np.ascontiguousarray(blank))
        if method == "deep_lift":
            relevance = deep_lift(number, pixels, baseline)
        else:
            relevance = IntegratedGradients(number).attribute(
                pixels, baseline, target=0, n_steps=settings.steps, internal_batch_size=settings.batch
            )
        added = relevance.detach().double().sum(dim=1)
        found.append(torch.nn.functional.adaptive_avg_pool2d(added[:, None], settings.grid)[:, 0].cpu().numpy())
    return np.concatenate(found)
