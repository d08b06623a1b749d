"""The gate that every comparison with controls has: are they as strong as the property?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from auditor.analyses import GradientEstimates, PropertyGradient
from auditor.checks.outcome import judged_part, listed_parts, worst_state
from auditor.judgement import CheckPart, CheckResult
from auditor.statistics.sweeps import DoseRatio, dose_ratios

CONFIDENCE: Final = 0.95
"""One-sided confidence of the gate; chosen, as that of all gates."""

KIND: Final = "control_dose"

HARDLY: Final = 0.05
"""Below this share of the mean dose an image is hardly changed; above this share of such images the gate says so."""

LEAST_ROOM: Final = 1.25
"""How far above the threshold the ratio of one image may count where `min_ratio` leaves less room; chosen."""


def control_dose(analysis: PropertyGradient, estimates: GradientEstimates) -> CheckResult | None:
    """The dose of each control beside that of each property; None without controls.

    A dose is the mean distance of the frames from the first one, in pixel values. A control of .8 of the property's
    dose makes an unbiased model look biased in nearly every audit that asks for no least ratio (statistics, section 8).
    Judged on the images of the claim: those that the property changes, of which it may hardly change some. These never
    accuse a model, and a strong control in them makes up for a weak one in others only as far as `most_counted` says.
    """
    if not analysis.controls:
        return None
    parts: list[CheckPart] = []
    hardly: list[str] = []
    for name in analysis.interventions:
        mine = estimates.doses(name)
        applies = mine > 0.0
        title = estimates.sweeps[name].property
        theirs = np.stack([estimates.doses(control) for control in analysis.controls], axis=1)
        known = applies & np.isfinite(theirs).all(axis=1)
        clusters = None if estimates.clusters is None else estimates.clusters[known]
        ratios: Sequence[DoseRatio | None] = (None,) * len(analysis.controls)
        if known.any():
            ratios = dose_ratios(mine[known], theirs[known], most_counted(analysis), clusters)
            share = float((mine[known] < HARDLY * mine[known].mean()).mean())
            hardly += [f"{title} hardly changes {share:.0%} of images"] if share > HARDLY else []
        for control, ratio in zip(analysis.controls, ratios, strict=True):
            parts.append(
                judged_part(
                    f"{title}: {control}", "dose of control / dose of property", ratio, CONFIDENCE,
                    (analysis.min_dose_ratio, None), _said(control, title, ratio, bool(applies.any())), concept=title,
                )
            )  # fmt: skip
    state = worst_state(parts)
    measured = [part.measured for part in parts if part.measured is not None]
    sentence = (
        f"every control is at least {analysis.min_dose_ratio:g} times as strong as its property"
        if state == "pass"
        else listed_parts("controls are too weak, or that is not known", parts)
    )
    if hardly:
        sentence += (
            f"; {' and '.join(hardly)}, less than {HARDLY:g} of its mean dose: they stay in the comparison and make it "
            "find less; choose rows in which there is something to change"
        )
    return CheckResult(
        kind=KIND,
        of=analysis.name,
        state=state,
        measured=min(measured, default=None),
        threshold=analysis.min_dose_ratio,
        sentence=sentence,
        parts=tuple(parts),
    )


def most_counted(analysis: PropertyGradient) -> float:
    """What the dose ratio of one image counts at most.

    With the product of both thresholds, a gate that passes means that no model whose E|grad| grows at most in
    proportion to the dose, whatever is changed, has a mean ratio above `min_ratio` (`statistics/sweeps/doses.py`).
    """
    return max(1.0, analysis.min_dose_ratio * max(analysis.min_ratio, LEAST_ROOM))


def _said(control: str, title: str, ratio: DoseRatio | None, changes: bool) -> str:
    """The sentence of one control; `changes` says whether the property changes a pixel of any image."""
    if not changes:
        return f"{title} changes no pixel of any image, so that there is nothing to compare {control} with"
    if ratio is None:
        return "no two frames of a sweep have one size, so that there is no distance"
    over = f"{ratio.of_means:.2f} times over all images"
    if ratio.stronger == 1.0:
        return (
            f"the control {control} moves pixels at least {ratio.most:g} times as far as {title} in every image, {over}"
        )
    said = f"the control {control} moves pixels {ratio.value:.2f} times as far as {title} in an image"
    if ratio.stronger > 0.0:
        said += f" (in {ratio.stronger:.0%} of images {ratio.most:g} times or more, which counts as {ratio.most:g})"
    return f"{said}, {over}"
