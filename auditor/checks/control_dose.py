"""The gate that every comparison with controls has: are they as strong as the property?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from auditor.analyses import GradientEstimates, PropertyGradient
from auditor.checks.outcome import judged_part, listed_parts, worst_state
from auditor.judgement import CheckPart, CheckResult
from auditor.statistics.sweeps import SkewedMean, apparent_ratio, dose_ratios

CONFIDENCE: Final = 0.95
"""One-sided confidence of the gate; chosen, as that of all gates."""

KIND: Final = "control_dose"

APPARENT: Final = "without preference"
"""What the part about the apparent ratio is called."""

HARDLY: Final = 0.05
"""Below this share of the mean dose an image is hardly changed; above this share of such images the gate says so."""


def control_dose(analysis: PropertyGradient, estimates: GradientEstimates) -> CheckResult | None:
    """The dose of each control beside that of each property; None without controls.

    A dose is the mean distance of the frames from the first one, in pixel values. A control of .8 of the property's
    dose makes an unbiased model look biased in nearly every audit that asks for no least ratio (statistics, section 8).
    Judged on the images of the claim, those that the property changes: each control has to be as strong as declared
    over all of them, and an image without a distance, since its frames differ in size, leaves that open; and what a
    model may seem to follow that follows nothing but how strong changes are, the apparent ratio, may lie no higher than
    what is claimed, so that strong controls in some images make up for weak ones in others only where that accuses
    nobody.
    """
    if not analysis.controls:
        return None
    parts: list[CheckPart] = []
    strengths: list[float] = []
    hardly: list[str] = []
    idle: list[str] = []
    for name in analysis.interventions:
        mine = estimates.doses(name)
        applies = estimates.applies(name)
        title = estimates.sweeps[name].property
        theirs = np.stack([estimates.doses(control) for control in analysis.controls], axis=1)
        known = applies & np.isfinite(mine) & np.isfinite(theirs).all(axis=1)
        unknown = int(applies.sum() - known.sum())
        clusters = None if estimates.clusters is None else estimates.clusters[known]
        ratios: Sequence[SkewedMean | None] = (None,) * len(analysis.controls)
        apparent: SkewedMean | None = None
        if known.any() and not unknown:
            ratios = dose_ratios(mine[known], theirs[known], clusters)
            apparent = apparent_ratio(mine[known], theirs[known], clusters)
            strengths += [ratio.value for ratio in ratios if ratio is not None]
            share = float((mine[known] < HARDLY * mine[known].mean()).mean())
            hardly += [f"{title} hardly changes {share:.0%} of images"] if share > HARDLY else []
        still = (theirs[known] <= 0.0).sum(axis=0)
        idle += [
            f"the control {control} changes nothing in {count} of {int(known.sum())} images"
            for control, count in zip(analysis.controls, still.tolist(), strict=True)
            if count
        ]
        for control, ratio in zip(analysis.controls, ratios, strict=True):
            parts.append(
                judged_part(
                    f"{title}: {control}", "dose of control / dose of property", ratio, CONFIDENCE,
                    (analysis.min_dose_ratio, None), _said(control, title, ratio, bool(applies.any()), unknown),
                    concept=title,
                )
            )  # fmt: skip
        if apparent is not None:
            parts.append(
                judged_part(
                    f"{title}: {APPARENT}", "ratio to the controls of a model without preference", apparent, CONFIDENCE,
                    (None, most_apparent(analysis)), _seems(title, apparent), concept=title,
                )
            )  # fmt: skip
    state = worst_state(parts)
    sentence = (
        f"every control is at least {analysis.min_dose_ratio:g} times as strong as its property, and what follows "
        f"nothing but how far pixels move would seem to follow it at most {most_apparent(analysis):.3g} times as far"
        if state == "pass"
        else listed_parts("controls are too weak, or that is not known", parts)
    )
    if hardly:
        sentence += (
            f"; {' and '.join(hardly)}, less than {HARDLY:g} of its mean dose: they stay in the comparison and make it "
            "find less; choose rows in which there is something to change"
        )
    if idle:
        idle = list(dict.fromkeys(idle))
        sentence += f"; {' and '.join(idle)}: leave such pictures out, since no strength makes up for them"
    return CheckResult(
        kind=KIND,
        of=analysis.name,
        state=state,
        measured=min(strengths, default=None),
        threshold=analysis.min_dose_ratio,
        sentence=sentence,
        parts=tuple(parts),
    )


def most_apparent(analysis: PropertyGradient) -> float:
    """The largest apparent ratio that is no objection: what is claimed, or what the declared dose ratio allows."""
    return max(analysis.min_ratio, 1.0 / analysis.min_dose_ratio)


def _said(control: str, title: str, ratio: SkewedMean | None, changes: bool, unknown: int) -> str:
    """The sentence of one control.

    Args:
        control: its name.
        title: the property.
        ratio: of their doses, or None.
        changes: whether the property changes a pixel of any image.
        unknown: images of the claim without a distance.
    """
    if not changes:
        return f"{title} changes no pixel of any image, so that there is nothing to compare {control} with"
    if ratio is None:
        return (
            f"frames of {unknown} image{'s' * (unknown != 1)} differ in size within a sweep, so that it is not known "
            f"how far {title} and {control} move pixels"
        )
    return f"the control {control} moves pixels {ratio.value:.2f} times as far as {title} does, over all images"


def _seems(title: str, apparent: SkewedMean) -> str:
    """The sentence of the bound."""
    return (
        f"a model that follows nothing but how far pixels move would seem to follow {title} up to {apparent.value:.2f} "
        "times as far as the controls"
    )
