"""Baselines of an evaluation: rankings by relevance maps and masks, with progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from auditor.attribution import SHARE, MeanOverlap, grad_cam_maps, lime_maps
from auditor.evaluation import Ranking
from auditor.execute import Progress
from auditor.models import ModelIdentity

BaselineName = Literal["lime", "grad_cam"]
BASELINES: Final[tuple[BaselineName, ...]] = ("lime", "grad_cam")


def baseline_rankings(
    wanted: Sequence[BaselineName],
    models: Sequence[ModelIdentity],
    pictures: Sequence[np.ndarray],
    masks: Sequence[np.ndarray],
    samples: int,
    seed: int,
    progress: Progress,
) -> list[Ranking]:
    """The mean overlap of relevance maps with masks, for each baseline.

    Args:
        wanted: which baselines.
        models: with a target.
        pictures: (height, width, 3) uint8 each.
        masks: of each picture, (n_concepts, height, width) bool.
        samples: how many hidden pictures LIME makes of each.
        seed: of what LIME hides.
        progress: told of each picture, or each model.
    """
    found = []
    for name in wanted:
        overlap = MeanOverlap(len(models), len(masks[0]))
        over = f"mean overlap with the concepts' masks over {len(pictures)} real pictures, of pixels of at least "
        over += f"{SHARE:.0%} of the largest relevance"
        if name == "lime":
            progress.begin("explaining with LIME", len(pictures))
            for relevance, shown in zip(lime_maps(models, pictures, samples=samples, seed=seed), masks, strict=True):
                overlap.add(relevance, shown)
                progress.advance(1)
            about = f"LIME, {samples} samples a picture, seed {seed}: {over}"
            found.append(Ranking("LIME", overlap.importances, about))
        else:
            progress.begin("explaining with Grad-CAM", len(models))
            for i, model in enumerate(models):
                for relevance, shown in zip(grad_cam_maps(model, pictures), masks, strict=True):
                    overlap.add(relevance[None], shown, slice(i, i + 1))
                progress.advance(1)
            about = f"Grad-CAM at the last layer that keeps places: {over}"
            found.append(Ranking("Grad-CAM", overlap.importances, about))
        progress.end()
    return found
