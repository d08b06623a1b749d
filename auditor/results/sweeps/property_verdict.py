"""The word that may be said of a model and a property, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from auditor.judgement import CheckResult
from auditor.results.audit_result import Verdict
from auditor.results.gating import gate_over
from auditor.results.sweeps.property_judged import JudgedProperty

OF_COMPARISONS: Final = ("control_dose",)
"""Gates over comparisons with controls, and over nothing else."""

STRONG: Final = 1.5
"""Controls of so many times the property's dose are said to hide what there may be; chosen."""


MOST_LOG: Final = 50.0
"""The logarithm of a ratio that is no longer worth writing out."""


def property_verdict(judged: JudgedProperty, checks: Sequence[CheckResult]) -> tuple[Verdict, str]:
    """The word for the range, and why.

    A failed gate makes it `invalid`, an undecided one `inconclusive`; sweeps that are compared with nothing are
    `descriptive`. How strong controls are bears on comparisons with them alone: a range inside the declared margin
    is so whatever they are.
    """
    if judged.n == 0:
        return "invalid", "the intervention changes no pixel of any image"
    word, sentence = ungated(judged)
    without = OF_COMPARISONS if _inside_margin(judged) else ()
    gate = gate_over(checks, judged.analysis.name, judged.model, judged.property, without)
    if gate.state == "fail":
        return "invalid", f"a gate failed: {gate.reasons[0]}"
    if gate.state == "inconclusive":
        return "inconclusive", f"a gate is undecided: {gate.reasons[0]}"
    return word, sentence


def _inside_margin(judged: JudgedProperty) -> bool:
    """Whether the mean range lies inside the declared margin, whatever controls do."""
    margin = judged.analysis.margin.range
    return margin is not None and judged.mean("span").upper(judged.analysis.intervals.confidence) <= margin


def ungated(judged: JudgedProperty) -> tuple[Verdict, str]:
    """The word that the numbers alone allow.

    A mean range whose upper limit lies inside the declared margin says `does_not_rely`. Otherwise `relies` needs three
    things: the ratio to the controls is significantly above the least ratio, its interval lies above it, and the mean
    range reaches the least effect.
    """
    analysis, confidence = judged.analysis, judged.analysis.intervals.confidence
    span, margin = judged.mean("span"), judged.analysis.margin.range
    upper = span.upper(confidence)
    if _inside_margin(judged):
        if judged.too_few is not None:
            return "inconclusive", f"{judged.too_few}, so the move may not be called absent"
        return "does_not_rely", (
            f"the score moves by at most {upper:.3f} on average, with confidence {confidence:g}, inside the declared "
            f"margin of {margin:g}"
        )
    if judged.ratio is None:
        if margin is None:
            return "descriptive", "no controls are declared, so there is nothing to compare the moves with"
        return "inconclusive", f"the images allow a mean range up to {upper:.3f}, and the declared margin is {margin:g}"
    return _against_controls(judged, span.value, analysis.min_ratio, confidence)


def _against_controls(judged: JudgedProperty, span: float, least: float, confidence: float) -> tuple[Verdict, str]:
    assert judged.ratio is not None
    interval, tested = judged.ratio.mean_log.interval(confidence), judged.tests.get("ratio")
    net = judged.mean("net_change").value
    times = f"{judged.ratio.ratio:.2f} times as far as along the controls"
    if tested is None or judged.alpha is None:
        return "inconclusive", f"the score moves {times}, but no significance check is declared"
    if tested.p_adjusted <= judged.alpha and interval.low > math.log(least):
        if span < judged.analysis.min_effect:
            return "inconclusive", (
                f"the score moves {times}, but by {span:.3f} on average, below the least effect of "
                f"{judged.analysis.min_effect:g}"
            )
        return "relies", (
            f"the score moves by {span:.3f} on average (last less first: {net:+.3f}), {times} "
            f"({_ratio(interval.low)} to {_ratio(interval.high)}; adjusted p that it is at most {least:g} "
            f"times: {_p(tested.p_adjusted)})"
        )
    return "inconclusive", (
        f"the score moves {times} ({_ratio(interval.low)} to {_ratio(interval.high)}), which is not "
        f"significantly above {least:g} times{_strong(judged)}"
    )


def _strong(judged: JudgedProperty) -> str:
    """That controls are so strong that a reliance may hide behind them; empty where one of them is not."""
    low, high = min(judged.doses, default=0.0), max(judged.doses, default=0.0)
    if not low >= STRONG:
        return ""
    return (
        f"; the controls move pixels {low:.1f} to {high:.1f} times as far as {judged.property} does, and weaker ones "
        "would show more"
    )


def _ratio(log: float) -> str:
    return f"{math.exp(log):.2f}" if log < MOST_LOG else "any number"


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"
