"""Maps of a picture by any method, on one grid: what each place does for one output of a model.

All methods explain the logit of the output, or its probability. Grad-CAM gives relevance of 0 or more, as it is
defined; the others are signed. Where maps before and after an intervention are compared, give both the superpixels of
the picture before and the same seed: then LIME and kernel SHAP hide the same places, and differ by what the model sees
alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from auditor.attribution.captum_extra import require_captum
from auditor.attribution.grad_cam import grad_cam_maps
from auditor.attribution.gradient_maps import gradient_maps
from auditor.attribution.kernel_shap import kernel_shap_loads
from auditor.attribution.lime import lime_loads
from auditor.attribution.map_settings import MapSettings, baseline_colour, cell_means
from auditor.attribution.occlusion import Score, occlusion_maps
from auditor.attribution.superpixels import superpixels
from auditor.models import ModelIdentity, open_models

MapMethod = Literal["grad_cam", "integrated_gradients", "occlusion", "lime", "kernel_shap", "deep_lift"]
MAP_METHODS: Final[dict[MapMethod, str]] = {
    "grad_cam": "Grad-CAM",
    "integrated_gradients": "integrated gradients",
    "occlusion": "occlusion",
    "lime": "LIME",
    "kernel_shap": "kernel SHAP",
    "deep_lift": "DeepLift",
}
"""Every method and its name in tables, in the order of the paper's table 2."""

SETTINGS = MapSettings()


def maps(
    method: MapMethod,
    model: ModelIdentity,
    images: np.ndarray,
    output: int | np.ndarray,
    seed: int = 0,
    *,
    settings: MapSettings = SETTINGS,
    regions: np.ndarray | None = None,
    device: str = "cpu",
) -> np.ndarray:
    """The map of each picture, (n, rows, columns) float64 on the grid of the settings.

    Args:
        method: which; occlusion, LIME and kernel SHAP take models of any adapter.
        model: which model.
        images: (n, height, width, 3) uint8.
        output: index of the output that is explained, or of each picture its own, (n,).
        seed: of what LIME and kernel SHAP hide; a picture's stream follows from its number.
        settings: grid, baseline and budgets.
        regions: (n, height, width) int, superpixels for LIME and kernel SHAP; by default each picture's own.
        device: where the model runs.

    Returns:
        (0, rows, columns) for no pictures.

    Raises:
        UsageError: captum is not installed.
        DataError: a method needs gradients that the adapter does not give, a layer that keeps places, or activations
            that are used once.
        ValueError: pictures, outputs or regions of another shape, or an output that the model has not.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
        raise ValueError(f"pictures must be (n, height, width, 3) uint8, not {images.shape} {images.dtype}")
    outputs = np.broadcast_to(output, len(images))
    unknown = [each for each in np.unique(output) if not 0 <= each < len(model.outputs)]
    if unknown:
        raise ValueError(
            f"the model {model.name} has {len(model.outputs)} outputs, and none has the index {unknown[0]}"
        )
    if regions is not None and regions.shape != images.shape[:3]:
        raise ValueError(f"regions have the shape {regions.shape}, and pictures {images.shape[:3]}")
    found = np.zeros((len(images), *settings.grid))
    if len(images):
        require_captum()
    for each in np.unique(outputs):
        numbers = np.flatnonzero(outputs == each)
        shown = None if regions is None else regions[numbers]
        found[numbers] = _of_output(method, model, images[numbers], int(each), seed, numbers, settings, shown, device)
    return found


def _of_output(
    method: MapMethod,
    model: ModelIdentity,
    images: np.ndarray,
    output: int,
    seed: int,
    numbers: np.ndarray,
    settings: MapSettings,
    regions: np.ndarray | None,
    device: str,
) -> np.ndarray:
    """Maps of one output; `numbers` are the pictures' own, from which their streams follow."""
    if method == "grad_cam":
        named = replace(model, target=output)
        found = np.stack(
            list(grad_cam_maps(named, list(images), device=device, batch=settings.batch, explained=settings.explained))
        )
        return cell_means(found, settings.grid)
    if method in ("integrated_gradients", "deep_lift"):
        return gradient_maps(method, model, images, output, settings, device)
    score = _score_of(model, output, settings, device)
    if method == "occlusion":
        return occlusion_maps(score, images, settings)
    if regions is None:
        regions = np.stack([superpixels(image, settings.segments) for image in images])
    loads = [
        _loads(method, score, image, shown, (seed, int(number)), settings)[shown]
        for number, image, shown in zip(numbers, images, regions, strict=True)
    ]
    return cell_means(np.stack(loads), settings.grid)


def squared_differences(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The mean squared difference of each picture's two maps, (n,) float64 (property gradients, section 4.1)."""
    found: np.ndarray = ((after - before) ** 2).mean(axis=(1, 2))
    return found


def _loads(
    method: MapMethod,
    score: Score,
    image: np.ndarray,
    regions: np.ndarray,
    seed: tuple[int, int],
    settings: MapSettings,
) -> np.ndarray:
    """What each superpixel does for the output, (n_regions,)."""
    if method == "kernel_shap":
        return kernel_shap_loads(score, image, regions, seed, settings)
    colour = baseline_colour(image, settings.baseline)

    def one_model(pictures: Sequence[np.ndarray]) -> np.ndarray:
        return score(pictures)[:, None]

    loads: np.ndarray = lime_loads(one_model, 1, image, regions, colour, settings.samples, seed, settings.batch)[0]
    return loads


def _score_of(model: ModelIdentity, output: int, settings: MapSettings, device: str) -> Score:
    """Pictures to the explained number of one output, batch by batch."""
    scorer = open_models([model], device)

    def score(pictures: Sequence[np.ndarray]) -> np.ndarray:
        starts = range(0, len(pictures), settings.batch)
        logits = np.concatenate([scorer(pictures[start : start + settings.batch]) for start in starts])
        found = model.probabilities(logits) if settings.explained == "probability" else logits
        return np.asarray(found[:, output], np.float64)

    return score
