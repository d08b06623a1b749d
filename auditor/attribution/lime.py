"""LIME (Ribeiro et al. 2016) through captum, of several models at once.

Superpixels of a picture are hidden at random, the models score what is left, and a ridge regression says which
superpixels a score hangs on. All models see the same hidden pictures, so that 100 of them on one trunk cost its passes
once. Models are black boxes here: what is scored are 8-bit pictures, as everywhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.attribution.captum_extra import require_captum
from auditor.attribution.map_settings import baseline_colour
from auditor.attribution.superpixels import superpixels
from auditor.models import ModelIdentity, open_models, trunk_of

if TYPE_CHECKING:
    import torch

SAMPLES = 200
KERNEL_WIDTH = 0.25
RIDGE = 1.0
"""Kernel width and penalty are those of the lime package."""

_STREAM = 0x6C696D65  # "lime"


def lime_maps(
    models: Sequence[ModelIdentity],
    pictures: Sequence[np.ndarray],
    *,
    samples: int = SAMPLES,
    segments: int = 50,
    seed: int = 0,
    device: str = "cpu",
    batch: int = 50,
) -> Iterator[np.ndarray]:
    """Of each picture, the relevance of every pixel to each model's target: (n_models, height, width) float64.

    A superpixel that is hidden has the picture's mean colour. What is explained is the score on the scale that findings
    speak about, by default a probability.

    Args:
        models: with a target.
        pictures: (height, width, 3) uint8 each.
        samples: how many hidden pictures of each.
        segments: about how many superpixels.
        seed: of what is hidden; each picture has a stream of its own.
        device: where models run.
        batch: how many hidden pictures are scored together.

    Raises:
        UsageError: captum is not installed.
    """
    require_captum()
    score = _scorer_of(models, device)
    for number, picture in enumerate(pictures):
        regions = superpixels(picture, segments)
        colour = baseline_colour(picture, "mean")
        loads = lime_loads(score, len(models), picture, regions, colour, samples, (seed, number), batch)
        yield loads[:, regions]


def _scorer_of(models: Sequence[ModelIdentity], device: str) -> Any:
    """Pictures, each uint8, to the models' targets (n_pictures, n_models), one pass for each trunk."""
    groups: dict[Any, list[int]] = {}
    for i, model in enumerate(models):
        groups.setdefault(trunk_of(model) or ("alone", i), []).append(i)
    opened = [(members, open_models([models[i] for i in members], device)) for members in groups.values()]

    def score(pictures: Sequence[np.ndarray]) -> np.ndarray:
        found = np.empty((len(pictures), len(models)))
        for members, scorer in opened:
            for i, logits in zip(members, scorer.score(scorer.prepare(pictures)), strict=True):
                found[:, i] = models[i].scaled(logits)[:, models[i].target or 0]
        return found

    return score


def lime_loads(
    score: Callable[[Sequence[np.ndarray]], np.ndarray],
    n_models: int,
    picture: np.ndarray,
    regions: np.ndarray,
    colour: np.ndarray,
    samples: int,
    seed: tuple[int, int],
    batch: int,
) -> np.ndarray:
    """The load of each superpixel in each model, (n_models, n_regions) float64.

    Args:
        score: pictures, each uint8, to the models' scores (n_pictures, n_models).
        n_models: how many.
        picture: (height, width, 3) uint8.
        regions: (height, width), the superpixel of each pixel.
        colour: (3,), of what is hidden.
        samples: how many hidden pictures.
        seed: and the picture's number.
        batch: how many hidden pictures are scored together.
    """
    import torch
    from captum.attr import LimeBase

    n_regions = int(regions.max()) + 1
    hidden = np.random.default_rng([_STREAM, *seed]).random((samples, n_regions)) < 0.5
    scored: list[np.ndarray] = []

    def shown(regions_there: torch.Tensor, original: torch.Tensor, **_: object) -> torch.Tensor:
        there = regions_there[0].numpy().astype(bool)[regions]
        return torch.from_numpy(np.where(there[..., None], original[0].numpy(), colour))[None]

    def forward(pictures: torch.Tensor) -> torch.Tensor:
        scored.append(score(list(pictures.numpy().astype(np.uint8))))
        # captum takes one number a picture; the regression below reads those of all models.
        return torch.from_numpy(scored[-1][:, 0])

    def near(original: torch.Tensor, perturbed: torch.Tensor, there: torch.Tensor, **_: object) -> float:
        # Cosine distance from the picture in which nothing is hidden.
        away = 1.0 - math.sqrt(float(there.float().mean()))
        return math.exp(-(away**2) / (2.0 * KERNEL_WIDTH**2))

    def hiding(original: torch.Tensor, **_: object) -> Iterator[torch.Tensor]:
        for row in hidden:
            yield torch.from_numpy(~row)[None].to(torch.int64)

    ridge = _ridge(scored)
    explained = LimeBase(forward, ridge, near, hiding, True, shown, None)
    original = torch.from_numpy(picture.astype(np.float64))[None]
    explained.attribute(original, n_samples=samples, perturbations_per_eval=batch)
    return np.asarray(ridge.loads).reshape(n_models, n_regions)


def _ridge(scored: list[np.ndarray]) -> Any:
    """The weighted ridge regression of the lime package, of the scores of all models that `scored` has gathered."""
    import torch
    from captum._utils.models.model import Model

    class Ridge(Model):  # type: ignore[misc]  # captum has no types for us
        loads: np.ndarray

        def fit(self, train_data: Any, **_: object) -> None:
            ((there, _first, weights),) = list(train_data)
            self.loads = weighted_ridge(
                there.numpy().astype(np.float64), np.concatenate(scored), weights.numpy().astype(np.float64), RIDGE
            )

        def representation(self) -> torch.Tensor:
            return torch.from_numpy(self.loads[:1])

        def __call__(self, x: Any) -> Any:
            raise NotImplementedError("nothing is predicted")

    return Ridge()


def weighted_ridge(features: np.ndarray, outputs: np.ndarray, weights: np.ndarray, penalty: float) -> np.ndarray:
    """Coefficients (n_outputs, n_features) that minimise the weighted squared error plus `penalty` times their squares.

    Args:
        features: (n_samples, n_features).
        outputs: (n_samples, n_outputs), each regressed by itself, with an intercept that is not penalised.
        weights: (n_samples,).
    """
    share = weights / weights.sum()
    centred, targets = features - share @ features, outputs - share @ outputs
    gram = centred.T @ (weights[:, None] * centred) + penalty * np.eye(features.shape[1])
    found: np.ndarray = np.linalg.solve(gram, centred.T @ (weights[:, None] * targets)).T
    return found
