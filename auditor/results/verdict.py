"""The word that may be said of a model and a concept, and why."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.judgement import CheckResult
from auditor.results.audit_result import Verdict
from auditor.results.gating import gate_over
from auditor.results.judged import Judged
from auditor.results.side_effects import MAX_VANISHING, SideEffects

EXPLAINED = "explained by side effects"

CHANGES = {"presence": "putting it in", "count": "raising it"}
"""What a response is a response to, by the kind of concept."""


def verdict_of(judged: Judged, checks: Sequence[CheckResult]) -> tuple[Verdict, str]:
    """The word for the response, and why.

    A failed gate makes it `invalid`, and so does a reliance that side effects explain; an undecided gate makes it
    `inconclusive`, and so does a reliance from which side effects cannot be told apart.
    """
    gate = gate_over(checks, judged.analysis.name, judged.model, judged.concept)
    if gate.state == "fail":
        return "invalid", f"a gate failed: {gate.reasons[0]}"
    word, sentence = ungated_verdict(judged)
    side, confidence = judged.side_effects, judged.analysis.intervals.confidence
    if word == "relies" and side is not None and side.explains(confidence):
        return "invalid", explained_sentence(side, confidence)
    if gate.state == "inconclusive":
        return "inconclusive", f"a gate is undecided: {gate.reasons[0]}"
    if word == "relies" and side is not None and not side.told_apart:
        return "inconclusive", not_told_apart_sentence(side)
    return word, sentence


def explained_sentence(side: SideEffects, confidence: float) -> str:
    """Why a response is put down to side effects."""
    assert side.unmixed is not None
    if side.values is not None:
        return (
            f"{EXPLAINED}: without what exchanging its values does to the other concepts, no two values need move the "
            f"score differently (p {_p(side.values.p_none)}, all together)"
        )
    interval = side.unmixed.interval(confidence)
    return (
        f"{EXPLAINED}: without what the concept's changes do to the other concepts, the response is "
        f"{side.unmixed.value:.3f}, and its interval from {interval.low:.3f} to {interval.high:.3f} holds 0"
    )


def not_told_apart_sentence(side: SideEffects) -> str:
    """Why a response may be put down neither to the concept nor to side effects."""
    if side.vanishing > MAX_VANISHING:
        return (
            "side effects cannot be told apart from the response: changing the concept changes how many values of "
            f"another category pictures show by {side.vanishing:.2f} on average, above {MAX_VANISHING:g}, and no "
            "exchange of values says what a picture without any is worth"
        )
    return (
        "side effects cannot be told apart from the response: the condition number of the detector's mean changes is "
        f"{side.condition_number:.3g}, above {side.max_condition:g}"
    )


def is_significant(judged: Judged) -> bool:
    """Whether the response is tested, more than chance explains, and its interval leaves out 0."""
    tested = judged.tests.get("response")
    interval = judged.reliance.response.mean.interval(judged.analysis.intervals.confidence)
    return (
        tested is not None
        and judged.alpha is not None
        and tested.p_adjusted <= judged.alpha
        and not interval.low <= 0 <= interval.high
    )


def is_inside(judged: Judged) -> bool:
    """Whether the limits of the response, mean and systematic, lie inside the declared margin."""
    response, margin = judged.reliance.response, judged.analysis.margin.response
    if margin is None:
        return False
    confidence = judged.analysis.intervals.confidence
    mean = response.mean
    inside = -margin <= mean.lower(confidence) <= mean.upper(confidence) <= margin
    return inside and response.systematic_upper(confidence) <= margin


def ungated_verdict(judged: Judged) -> tuple[Verdict, str]:
    """The word that the response alone allows.

    Limits inside the declared margin say `does_not_rely`, also where a small response is significant: the margin
    says what counts as none. Otherwise a significant response whose interval leaves out 0 says `relies`.
    """
    response, margin = judged.reliance.response, judged.analysis.margin.response
    upper = response.systematic_upper(judged.analysis.intervals.confidence)
    significant = is_significant(judged)
    if is_inside(judged):
        if judged.too_few is not None:
            return "inconclusive", f"{judged.too_few}, so the response may not be called absent"
        beside = ", although a smaller response is detectable" if significant else ""
        return "does_not_rely", (
            f"the response is at most {upper:.3f} with confidence {judged.analysis.intervals.confidence:g}, "
            f"inside the declared margin of {margin:g}{beside}"
        )
    if significant:
        way = "up" if response.mean.value > 0 else "down"
        done = CHANGES.get(judged.reliance.kind, "exchanging a value for one declared after it")
        return "relies", (
            f"{done} moves the score {way} by {abs(response.mean.value):.1%} of the ranks "
            f"(adjusted p {_p(judged.tests['response'].p_adjusted)})"
        )
    if judged.alpha is None:
        return "inconclusive", "no significance check is declared, so nothing is called reliance"
    if margin is None:
        return "inconclusive", (
            "the response is not significant, and no margin is declared below which it counts as none"
        )
    return "inconclusive", f"the rows allow a response up to {upper:.3f}, and the declared margin is {margin:g}"


def importance_sentence(judged: Judged) -> str:
    """What performance loses, and whether it may be said to depend on the concept."""
    importance, side = judged.reliance.importance, judged.side_effects
    interval = importance.estimate.interval(judged.analysis.intervals.confidence)
    tested = judged.tests.get("importance")
    text = (
        f"dealing the concept out again among the rows takes {judged.analysis.metric} from {importance.factual:.3f} "
        f"to {importance.expected:.3f}"
    )
    if tested is None or judged.alpha is None or tested.p_adjusted > judged.alpha or interval.low <= 0:
        return text
    if side is not None and side.spill is not None and interval.low <= side.spill:
        return f"{text}, {spill_text(side)}"
    return f"performance depends on it: {text}"


def spill_text(side: SideEffects) -> str:
    """How much importance side effects alone may bring."""
    if side.spill is None:
        return "and how much of that side effects bring is not known"
    if side.spill == float("inf"):
        return "all of which side effects may bring: permuting another concept costs its own detector nothing"
    return f"of which side effects on the other concepts may bring {side.spill:.3f}"


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"
