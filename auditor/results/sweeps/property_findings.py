"""Findings about properties: every mean over images with its interval, and the word that may be said of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import numpy as np

from auditor.judgement import CheckResult, IntervalResult
from auditor.results.audit_result import Finding, Quantity, Subject, Verdict
from auditor.results.sweeps.property_judged import JudgedProperty
from auditor.results.sweeps.property_verdict import property_verdict
from auditor.statistics import Estimate, Interval
from auditor.statistics.sweeps import t_among_controls

NEVER_NEGATIVE = ("range", "gradient", "gradient_per_unit")
"""Numbers that cannot lie below 0, and whose intervals end there."""

AT_MOST_ONE = ("range", "net_change", "gradient")
"""Numbers of probabilities that lie between -1 and 1, and whose intervals end there."""

MEANS: tuple[tuple[Quantity, str, str], ...] = (
    ("net_change", "net_change", "last score less first, mean over images"),
    ("gradient", "per_step", "E|grad| per step, mean over images: the published score"),
    ("gradient_per_unit", "per_unit", "E|grad| on the real spacing of the points, mean over images"),
)
"""Quantity, what of the curves it is the mean of, and its sentence."""


def property_findings(judged: JudgedProperty, checks: Sequence[CheckResult]) -> tuple[Finding, ...]:
    """The findings about one model and one property; the verdict stands on the range."""
    confidence = judged.analysis.intervals.confidence
    verdict, sentence = property_verdict(judged, checks)
    if judged.n == 0:
        return (_finding(judged, "range", judged.score_unit, None, None, verdict=verdict, sentence=sentence),)
    span = judged.mean("span")
    found = [
        _finding(
            judged, "range", judged.score_unit, span.value, span.interval(confidence),
            verdict=verdict, sentence=sentence, margin=judged.analysis.margin.range,
            details={
                "points of a sweep": _points(judged),
                "variants of a sweep": judged.curves.scores.shape[1],
                "least effect": judged.analysis.min_effect,
                "total variation": judged.mean("total_variation").value,
            },
        )
    ]  # fmt: skip
    for quantity, name, said in MEANS:
        mean = judged.mean(name)
        unit = f"{judged.score_unit} per {judged.unit}" if quantity == "gradient_per_unit" else judged.score_unit
        found.append(_finding(judged, quantity, unit, mean.value, mean.interval(confidence), sentence=said))
    if judged.ratio is not None:
        found += _ratios(judged, confidence)
    if judged.flips is not None:
        share = judged.flips
        found.append(
            _finding(
                judged, "flips", "share", share.value, share.interval(confidence),
                sentence=_flips_of(judged), details=_where(judged),
            )
        )  # fmt: skip
    return tuple(found)


def _ratios(judged: JudgedProperty, confidence: float) -> list[Finding]:
    assert judged.ratio is not None and judged.log_scores is not None
    mean, tested = judged.ratio.mean_log, judged.tests.get("ratio")
    names = judged.analysis.controls
    by_control = {
        f"against {name}": math.exp(each.value) for name, each in zip(names, judged.ratio.by_control, strict=True)
    }
    found = [
        _finding(
            judged, "ratio", "times", judged.ratio.ratio, _raised(mean, confidence),
            sentence=f"E|grad| over that of the controls {', '.join(names)}, geometric mean over images",
            margin=judged.analysis.min_ratio,
            test=None if tested is None else (tested.p_value, tested.p_adjusted, "greater"),
            details=dict(by_control),
        )
    ]  # fmt: skip
    mine, theirs = judged.log_scores
    try:
        p_value = t_among_controls(mine, np.array(theirs))
    except ValueError:
        return found
    centre = sum(theirs) / len(theirs)
    half = _prediction_half(theirs, confidence)
    found.append(
        _finding(
            judged, "ratio_in_general", "times", math.exp(mine - centre),
            Interval(math.exp(mine - centre - half), _exp(mine - centre + half), confidence, "t over controls"),
            sentence=f"E|grad| over that of changes like the {len(theirs)} controls, which differ among themselves",
            test=(p_value, None, "greater"),
            details={"controls": len(theirs)},
        )
    )  # fmt: skip
    return found


def _prediction_half(logs: tuple[float, ...], confidence: float) -> float:
    """Half-width of where the mean log score of one more control is expected."""
    from scipy.special import stdtrit

    n = len(logs)
    mean = sum(logs) / n
    spread = math.sqrt(sum((each - mean) ** 2 for each in logs) / (n - 1))
    return float(stdtrit(n - 1, (1 + confidence) / 2)) * spread * math.sqrt(1 + 1 / n)


def _raised(mean_log: Estimate, confidence: float) -> Interval:
    """The interval of a mean log as one of a ratio."""
    found = mean_log.interval(confidence)
    return Interval(math.exp(found.low), _exp(found.high), confidence, f"{found.method} of logs")


def _exp(log: float) -> float:
    return math.exp(log) if log < 700 else math.inf


def _flips_of(judged: JudgedProperty) -> str:
    """What the share of flips is a share of: with clusters their shares are averaged, and n is their number."""
    if judged.clusters is None:
        return "share of images whose decision changes along the sweep"
    return "share of a cluster's images whose decision changes along the sweep, mean over clusters"


def _where(judged: JudgedProperty) -> dict[str, float | int | str | None]:
    """Where decisions change: the median place along the sweep."""
    first = judged.curves.first_flip
    if first is None:
        return {}
    places = [float(each) for each in first[judged.applies].reshape(-1) if math.isfinite(each)]
    return {f"median place of the first change, {judged.unit}": median(places)} if places else {}


def _points(judged: JudgedProperty) -> int | str:
    """Points of a sweep; of images with unequal numbers, the fewest and the most."""
    fewest, most = int(judged.curves.points.min()), int(judged.curves.points.max())
    return most if fewest == most else f"{fewest} to {most}"


def _finding(
    judged: JudgedProperty,
    quantity: Quantity,
    unit: str,
    estimate: float | None,
    interval: Interval | None,
    *,
    verdict: Verdict | None = None,
    sentence: str = "",
    margin: float | None = None,
    test: tuple[float, float | None, str] | None = None,
    details: dict[str, float | int | str | None] | None = None,
) -> Finding:
    ends = None
    if interval is not None and math.isfinite(interval.low) and math.isfinite(interval.high):
        most = 1.0 if unit == "probability" and quantity in AT_MOST_ONE else math.inf
        ends = IntervalResult(
            low=max(0.0 if quantity in NEVER_NEGATIVE else -most, interval.low),
            high=min(most, interval.high),
            confidence=interval.confidence,
            method=interval.method,
        )
    return Finding(
        analysis=judged.analysis.name,
        model=judged.model,
        subject=Subject(kind="property", name=judged.property),
        quantity=quantity,
        unit=unit,
        estimate=estimate,
        interval=ends,
        p_value=None if test is None else test[0],
        alternative=None if test is None else test[2],
        p_adjusted=None if test is None else test[1],
        margin=margin,
        n=judged.n,
        n_invalid=judged.n_invalid,
        verdict=verdict,
        sentence=sentence,
        details=details or {},
    )
