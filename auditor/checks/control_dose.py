"""The gate that every comparison with controls has: are they as strong as the property?"""

from __future__ import annotations

from typing import Final

import numpy as np

from auditor.analyses import GradientEstimates, PropertyGradient
from auditor.checks.outcome import judged_part, listed_parts, worst_state
from auditor.judgement import CheckPart, CheckResult
from auditor.statistics.sweeps import dose_ratios

CONFIDENCE: Final = 0.95
"""One-sided confidence of the gate; chosen, as that of all gates."""

KIND: Final = "control_dose"


def control_dose(analysis: PropertyGradient, estimates: GradientEstimates) -> CheckResult | None:
    """The dose of each control beside that of each property; None without controls.

    A dose is the mean distance of the frames from the first one, in pixel values. A control of .8 of the property's
    dose makes an unbiased model look biased in nearly every audit that asks for no least ratio (statistics, section 8).
    """
    if not analysis.controls:
        return None
    parts: list[CheckPart] = []
    for name in analysis.interventions:
        mine = estimates.doses(name)
        applies = mine > 0.0
        title = estimates.sweeps[name].property
        theirs = np.stack([estimates.doses(control) for control in analysis.controls], axis=1)
        known = applies & np.isfinite(theirs).all(axis=1)
        clusters = None if estimates.clusters is None else estimates.clusters[known]
        ratios = dose_ratios(mine[known], theirs[known], clusters) if known.any() else (None,) * len(analysis.controls)
        for control, ratio in zip(analysis.controls, ratios, strict=True):
            said = (
                "no two frames of a sweep have one size, so that there is no distance"
                if ratio is None
                else f"the control {control} moves pixels {ratio.value:.2f} times as far as {title} does"
            )
            parts.append(
                judged_part(
                    f"{title}: {control}", "dose of control / dose of property", ratio, CONFIDENCE,
                    (analysis.min_dose_ratio, None), said, concept=title,
                )
            )  # fmt: skip
    state = worst_state(parts)
    measured = [part.measured for part in parts if part.measured is not None]
    return CheckResult(
        kind=KIND,
        of=analysis.name,
        state=state,
        measured=min(measured, default=None),
        threshold=analysis.min_dose_ratio,
        sentence=f"every control is at least {analysis.min_dose_ratio:g} times as strong as its property"
        if state == "pass"
        else listed_parts("controls are too weak, or that is not known", parts),
        parts=tuple(parts),
    )
