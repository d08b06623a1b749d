"""Every image's numbers along the sweeps of properties, with what may be said of that image alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from auditor.analyses import GradientEstimates, PropertyGradient
from auditor.checks import ImageTest
from auditor.models import ModelIdentity
from auditor.results.sweeps.property_judged import JudgedProperty
from auditor.results.sweeps.sweep_result import ImageSweep
from auditor.statistics import holm
from auditor.statistics.sweeps import effect_floor, shuffle_test

SAME_NUMERICS = 0.0
"""SD of a score when the same frame is computed again: frames are stored as 8-bit pictures, and a numerics class gives
one score for one picture, which its probe verifies."""


def image_sweeps(
    judged: JudgedProperty,
    estimates: GradientEstimates,
    model: ModelIdentity,
    tests: Sequence[ImageTest | None],
    adjusted: Sequence[float | None],
) -> tuple[ImageSweep, ...]:
    """One entry for each valid image of one model and one property, in the order of the images.

    Args:
        judged: the model and the property.
        estimates: what the analysis measured.
        model: the model.
        tests: the test of each valid image, or None where its sweep is descriptive.
        adjusted: its p-value adjusted over images and properties, or None.
    """
    analysis, curves = judged.analysis, judged.curves
    names = [
        name for name, whole in zip(estimates.sweeps[judged.intervention].images, estimates.valid, strict=True) if whole
    ]
    floor = floor_of(analysis, estimates, judged.model)
    shuffled = shuffle_test(curves.scores.mean(axis=1), analysis.shuffles, analysis.seed, curves.points)
    steady = _control_flips(analysis, estimates, judged.model)
    places = np.flatnonzero(judged.applies)
    ratio = {} if judged.ratio is None else dict(zip(places.tolist(), judged.ratio.per_image.tolist(), strict=True))
    found = []
    for i, name in enumerate(names):
        flips = None if curves.flips is None else float(curves.flips[i].mean())
        span, test = float(curves.numbers.span[i]), tests[i]
        found.append(
            ImageSweep(
                analysis=analysis.name,
                model=judged.model,
                property=judged.property,
                intervention=judged.intervention,
                image=name,
                target=model.outputs[int(curves.targets[i])],
                gradient=float(curves.numbers.per_step[i]),
                gradient_per_unit=float(curves.numbers.per_unit[i]),
                net_change=float(curves.numbers.net_change[i]),
                range=span,
                total_variation=float(curves.numbers.total_variation[i]),
                flips=flips,
                first_flip=_first(curves.first_flip, i),
                shuffle_p=float(shuffled.p_two_sided[i]),
                shuffle_side="smoother" if shuffled.observed[i] <= shuffled.null_mean[i] else "rougher",
                ratio=math.exp(ratio[i]) if i in ratio else None,
                floor=floor,
                moves=None if floor is None else span >= floor or (bool(flips) and not steady[i]),
                changed=bool(judged.applies[i]),
                test=None if test is None else test.test,
                p_value=None if test is None else test.p_value,
                p_adjusted=adjusted[i],
            )
        )
    return tuple(found)


def floor_of(analysis: PropertyGradient, estimates: GradientEstimates, model: str) -> float | None:
    """The range below which nothing counts as a move of one image; None without controls."""
    if not analysis.controls:
        return None
    spans = np.concatenate([estimates.curves[model, name].numbers.span for name in analysis.controls])
    return effect_floor(analysis.min_effect, SAME_NUMERICS, spans)


def _control_flips(analysis: PropertyGradient, estimates: GradientEstimates, model: str) -> np.ndarray:
    """Whether a control changes the decision in each valid image, (n_valid,) bool."""
    changed = np.zeros(int(estimates.valid.sum()), bool)
    for name in analysis.controls:
        flips = estimates.curves[model, name].flips
        if flips is not None:
            changed |= (flips > 0).any(axis=1)
    return changed


def _first(first: np.ndarray | None, image: int) -> float | None:
    """The first place at which a decision changes, over variants; None where it does not."""
    if first is None or np.isnan(first[image]).all():
        return None
    return float(np.nanmin(first[image]))


def adjust_images(
    tests: dict[tuple[str, str], Sequence[ImageTest | None]],
) -> dict[tuple[str, str], tuple[float | None, ...]]:
    """p-values of single images adjusted by Holm over images and properties of each model.

    Args:
        tests: by model and property, an entry for each image; None where there is no test.
    """
    found: dict[tuple[str, str], tuple[float | None, ...]] = {}
    for model in dict.fromkeys(name for name, _ in tests):
        mine = {key: each for key, each in tests.items() if key[0] == model}
        drawn = np.array([test.p_value for each in mine.values() for test in each if test is not None])
        adjusted = iter(holm(drawn).tolist()) if len(drawn) else iter(())
        for key, each in mine.items():
            found[key] = tuple(None if test is None else float(next(adjusted)) for test in each)
    return found
