"""Findings: every number with its interval, and the word that may be said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from auditor.analyses import ConceptReliance, PermutationImportance, RelianceEstimates
from auditor.checks import Tested
from auditor.judgement import CheckResult, IntervalResult
from auditor.results.audit_result import Finding, Quantity, Subject, Verdict
from auditor.results.gating import gate_over
from auditor.statistics import Interval

FEW_ROWS: Final = 5.0
"""Below so many expected rows in a cell of label and value, nothing is ever called absent."""

MAX_DROPPED: Final = 0.05
"""Above this share of rows without a valid picture, nothing is ever called absent: failure to
generate may depend on the concept."""

ONE_DRAW: Final = "one draw of noise: an upper bound only, since it holds the noise too"


@dataclass(frozen=True)
class Judged:
    """One model and one concept, ready to be judged.

    Attributes:
        analysis: the analysis.
        model, concept: their names.
        reliance: the estimates.
        tests: tested p-values by quantity; empty without a significance check.
        alpha: level of the adjusted p-values, None without a significance check.
        dropped: share of rows left out as invalid.
        n_invalid: how many.
    """

    analysis: PermutationImportance
    model: str
    concept: str
    reliance: ConceptReliance
    tests: Mapping[str, Tested]
    alpha: float | None
    dropped: float
    n_invalid: int

    @property
    def too_few(self) -> str | None:
        """Why nothing may be called absent, or None."""
        if self.reliance.importance.smallest_cell < FEW_ROWS:
            return f"few rows: a label and value meet in {self.reliance.importance.smallest_cell:.1f} expected rows"
        if self.reliance.importance.share_changed == 0.0:
            return "few rows: all that have valid pictures have one value of the concept"
        if self.dropped > MAX_DROPPED:
            return f"{self.dropped:.0%} of rows have no valid picture"
        return None


def findings_of(judged: Judged, checks: Sequence[CheckResult]) -> tuple[Finding, ...]:
    """The four findings about one model and one concept; the verdict stands on the response."""
    confidence = judged.analysis.intervals.confidence
    importance, response, flips = judged.reliance.importance, judged.reliance.response, judged.reliance.flips
    verdict, sentence = _verdict(judged, checks)
    metric = judged.analysis.metric
    one_sided = (1 + confidence) / 2
    details: dict[str, float | int | str | None] = {
        f"{metric} as is": importance.factual,
        f"{metric} permuted": importance.expected,
        "expectation": importance.expectation,
        "permutations": importance.permutations,
        "Monte-Carlo standard error": importance.monte_carlo_se,
        "share of rows changed": importance.share_changed,
        "largest possible": importance.largest_possible,
        "smallest expected cell": importance.smallest_cell,
        "noise SD": importance.noise_sd,
    }
    return (
        _finding(
            judged, "response", "rank", response.mean.value, response.mean.interval(confidence),
            test="response", verdict=verdict, sentence=sentence,
            details={"standard deviation over rows": float(response.per_row.std(ddof=1))},
        ),
        _finding(
            judged, "systematic_response", "rank", response.systematic,
            Interval(
                response.systematic_lower(one_sided), response.systematic_upper(one_sided), confidence,
                "t over rows, root",
            ),
            sentence="" if response.draws > 1 else ONE_DRAW,
            details={"draws": response.draws},
        ),
        _finding(
            judged, "importance", metric, importance.importance, importance.estimate.interval(confidence),
            test="importance", sentence=_importance_sentence(judged), details=details,
        ),
        _finding(
            judged, "flips", "share", flips.share.value, flips.share.interval(confidence),
            details={"share changed by new noise alone": flips.renoise_share},
        ),
    )  # fmt: skip


def _finding(
    judged: Judged,
    quantity: Quantity,
    unit: str,
    estimate: float,
    interval: Interval,
    *,
    test: str | None = None,
    verdict: Verdict | None = None,
    sentence: str = "",
    details: dict[str, float | int | str | None],
) -> Finding:
    tested = judged.tests.get(test) if test else None
    return Finding(
        analysis=judged.analysis.name,
        model=judged.model,
        subject=Subject(kind="concept", name=judged.concept),
        quantity=quantity,
        unit=unit,
        estimate=estimate,
        interval=IntervalResult(
            low=interval.low, high=interval.high, confidence=interval.confidence, method=interval.method
        ),
        p_value=tested.p_value if tested else None,
        alternative=tested.alternative if tested else None,
        p_adjusted=tested.p_adjusted if tested else None,
        margin=_margin(judged.analysis, quantity),
        n=judged.reliance.response.n,
        n_invalid=judged.n_invalid,
        verdict=verdict,
        sentence=sentence,
        details=details,
    )


def _margin(analysis: PermutationImportance, quantity: str) -> float | None:
    margin = analysis.margin
    return {"response": margin.response, "systematic_response": margin.response, "importance": margin.importance}.get(
        quantity
    )


def _verdict(judged: Judged, checks: Sequence[CheckResult]) -> tuple[Verdict, str]:
    """The word for the response, and why.

    A failed gate makes it `invalid`, an undecided one `inconclusive`. Limits inside the declared
    margin say `does_not_rely`, also where a small response is significant: the margin says what
    counts as none. Otherwise a significant response whose interval leaves out 0 says `relies`.
    """
    gate = gate_over(checks, judged.analysis.name, judged.model, judged.concept)
    if gate.state == "fail":
        return "invalid", f"a gate failed: {gate.reasons[0]}"
    if gate.state == "inconclusive":
        return "inconclusive", f"a gate is undecided: {gate.reasons[0]}"
    response, margin = judged.reliance.response, judged.analysis.margin.response
    confidence = judged.analysis.intervals.confidence
    interval = response.mean.interval(confidence)
    tested = judged.tests.get("response")
    significant = (
        tested is not None
        and judged.alpha is not None
        and tested.p_adjusted <= judged.alpha
        and not interval.low <= 0 <= interval.high
    )
    if margin is not None:
        upper = response.systematic_upper(confidence)
        inside = (
            upper <= margin and -margin <= response.mean.lower(confidence) <= response.mean.upper(confidence) <= margin
        )
        if inside and judged.too_few is None:
            beside = ", although a smaller response is detectable" if significant else ""
            return (
                "does_not_rely",
                f"the response is at most {upper:.3f} with confidence {confidence:g}, "
                f"inside the declared margin of {margin:g}{beside}",
            )
        if inside:
            return "inconclusive", f"{judged.too_few}, so the response may not be called absent"
    if significant and tested is not None:
        way = "up" if response.mean.value > 0 else "down"
        return (
            "relies",
            f"putting it in moves the score {way} by {abs(response.mean.value):.1%} of the ranks "
            f"(adjusted p {_p(tested.p_adjusted)})",
        )
    if judged.alpha is None:
        return "inconclusive", "no significance check is declared, so nothing is called reliance"
    if margin is None:
        return (
            "inconclusive",
            "the response is not significant, and no margin is declared below which it counts as none",
        )
    return "inconclusive", (
        f"the rows allow a response up to {response.systematic_upper(confidence):.3f}, "
        f"and the declared margin is {margin:g}"
    )


def _importance_sentence(judged: Judged) -> str:
    importance = judged.reliance.importance
    interval = importance.estimate.interval(judged.analysis.intervals.confidence)
    tested = judged.tests.get("importance")
    text = (
        f"dealing the concept out again among the rows takes {judged.analysis.metric} from {importance.factual:.3f} "
        f"to {importance.expected:.3f}"
    )
    if tested is not None and judged.alpha is not None and tested.p_adjusted <= judged.alpha and interval.low > 0:
        return f"performance depends on it: {text}"
    return text


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"


def judged_of(
    analysis: PermutationImportance,
    estimates: RelianceEstimates,
    tests: Mapping[tuple[str, str, str], Tested],
    alpha: float | None,
) -> tuple[Judged, ...]:
    """Every model and concept of an analysis, in declared order."""
    invalid = int((~estimates.valid).sum())
    return tuple(
        Judged(
            analysis=analysis,
            model=model,
            concept=concept,
            reliance=reliance,
            tests={
                quantity: tests[model, concept, quantity]
                for quantity in ("response", "importance")
                if (model, concept, quantity) in tests
            },
            alpha=alpha,
            dropped=invalid / len(estimates.valid),
            n_invalid=invalid,
        )
        for (model, concept), reliance in estimates.concepts.items()
    )
